#include "simulation/ledger.hpp"

#include <algorithm>

namespace fhirscope::simulation {

std::size_t Ledger::Resource::before(VirtualTime time) const {
    return static_cast<std::size_t>(std::count_if(
        commits.begin(), commits.end(), [&](const Commit& commit) { return commit.at < time; }));
}

Ledger::Ledger(const server::World& server) {
    for (const auto& type : server.store.types())
        for (const auto& version : server.store.all(type)) add(*version, Fanout::NotBound, VirtualTime(-1));
}

void Ledger::add(const server::Version& version, Fanout fanout, VirtualTime now) {
    if (!is_subscribed(version.type)) return;
    Resource& resource = resources_[version.reference()];
    number_[version.version_id] = resource.commits.size();
    // Several writers commit a little out of order, within the overlap of searches (PROTOCOL A13).
    const bool backdated = version.last_updated + std::chrono::milliseconds(2'900) < newest_;
    newest_ = std::max(newest_, version.last_updated);
    resource.commits.push_back({version.version_id, version.last_updated, now, version.deleted(),
                                fanout == Fanout::NotBound && !hidden_, backdated});
}

void Ledger::set_hidden(bool hidden) {
    hidden_ = hidden;
    for (auto& [reference, resource] : resources_)
        for (Commit& commit : resource.commits) commit.owed = false;
}

void Ledger::on_commit(const server::Commit& commit, Fanout fanout, VirtualTime now) {
    add(*commit.current, fanout, now);
}

void Ledger::on_lost_in_flight(const std::string& reference, const std::string& version_id) {
    const auto resource = resources_.find(reference);
    const auto number = number_.find(version_id);
    if (!hidden_ && resource != resources_.end() && number != number_.end())
        resource->second.commits[number->second].owed = true;
}

void Ledger::on_change(const engine::Change& change,
                       const std::function<void(std::string_view, std::string)>& complain) {
    const std::string& reference = change.after->reference;
    const auto known = resources_.find(reference);
    if (known == resources_.end())
        return complain("shown-is-the-servers", reference + " is shown, which the server never had");
    Resource& resource = known->second;
    if (!change.after->resource()) {
        // A deletion has no version: the first one behind what was shown, if there is one, explains it.
        for (std::size_t i = resource.shown; i < resource.commits.size(); ++i) {
            if (!resource.commits[i].deleted) continue;
            resource.shown = i + 1;
            resource.shown_deleted = true;
            return;
        }
        return complain("shown-is-the-servers", reference + " is shown as deleted, which the server did not do");
    }
    const std::string version(change.after->current().version_id());
    const auto number = number_.find(version);
    if (number == number_.end() || number->second >= resource.commits.size() ||
        resource.commits[number->second].version_id != version)
        return complain("shown-is-the-servers",
                        reference + " is shown with version " + version + ", which the server never committed");
    const std::size_t now = number->second + 1;
    if (now == resource.shown && !resource.shown_deleted)
        return complain("duplicates-change-nothing",
                        reference + ": version " + version + " was shown already and is announced as a change");
    if (now <= resource.shown) {
        // Of versions that share their millisecond, or whose times run backward, only the server knows the order.
        const auto before = resource.commits[resource.shown - 1];
        const bool unordered =
            !resource.shown_deleted && before.last_updated <= resource.commits[number->second].last_updated;
        if (!unordered)
            return complain("shown-never-goes-back", reference + ": commit " + std::to_string(now) +
                                                         " is shown after commit " + std::to_string(resource.shown) +
                                                         (resource.shown_deleted ? ", the deletion" : ""));
    }
    resource.shown = now;
    resource.shown_deleted = false;
}

} // namespace fhirscope::simulation
