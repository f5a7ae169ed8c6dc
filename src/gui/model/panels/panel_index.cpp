#include "gui/model/panels/panel_index.hpp"

#include "fhir/ascii.hpp"
#include "fhir/assert.hpp"
#include "gui/base/marks.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/panels/record_changes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr std::chrono::seconds leaving_time{5};
// Rows between two looks at the clock.
constexpr std::size_t look_run = 512;
constexpr std::size_t sort_run = 1024;
constexpr std::size_t merge_run = 4096;

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(
                                text.begin(), text.end(), [](char ch) { return fhir::is_digit(ch); });
}

// Of the panel that shows the type.
std::shared_ptr<const query::ResourceFields> fields_of(const engine::Snapshot& snapshot, std::string_view type) {
    for (const engine::PanelDefinition& panel : snapshot.panels)
        if (panel.type == type) return std::make_shared<const query::ResourceFields>(panel);
    return std::make_shared<const query::ResourceFields>();
}

} // namespace

int compare_cells(std::string_view a, std::string_view b, engine::ColumnKind kind) {
    if (a.empty() != b.empty()) return a.empty() ? 1 : -1;
    if (kind == engine::ColumnKind::Priority) {
        const int difference = priority_rank(a) - priority_rank(b);
        if (difference != 0) return difference;
    }
    if (a.size() != b.size() && all_digits(a) && all_digits(b)) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

PanelIndex::Asked PanelIndex::asked(const engine::Snapshot& snapshot, const Question& question) const {
    Asked asked;
    asked.question = question;
    asked.fields = fields_of(snapshot, snapshot.stores[store_].type);
    auto query = query::Query::parse(question.filter, asked.fields->fields());
    asked.understood = query.has_value();
    if (query) asked.query = std::move(*query);
    if (question.range) {
        const std::optional<PastRows>& known = build_ && build_->asked.past ? build_->asked.past : asked_.past;
        asked.past = known ? known->at(question.range->end)
                           : PastRows(snapshot, snapshot.stores[store_].type, question.range->end);
    }
    return asked;
}

const engine::Row* PanelIndex::wanted(Asked& asked, const engine::Record& record) {
    const engine::Row* row = nullptr;
    if (asked.question.range) {
        const auto place = version_before(record, asked.question.range->end);
        if (!place || record.history[*place]->received < asked.question.range->begin) return nullptr;
        row = asked.past->row(record);
    } else if (record.standing != engine::Standing::Deleted || record.edit) {
        // What the server deleted stays while an edit of it waits.
        row = shown_row(record);
    }
    if (row == nullptr) return nullptr;
    return asked.query.matches(query::ResourceFacts(*asked.fields).at(record, row)) ? row : nullptr;
}

bool PanelIndex::less(const Question& question, const Key& a, const Key& b) {
    int order = a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
    if (question.sort_column >= 0) order = compare_cells(a.text, b.text, question.sort_kind);
    if (order == 0) return a.index < b.index;
    return question.descending ? order > 0 : order < 0;
}

PanelIndex::Key PanelIndex::key_of_row(const Question& question, const engine::Row* row, const engine::Record& record,
                                       std::uint32_t index) {
    Key key{{}, 0, index};
    if (question.sort_column == by_freshness) {
        key.number = -record.changed_at.time_since_epoch().count(); // the newest first
    } else if (question.sort_column >= 0) {
        const auto column = static_cast<std::size_t>(question.sort_column);
        if (row != nullptr && column < row->cells.size()) key.text = row->cells[column];
    }
    return key;
}

PanelIndex::Key PanelIndex::key_of(Asked& asked, const engine::Record& record, std::uint32_t index) const {
    const engine::Row* row = asked.past ? asked.past->row(record) : shown_row(record);
    return key_of_row(asked.question, row != nullptr ? row : leaving(index), record, index);
}

void PanelIndex::count(const engine::Record& record, const Question& question, Counts& counts, int sign) {
    const auto add = [&](std::size_t& counter) {
        FHIRSCOPE_ASSERT(sign > 0 || counter > 0);
        counter = sign > 0 ? counter + 1 : counter - 1;
    };
    if (question.range && forgotten_before(record, question.range->end)) add(counts.forgotten);
    if (in_conflict(record))
        add(counts.in_conflict);
    else if (is_pending(record))
        add(counts.pending);
    switch (record.standing) {
        case engine::Standing::Deleted:
            return;
        case engine::Standing::Checking:
            add(record.server_side ? counts.stale : counts.checking);
            break;
        case engine::Standing::Current:
        case engine::Standing::Unconfirmed:
        case engine::Standing::OutOfView:
            break;
    }
    add(counts.total);
}

const engine::Row* PanelIndex::leaving(std::uint32_t record) const {
    const auto it = leaving_.find(record);
    return it == leaving_.end() ? nullptr : it->second.row.get();
}

const engine::Row* PanelIndex::row(std::uint32_t index, const engine::Record& record) {
    if (asked_.past) return asked_.past->row(record);
    const bool removed = record.standing == engine::Standing::Deleted && !record.edit;
    return removed ? leaving(index) : shown_row(record);
}

std::optional<std::size_t> PanelIndex::position(std::uint32_t record) const {
    const std::vector<std::uint32_t> rows = order_.all();
    const auto it = std::find(rows.begin(), rows.end(), record);
    if (it == rows.end()) return std::nullopt;
    return static_cast<std::size_t>(it - rows.begin());
}

std::optional<double> PanelIndex::progress() const {
    if (!build_) return std::nullopt;
    const auto share = [](std::size_t part, std::size_t of) {
        return of > 0 ? static_cast<double>(part) / static_cast<double>(of) : 1.0;
    };
    return 0.5 * share(build_->looked_at, build_->snapshot->stores[store_].records.size()) +
           0.5 * (build_->run > 0 ? 0.5 + 0.5 * share(build_->run, build_->keys.size())
                                  : 0.5 * share(build_->sorted, build_->keys.size() + 1));
}

void PanelIndex::start(const engine::SnapshotPtr& snapshot, const Question& question) {
    Build build;
    build.snapshot = snapshot;
    build.asked = asked(*snapshot, question);
    build_ = std::move(build);
}

// Merges runs until one is left or the time is over; true when it is done.
bool PanelIndex::merge(Build& build, const std::function<bool()>& over) const {
    const std::size_t n = build.keys.size();
    while (build.run < n) {
        if (build.merged.empty() && build.end == 0) build.merged.reserve(n);
        while (build.merged.size() < n) {
            if (build.left == build.left_end && build.right == build.end) { // the next two runs
                build.left = build.end;
                build.left_end = build.right = std::min(n, build.left + build.run);
                build.end = std::min(n, build.right + build.run);
            }
            for (std::size_t i = 0; i < merge_run && (build.left < build.left_end || build.right < build.end); ++i) {
                const bool from_right = build.left == build.left_end ||
                                        (build.right < build.end &&
                                         less(build.asked.question, build.keys[build.right], build.keys[build.left]));
                build.merged.push_back(build.keys[from_right ? build.right++ : build.left++]);
            }
            if (over() && build.merged.size() < n) return false;
        }
        build.keys.swap(build.merged);
        build.merged.clear();
        build.left = build.left_end = build.right = build.end = 0;
        build.run *= 2;
    }
    return true;
}

bool PanelIndex::work(std::chrono::microseconds budget) {
    using clock = std::chrono::steady_clock;
    Build& build = *build_;
    const auto& records = build.snapshot->stores[store_].records;
    const bool whole =
        records.size() <= (build.asked.past ? at_once_past : at_once) || budget == std::chrono::microseconds::max();
    const auto began = clock::now();
    const std::function<bool()> over = [&] { return !whole && clock::now() - began >= budget; };
    while (build.looked_at < records.size()) {
        const std::size_t to = std::min(records.size(), build.looked_at + look_run);
        for (; build.looked_at < to; ++build.looked_at) {
            const engine::Record& record = *records[build.looked_at];
            const auto index = static_cast<std::uint32_t>(build.looked_at);
            count(record, build.asked.question, build.counts, 1);
            if (const engine::Row* row = wanted(build.asked, record))
                build.keys.push_back(key_of_row(build.asked.question, row, record, index));
            ++examined_;
        }
        if (over()) return false;
    }
    const auto by_question = [&](const Key& a, const Key& b) { return less(build.asked.question, a, b); };
    while (build.sorted < build.keys.size()) {
        const auto from = build.keys.begin() + static_cast<std::ptrdiff_t>(build.sorted);
        build.sorted = std::min(build.keys.size(), build.sorted + sort_run);
        std::sort(from, build.keys.begin() + static_cast<std::ptrdiff_t>(build.sorted), by_question);
        if (over()) return false;
    }
    build.run = std::max(build.run, sort_run);
    return merge(build, over);
}

void PanelIndex::finish() {
    std::vector<std::uint32_t> rows;
    rows.reserve(build_->keys.size());
    std::transform(build_->keys.begin(), build_->keys.end(), std::back_inserter(rows),
                   [](const Key& key) { return key.index; });
    order_.assign(rows);
    snapshot_ = std::move(build_->snapshot);
    asked_ = std::move(build_->asked);
    counts_ = build_->counts;
    leaving_.clear();
    build_.reset();
}

// Records that are not those of snapshot_ any more, and those whose time to leave has come.
std::vector<std::uint32_t> PanelIndex::find_changes(const engine::Snapshot& snapshot, LocalTime now) const {
    std::vector<std::uint32_t> changed;
    const auto& old_records = snapshot_->stores[store_].records;
    const auto& records = snapshot.stores[store_].records;
    if (snapshot_.get() != &snapshot)
        for_each_change(old_records, records, [&](std::uint32_t index) { changed.push_back(index); });
    for (const auto& [index, leaving] : leaving_)
        if (leaving.until <= now && old_records[index] == records[index]) changed.push_back(index);
    return changed;
}

// Whether a record that changed stands where it stood: most changes are of other columns than the sorted one.
bool PanelIndex::stays(const engine::Snapshot& snapshot, std::uint32_t index) {
    const auto& old_records = snapshot_->stores[store_].records;
    if (index >= old_records.size() || leaving_.contains(index)) return false;
    const engine::Record& old = *old_records[index];
    const engine::Record& record = *snapshot.stores[store_].records[index];
    const engine::Row* before = wanted(asked_, old);
    const engine::Row* after = wanted(asked_, record);
    if (before == nullptr || after == nullptr) return false;
    const Key was = key_of_row(asked_.question, before, old, index);
    const Key is = key_of_row(asked_.question, after, record, index);
    return was.text == is.text && was.number == is.number;
}

bool PanelIndex::row_less(std::uint32_t a, std::uint32_t b) {
    const auto& records = snapshot_->stores[store_].records;
    return less(asked_.question, key_of(asked_, *records[a], a), key_of(asked_, *records[b], b));
}

// Before anything that the order depends on changes: their places are found by what they were.
void PanelIndex::take_out(const std::vector<std::uint32_t>& moved) {
    const auto& records = snapshot_->stores[store_].records;
    for (const std::uint32_t index : moved) {
        if (index < records.size() && (wanted(asked_, *records[index]) != nullptr || leaving_.contains(index))) {
            const bool stood = order_.erase(index, [this](std::uint32_t a, std::uint32_t b) { return row_less(a, b); });
            FHIRSCOPE_ASSERT(stood);
        }
    }
}

void PanelIndex::put_in(const std::vector<std::uint32_t>& moved) {
    const auto& records = snapshot_->stores[store_].records;
    for (const std::uint32_t index : moved)
        if (wanted(asked_, *records[index]) != nullptr || leaving_.contains(index))
            order_.insert(index, [this](std::uint32_t a, std::uint32_t b) { return row_less(a, b); });
}

// Counts a record that changed, and lets one that was deleted stay for a while.
void PanelIndex::look_at(const engine::Snapshot& snapshot, std::uint32_t index, LocalTime now) {
    const auto& old_records = snapshot_->stores[store_].records;
    const engine::Record* old = index < old_records.size() ? old_records[index].get() : nullptr;
    const engine::Record& record = *snapshot.stores[store_].records[index];
    leaving_.erase(index);
    if (old == &record) return; // its time has come
    if (old != nullptr) count(*old, asked_.question, counts_, -1);
    count(record, asked_.question, counts_, 1);
    const bool gone = record.standing == engine::Standing::Deleted && !asked_.past;
    if (gone && old != nullptr && old->row && wanted(asked_, record) == nullptr && wanted(asked_, *old) != nullptr)
        leaving_.emplace(index, Leaving{old->row, now + leaving_time});
}

void PanelIndex::update(const engine::SnapshotPtr& snapshot, std::size_t store, const Question& question, LocalTime now,
                        std::chrono::microseconds budget) {
    examined_ = 0;
    const std::size_t size = snapshot->stores[store].records.size();
    const bool other = !snapshot_ || store_ != store || size < snapshot_->stores[store_].records.size() ||
                       (build_ && size < build_->snapshot->stores[store_].records.size());
    if (other) {
        snapshot_ = snapshot;
        store_ = store;
        order_.clear();
        leaving_.clear();
        counts_ = {};
        asked_ = {}; // of another store
        build_.reset();
        start(snapshot, question);
    } else if (question != (build_ ? build_->asked.question : asked_.question)) {
        start(snapshot, question);
    }
    if (build_) {
        if (!work(budget)) return;
        finish();
    }
    const std::vector<std::uint32_t> changed = find_changes(*snapshot, now);
    examined_ += changed.size();
    if (changed.empty()) {
        snapshot_ = snapshot;
        return;
    }
    // When most of it moves, sorting anew is cheaper. Those that leave lose their last seconds; nobody can follow so
    // many.
    const bool many = changed.size() > order_.size() / 4 + 64;
    std::vector<std::uint32_t> moved;
    if (!many) {
        std::copy_if(changed.begin(), changed.end(), std::back_inserter(moved),
                     [&](std::uint32_t index) { return !stays(*snapshot, index); });
        take_out(moved);
    }
    for (const std::uint32_t index : changed) look_at(*snapshot, index, now);
    snapshot_ = snapshot;
    if (!many) {
        put_in(moved);
        return;
    }
    start(snapshot, asked_.question);
    if (work(budget)) finish();
}

} // namespace fhirscope::gui
