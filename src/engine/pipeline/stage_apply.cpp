// Stage 4: the store changes, by a new record in place of the old one.

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/contents.hpp"
#include "fhir/diff.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

VersionPtr make_version(const State& s, const Work& work, std::vector<std::string> changed) {
    const Update& update = work.update;
    auto version = std::make_shared<Version>();
    if (!update.deleted) {
        version->resource = update.resource;
        version->id_hash = work.id_hash;
        version->last_updated = update.resource->last_updated();
    } else {
        version->last_updated = update.deleted_at;
    }
    version->received = update.received;
    version->channel = update.channel;
    version->subscription = update.subscription;
    version->update = s.journal->updates.end();
    version->delivered = update.channel == Channel::Socket;
    version->changed = std::move(changed);
    return version;
}

// Puts a version that is not the newest at its place by time; where the time ties with the shown one, before it.
void insert_by_time(std::vector<VersionPtr>& history, VersionPtr version) {
    auto place = history.end() - 1;
    while (place != history.begin() && (*(place - 1))->last_updated > version->last_updated) --place;
    history.insert(place, std::move(version));
}

// A version that a search had brought has now come by the socket, too.
void mark_delivered(State& s, const Work& work) {
    const Update& update = work.update;
    const Record& known = s.stores.at(*work.position);
    const auto is_it = [&](const VersionPtr& v) { return is_same(s, *v, *update.resource); };
    const auto held = std::find_if(known.history.begin(), known.history.end(), is_it);
    if (held == known.history.end() || (*held)->delivered) return;
    Record record = known;
    auto version = std::make_shared<Version>(**held);
    version->delivered = true;
    version->subscription = update.subscription;
    record.history[static_cast<std::size_t>(held - known.history.begin())] = std::move(version);
    s.stores.put(work.position, std::move(record), nullptr);
}

// The version that is shown, from an answer that says more of it: its id or its time, where what is held lacks them.
void complete(State& s, const Update& update, Stores::Position position, const RowPtr& row) {
    const fhir::Resource& held = *s.stores.at(position).resource();
    const bool says_more = (held.version_id().empty() && !update.resource->version_id().empty()) ||
                           (!held.last_updated() && update.resource->last_updated());
    if (says_more) s.stores.fill(position, update.resource, row);
}

} // namespace

void apply(State& s, Work& work) {
    if (!work.becomes_current && !work.goes_into_history && !work.probe && work.outcome != Outcome::Duplicate) return;
    const Update& update = work.update;
    if (!work.becomes_current && !work.goes_into_history) {
        if (!work.position) return;
        // A read that was to settle a repeated version has confirmed the deletion.
        if (update.deleted && !s.stores.at(*work.position).resource())
            s.stores.set_standing(*work.position, Standing::Deleted);
        if (work.outcome == Outcome::Duplicate && update.channel == Channel::Socket && !update.deleted)
            mark_delivered(s, work);
        take_content(s, update, *work.position, work.row);
        // The same version again: the server has confirmed it, unless it may be a delete.
        const Record& known = s.stores.at(*work.position);
        const bool is_shown = !update.deleted && is_same(s, known.current(), *update.resource);
        if (is_shown && work.outcome == Outcome::Duplicate) complete(s, update, *work.position, work.row);
        if (work.probe)
            s.stores.set_standing(*work.position, Standing::Checking);
        else if (is_shown && (known.standing != Standing::Checking || update.channel != Channel::Socket))
            s.stores.confirm(*work.position, s.now,
                             update.channel == Channel::Socket ? Stores::Word::Message : Stores::Word::Answer);
        return;
    }

    Record record;
    VersionPtr added;
    if (work.position) {
        const Record& known = s.stores.at(*work.position);
        record.history.reserve(known.history.size() + 1);
        record = known;
    } else
        record.reference = update.reference;
    ++record.versions_seen;

    if (work.goes_into_history) {
        added = make_version(s, work, {});
        insert_by_time(record.history, added);
        if (work.probe || work.racing) record.standing = Standing::Checking;
    } else {
        if (update.deleted && !record.history.empty() && !update.deleted_at) {
            // A 410 does not say when: at the earliest right after what was shown.
            work.update.deleted_at = record.current().last_updated;
        }
        auto held = std::find_if(record.history.begin(), record.history.end(), [&](const VersionPtr& v) {
            return !update.deleted && is_same(s, *v, *update.resource);
        });
        if (held != record.history.end()) { // a tie settled by a read
            std::rotate(held, held + 1, record.history.end());
        } else {
            added = make_version(s, work, work.changed);
            record.history.push_back(added);
        }
        record.row = update.deleted ? nullptr : work.row;
        record.changed_cells = work.changed_cells;
        record.changed_at = s.now;
        record.server_side = nullptr;
        record.standing = update.deleted              ? Standing::Deleted
                          : work.probe || work.racing ? Standing::Checking
                                                      : Standing::Current;
        if (update.channel == Channel::Cache) { // nobody but the last session says so
            record.standing = Standing::Unconfirmed;
            record.confirmed_at = update.asked;
        }
    }
    if (!work.probe && !work.racing && update.channel != Channel::Cache) {
        record.confirmed_at = s.now;
        if (update.channel != Channel::Socket) record.compared_at = s.now;
    }
    work.position = s.stores.put(work.position, std::move(record), added.get());
}

} // namespace fhirscope::engine
