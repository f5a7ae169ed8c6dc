#include "gui/panel_index.hpp"

#include "gui/icons.hpp"
#include "gui/query.hpp"
#include "gui/rows.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr std::chrono::seconds kLeavingTime{5};

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char ch) { return ch >= '0' && ch <= '9'; });
}

std::vector<std::string> split_words(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char ch : fold(text)) {
        if (ch == ' ') {
            if (!word.empty()) {
                words.push_back(std::move(word));
            }
            word.clear();
        } else {
            word += ch;
        }
    }
    if (!word.empty()) {
        words.push_back(std::move(word));
    }
    return words;
}

} // namespace

int compare_cells(std::string_view a, std::string_view b, engine::ColumnKind kind) {
    if (a.empty() != b.empty()) {
        return a.empty() ? 1 : -1;
    }
    if (kind == engine::ColumnKind::Priority) {
        const int difference = priority_rank(a) - priority_rank(b);
        if (difference != 0) {
            return difference;
        }
    }
    if (a.size() != b.size() && all_digits(a) && all_digits(b)) {
        return a.size() < b.size() ? -1 : 1;
    }
    return a.compare(b);
}

bool PanelIndex::wanted(const engine::Record& record) const {
    // What the server deleted stays while an edit of it waits.
    const engine::Row* row = shown_row(record);
    if (row == nullptr || (record.standing == engine::Standing::Deleted && !record.edit)) {
        return false;
    }
    if (question_.range && (record.changed_at < question_.range->begin || record.changed_at >= question_.range->end)) {
        return false;
    }
    return std::all_of(words_.begin(), words_.end(), [&](const std::string& word) {
        return contains_folded(record.reference, word) ||
               std::any_of(row->cells.begin(), row->cells.end(),
                           [&](const std::string& cell) { return contains_folded(cell, word); });
    });
}

bool PanelIndex::before(std::uint32_t a, std::uint32_t b) const {
    const auto& records = snapshot_->stores[store_].records;
    const engine::Record& left = *records[a];
    const engine::Record& right = *records[b];
    int order = 0;
    if (question_.sort_column == by_freshness) {
        order = left.changed_at > right.changed_at ? -1 : left.changed_at < right.changed_at ? 1 : 0;
    } else {
        const auto cell = [&](const engine::Record& record, std::uint32_t index) -> std::string_view {
            const engine::Row* shown = shown_row(record);
            const engine::Row* row = shown != nullptr ? shown : leaving(index);
            const auto column = static_cast<std::size_t>(question_.sort_column);
            return row != nullptr && column < row->cells.size() ? std::string_view(row->cells[column])
                                                                : std::string_view();
        };
        order = compare_cells(cell(left, a), cell(right, b), question_.sort_kind);
    }
    if (order == 0) {
        return a < b;
    }
    return question_.descending ? order > 0 : order < 0;
}

void PanelIndex::count(const engine::Record& record, int sign) {
    const auto add = [&](std::size_t& counter) { counter = sign > 0 ? counter + 1 : counter - 1; };
    if (in_conflict(record)) {
        add(in_conflict_);
    } else if (is_pending(record)) {
        add(pending_);
    }
    switch (record.standing) {
        case engine::Standing::Deleted:
            return;
        case engine::Standing::Unconfirmed:
            add(unconfirmed_);
            break;
        case engine::Standing::Checking:
            add(checking_);
            break;
        case engine::Standing::Current:
            break;
    }
    add(total_);
}

const engine::Row* PanelIndex::leaving(std::uint32_t record) const {
    const auto it = leaving_.find(record);
    return it == leaving_.end() ? nullptr : it->second.row.get();
}

std::optional<std::size_t> PanelIndex::position(std::uint32_t record) const {
    const auto it = std::find(order_.begin(), order_.end(), record);
    if (it == order_.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(it - order_.begin());
}

void PanelIndex::rebuild() {
    const auto& records = snapshot_->stores[store_].records;
    words_ = split_words(question_.filter);
    order_.clear();
    leaving_.clear();
    total_ = unconfirmed_ = checking_ = in_conflict_ = pending_ = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        count(*records[i], 1);
        if (wanted(*records[i])) {
            order_.push_back(static_cast<std::uint32_t>(i));
        }
    }
    examined_ = records.size();
    std::sort(order_.begin(), order_.end(), [this](std::uint32_t a, std::uint32_t b) { return before(a, b); });
}

void PanelIndex::change(const std::vector<std::uint32_t>& changed) {
    const auto& records = snapshot_->stores[store_].records;
    touched_.assign(records.size(), false);
    for (const std::uint32_t index : changed) {
        touched_[index] = true;
    }
    std::erase_if(order_, [this](std::uint32_t index) { return touched_[index]; });
    std::vector<std::uint32_t> come;
    for (const std::uint32_t index : changed) {
        if (wanted(*records[index]) || leaving_.contains(index)) {
            come.push_back(index);
        }
    }
    const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
    std::sort(come.begin(), come.end(), less);
    // A binary search a newcomer, and blocks of the old order copied between them: comparisons cost strings, copies
    // little.
    scratch_.clear();
    scratch_.reserve(order_.size() + come.size());
    auto from = order_.cbegin();
    for (const std::uint32_t index : come) {
        const auto place = std::upper_bound(from, order_.cend(), index, less);
        scratch_.insert(scratch_.end(), from, place);
        scratch_.push_back(index);
        from = place;
    }
    scratch_.insert(scratch_.end(), from, order_.cend());
    order_.swap(scratch_);
}

void PanelIndex::update(const engine::SnapshotPtr& snapshot, std::size_t store, const Question& question,
                        LocalTime now) {
    examined_ = 0;
    const bool fresh = !snapshot_ || store_ != store || question != question_ ||
                       snapshot->stores[store].records.size() < snapshot_->stores[store_].records.size();
    if (fresh) {
        snapshot_ = snapshot;
        store_ = store;
        question_ = question;
        rebuild();
        return;
    }
    std::vector<std::uint32_t> changed;
    if (snapshot_ != snapshot) {
        const engine::SnapshotPtr old_snapshot = snapshot_;
        const auto& old_records = old_snapshot->stores[store].records;
        const auto& records = snapshot->stores[store].records;
        constexpr std::size_t kChunk = engine::Chunked<engine::RecordPtr>::chunk_size;
        for (std::size_t chunk = 0; chunk < records.chunk_count(); ++chunk) {
            if (records.chunk_identity(chunk) == old_records.chunk_identity(chunk)) {
                continue;
            }
            const std::size_t end = std::min(records.size(), (chunk + 1) * kChunk);
            for (std::size_t i = chunk * kChunk; i < end; ++i) {
                const engine::Record* before_it = i < old_records.size() ? old_records[i].get() : nullptr;
                if (before_it == records[i].get()) {
                    continue;
                }
                const auto index = static_cast<std::uint32_t>(i);
                changed.push_back(index);
                if (before_it != nullptr) {
                    count(*before_it, -1);
                }
                count(*records[i], 1);
                leaving_.erase(index);
                const bool gone = records[i]->standing == engine::Standing::Deleted && !wanted(*records[i]);
                if (gone && before_it != nullptr && before_it->row && wanted(*before_it)) {
                    leaving_.emplace(index, Leaving{before_it->row, now + kLeavingTime});
                }
            }
        }
        snapshot_ = snapshot;
    }
    for (auto it = leaving_.begin(); it != leaving_.end();) {
        if (it->second.until <= now) {
            changed.push_back(it->first);
            it = leaving_.erase(it);
        } else {
            ++it;
        }
    }
    examined_ = changed.size();
    if (changed.empty()) {
        return;
    }
    if (changed.size() > order_.size() / 4 + 64) {
        // Most of it moved: sorting anew is cheaper. Those that leave lose their last seconds; nobody can follow so
        // many.
        rebuild();
        return;
    }
    change(changed);
}

} // namespace fhirscope::gui
