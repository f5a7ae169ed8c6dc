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
    return asked;
}

const engine::Row* PanelIndex::wanted(const Asked& asked, const engine::Record& record) {
    // What the server deleted stays while an edit of it waits.
    if (record.standing == engine::Standing::Deleted && !record.edit) return nullptr;
    const Question& question = asked.question;
    if (question.range && question.only_changed && changed_in(record, *question.range) != InRange::Changed)
        return nullptr;
    const engine::Row* row = shown_row(record);
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

PanelIndex::Key PanelIndex::key_of(const Asked& asked, const engine::Record& record, std::uint32_t index) const {
    const engine::Row* row = shown_row(record);
    return key_of_row(asked.question, row != nullptr ? row : leaving(index), record, index);
}

void PanelIndex::count(const engine::Record& record, const Question& question, Counts& counts, int sign) {
    const auto add = [&](std::size_t& counter) {
        FHIRSCOPE_ASSERT(sign > 0 || counter > 0);
        counter = sign > 0 ? counter + 1 : counter - 1;
    };
    if (question.range) {
        const InRange in_range = changed_in(record, *question.range);
        if (in_range == InRange::NotKnown) add(counts.forgotten);
        if (in_range == InRange::Changed && record.standing != engine::Standing::Deleted) add(counts.changed);
    }
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
    const bool removed = record.standing == engine::Standing::Deleted && !record.edit;
    return removed ? leaving(index) : shown_row(record);
}

std::optional<std::size_t> PanelIndex::position(std::uint32_t record) const {
    const std::vector<std::uint32_t> rows = order_.all();
    const auto it = std::find(rows.begin(), rows.end(), record);
    if (it == rows.end()) return std::nullopt;
    return static_cast<std::size_t>(it - rows.begin());
}

PanelIndex::Answer PanelIndex::answer(const engine::SnapshotPtr& snapshot, std::size_t store, const Asked& asked,
                                      const std::stop_token& stop) {
    constexpr std::size_t block = 512;
    Answer answer{snapshot, asked, {}, {}};
    const auto& records = snapshot->stores[store].records;
    std::vector<Key> keys;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (i % block == 0) leave_if(stop);
        const engine::Record& record = *records[i];
        count(record, asked.question, answer.counts, 1);
        if (const engine::Row* row = wanted(asked, record))
            keys.push_back(key_of_row(asked.question, row, record, static_cast<std::uint32_t>(i)));
    }
    std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
        leave_if(stop);
        return less(asked.question, a, b);
    });
    std::vector<std::uint32_t> rows;
    rows.reserve(keys.size());
    std::transform(keys.begin(), keys.end(), std::back_inserter(rows), [](const Key& key) { return key.index; });
    answer.order.assign(rows);
    return answer;
}

void PanelIndex::start(const engine::SnapshotPtr& snapshot, const Question& question, Worker* worker) {
    question_ = question;
    const std::size_t size = snapshot->stores[store_].records.size();
    if (worker == nullptr || size <= at_once) {
        job_.give_up();
        show(answer(snapshot, store_, asked(*snapshot, question), {}));
        examined_ += size;
    } else {
        job_.start(
            *worker, [snapshot, store = store_, asked = asked(*snapshot, question)](
                         const std::stop_token& stop) { return answer(snapshot, store, asked, stop); });
    }
}

void PanelIndex::show(Answer answer) {
    order_ = std::move(answer.order);
    snapshot_ = std::move(answer.snapshot);
    asked_ = std::move(answer.asked);
    counts_ = answer.counts;
    leaving_.clear();
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
    const bool gone = record.standing == engine::Standing::Deleted;
    if (gone && old != nullptr && old->row && wanted(asked_, record) == nullptr && wanted(asked_, *old) != nullptr)
        leaving_.emplace(index, Leaving{old->row, now + leaving_time});
}

void PanelIndex::update(const engine::SnapshotPtr& snapshot, std::size_t store, const Question& question, LocalTime now,
                        Worker* worker) {
    examined_ = 0;
    std::optional<Answer> answer = job_.take();
    const std::size_t size = snapshot->stores[store].records.size();
    if (const auto& last = answer ? answer->snapshot : snapshot_;
        !last || store_ != store || size < last->stores[store].records.size()) { // another store, or session
        snapshot_ = snapshot;
        store_ = store;
        order_.clear();
        leaving_.clear();
        counts_ = {};
        asked_ = {};
        start(snapshot, question, worker);
    } else if (question != question_) {
        start(snapshot, question, worker);
    } else if (answer) {
        show(std::move(*answer));
    }
    if (job_.pending()) return;
    const std::vector<std::uint32_t> changed = find_changes(*snapshot, now);
    examined_ += changed.size();
    if (changed.empty()) {
        snapshot_ = snapshot;
        return;
    }
    // When most of it moves, sorting once more is cheaper. Those that leave lose their last seconds; nobody can follow
    // so many.
    if (changed.size() > order_.size() / 4 + 64) {
        start(snapshot, question, worker);
        return;
    }
    std::vector<std::uint32_t> moved;
    std::copy_if(changed.begin(), changed.end(), std::back_inserter(moved),
                 [&](std::uint32_t index) { return !stays(*snapshot, index); });
    take_out(moved);
    for (const std::uint32_t index : changed) look_at(*snapshot, index, now);
    snapshot_ = snapshot;
    put_in(moved);
}

} // namespace fhirscope::gui
