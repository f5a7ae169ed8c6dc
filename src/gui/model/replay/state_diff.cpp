#include "gui/model/replay/state_diff.hpp"

#include "fhir/diff.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/worker.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace fhirscope::gui {

namespace {

using engine::Record;

// The field of the resource itself in which a path begins: "name" of "name[0].given".
std::string_view member_in(std::string_view path) { return path.substr(0, path.find_first_of(".[")); }

bool says_only_when(std::string_view path) { return member_in(path) == "meta"; }

class Differences {
public:
    Differences(const engine::Snapshot& here, const engine::Snapshot& there)
        : here_(here), there_(there), later_there_(there.at >= here.at) {}

    void compare(const Record* here, const Record* there) {
        const fhir::ResourcePtr a = here != nullptr ? shown_resource(*here) : nullptr;
        const fhir::ResourcePtr b = there != nullptr ? shown_resource(*there) : nullptr;
        if (!a && !b) return;
        ++diff_.compared;
        std::vector<StateRow> rows;
        if (!a || !b) {
            rows.push_back({.kind = a ? StateRow::Kind::Removed : StateRow::Kind::Added});
        } else if (here->key_only() || there->key_only()) { // of a content that was given up the version is known
            if (a->version_id() != b->version_id())
                rows.push_back({.path = "meta.versionId",
                                .here = std::string(a->version_id()),
                                .there = std::string(b->version_id())});
        } else if (a->text() != b->text()) {
            for (fhir::FieldChange& change : fhir::diff(*a, *b))
                if (!says_only_when(change.path))
                    rows.push_back({.path = std::move(change.path),
                                    .here = std::move(change.before),
                                    .there = std::move(change.after)});
        }
        if (rows.empty()) return;
        const Record& any = here != nullptr ? *here : *there;
        const std::string person = person_of(there != nullptr ? there_ : here_, any.reference);
        const Record* later = later_there_ ? there : here;
        for (StateRow& row : rows) {
            row.reference = any.reference;
            row.person = person;
            if (later != nullptr) row.at = changed_at(*later, member_in(row.path));
        }
        std::ranges::stable_sort(rows, {}, [](const StateRow& row) { return row.at.value_or(LocalTime::max()); });
        ++diff_.resources;
        groups_.push_back(std::move(rows));
    }

    StateDiff finish() {
        std::ranges::stable_sort(groups_, {},
                                 [](const auto& rows) { return rows.front().at.value_or(LocalTime::max()); });
        for (std::vector<StateRow>& rows : groups_) {
            for (StateRow& row : rows)
                if (diff_.rows.size() < StateDiff::most_rows)
                    diff_.rows.push_back(std::move(row));
                else
                    ++diff_.left_out;
        }
        return std::move(diff_);
    }

private:
    // `member` "": of the resource as a whole.
    std::optional<LocalTime> changed_at(const Record& later, std::string_view member) const {
        const LocalTime earlier = std::min(here_.at, there_.at);
        const bool gone = member.empty() && later.resource() == nullptr;
        for (const engine::VersionPtr& version : later.history) {
            const bool changes = gone             ? version->resource == nullptr
                                 : member.empty() ? version->resource != nullptr
                                                  : std::ranges::count(version->changed, member) > 0;
            if (version->received > earlier && changes) return version->received;
        }
        return std::nullopt;
    }

    const engine::Snapshot& here_;
    const engine::Snapshot& there_;
    bool later_there_;
    StateDiff diff_;
    std::vector<std::vector<StateRow>> groups_; // of a resource each
};

const engine::StoreView* store_of(const engine::Snapshot& snapshot, std::string_view type) {
    const auto at = std::ranges::find(snapshot.stores, type, &engine::StoreView::type);
    return at == snapshot.stores.end() ? nullptr : &*at;
}

} // namespace

StateDiff state_diff(const engine::Snapshot& here, const engine::Snapshot& there, const std::stop_token& stop) {
    constexpr std::size_t block = 256;
    Differences differences(here, there);
    for (const engine::StoreView& store : there.stores) {
        const engine::StoreView* mine = store_of(here, store.type);
        // Mostly a resource has the same place in both; a place may have been taken by another one since.
        std::unordered_map<std::string_view, const Record*> moved;
        for (std::size_t i = 0; mine != nullptr && i < mine->records.size(); ++i)
            if (i >= store.records.size() || store.records[i]->reference != mine->records[i]->reference)
                moved.emplace(mine->records[i]->reference, mine->records[i].get());
        for (std::size_t i = 0; i < store.records.size(); ++i) {
            if (i % block == 0) leave_if(stop);
            const Record& record = *store.records[i];
            const Record* same = nullptr;
            if (mine != nullptr && i < mine->records.size() && mine->records[i]->reference == record.reference) {
                same = mine->records[i].get();
            } else if (const auto at = moved.find(record.reference); at != moved.end()) {
                same = at->second;
                moved.erase(at);
            }
            differences.compare(same, &record);
        }
        for (const auto& [reference, record] : moved) differences.compare(record, nullptr);
    }
    for (const engine::StoreView& store : here.stores)
        for (std::size_t i = 0; store_of(there, store.type) == nullptr && i < store.records.size(); ++i)
            differences.compare(store.records[i].get(), nullptr);
    return differences.finish();
}

} // namespace fhirscope::gui
