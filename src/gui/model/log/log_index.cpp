#include "gui/model/log/log_index.hpp"

#include "fhir/assert.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>
#include <functional>

namespace fhirscope::gui {

void LogIndex::ask(query::Query query) {
    query_ = std::move(query);
    newer_.clear();
    older_.clear();
    bins_.clear();
    newer_begin_ = 0;
    started_ = false;
    took_ = {};
}

bool LogIndex::matches(query::UpdateFacts& facts, std::uint64_t number) const {
    return query_.empty() || query_.matches(facts.at(number));
}

void LogIndex::count_in_bin(const engine::Snapshot& snapshot, std::uint64_t number, bool conflict, int sign) {
    FHIRSCOPE_ASSERT(number / rows_per_bin >= bin_base_ && number / rows_per_bin - bin_base_ < bins_.size());
    Bin& bin = bins_[static_cast<std::size_t>(number / rows_per_bin - bin_base_)];
    const auto add = [&](std::uint32_t& counter) {
        FHIRSCOPE_ASSERT(sign > 0 || counter > 0);
        counter = sign > 0 ? counter + 1 : counter - 1;
    };
    add(bin.matches);
    if (conflict) add(bin.conflicts);
    if (snapshot.updates[number].outcome == engine::Outcome::Rejected) add(bin.rejected);
}

bool LogIndex::holds(std::uint64_t number) const {
    return query_.empty() ||
           std::binary_search(newer_.begin() + static_cast<std::ptrdiff_t>(newer_begin_), newer_.end(), number) ||
           std::binary_search(older_.begin(), older_.end(), number, std::greater<>());
}

// Found where it belongs; such rows are few and mostly the newest, at the end of newer_.
void LogIndex::insert(std::uint64_t number) {
    const bool newer = number >= asked_at_;
    if (newer) {
        const auto from = newer_.begin() + static_cast<std::ptrdiff_t>(newer_begin_);
        newer_.insert(std::lower_bound(from, newer_.end(), number), number);
    } else {
        older_.insert(std::lower_bound(older_.begin(), older_.end(), number, std::greater<>()), number);
    }
}

void LogIndex::erase(std::uint64_t number) {
    if (number >= asked_at_) {
        const auto from = newer_.begin() + static_cast<std::ptrdiff_t>(newer_begin_);
        const auto at = std::lower_bound(from, newer_.end(), number);
        FHIRSCOPE_ASSERT(at != newer_.end() && *at == number);
        newer_.erase(at);
    } else {
        const auto at = std::lower_bound(older_.begin(), older_.end(), number, std::greater<>());
        FHIRSCOPE_ASSERT(at != older_.end() && *at == number);
        older_.erase(at);
    }
}

// A row that was looked at came to belong to a conflict, or does no longer.
void LogIndex::look_again(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                          query::UpdateFacts& facts, std::uint64_t number) {
    if (number < scanned_from_ || number >= scanned_to_) return;
    ++examined_;
    const bool conflict = conflicts.of(number) != nullptr;
    const bool before = holds(number);
    const bool now = matches(facts, number);
    if (before) count_in_bin(snapshot, number, !conflict, -1);
    if (now) count_in_bin(snapshot, number, conflict, 1);
    if (now && !before)
        insert(number);
    else if (before && !now)
        erase(number);
}

void LogIndex::drop_old(std::uint64_t first) {
    while (!older_.empty() && older_.back() < first) older_.pop_back();
    while (newer_begin_ < newer_.size() && newer_[newer_begin_] < first) ++newer_begin_;
    // Rarely enough that moving the rest costs little a row.
    if (newer_begin_ > 65536 && newer_begin_ > newer_.size() / 2) {
        newer_.erase(newer_.begin(), newer_.begin() + static_cast<std::ptrdiff_t>(newer_begin_));
        newer_begin_ = 0;
    }
    const std::uint64_t base = first / rows_per_bin;
    if (base > bin_base_) {
        const auto leave = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(base - bin_base_, bins_.size()));
        bins_.erase(bins_.begin(), bins_.begin() + leave);
        bin_base_ = base;
    }
}

void LogIndex::update(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                      const std::optional<TimeRange>& range, std::chrono::microseconds budget) {
    examined_ = 0;
    const auto& log = snapshot.updates;
    if (started_ && log.end() < log_end_) ask(std::move(query_)); // another log: a session was opened again
    first_ = log.first();
    log_end_ = log.end();
    if (!started_) {
        started_ = true;
        scanned_from_ = scanned_to_ = asked_at_ = log_end_;
        bin_base_ = first_ / rows_per_bin;
    }
    drop_old(first_);
    bins_.resize(log.empty() ? 0 : static_cast<std::size_t>((log_end_ - 1) / rows_per_bin - bin_base_ + 1));
    scanned_to_ = std::max(scanned_to_, first_);
    scanned_from_ = std::max(scanned_from_, first_);

    query::UpdateFacts facts(snapshot, &conflicts);
    for (const std::uint64_t number : conflicts.changed()) look_again(snapshot, conflicts, facts, number);
    using Clock = std::chrono::steady_clock;
    const bool looks = scanned_to_ < log_end_ || scanned_from_ > first_;
    const Clock::time_point began = looks ? Clock::now() : Clock::time_point();
    // The clock is read once a block, not once a row.
    constexpr std::uint64_t block = 512;
    const auto over = [&](std::uint64_t n) { return n % block == 0 && Clock::now() - began > budget; };
    const auto look_at = [&](std::uint64_t number, std::vector<std::uint64_t>& found) {
        ++examined_;
        if (matches(facts, number)) {
            count_in_bin(snapshot, number, conflicts.of(number) != nullptr, 1);
            if (!query_.empty()) found.push_back(number);
        }
    };
    for (std::uint64_t n = 0; scanned_to_ < log_end_ && !over(++n); ++scanned_to_) look_at(scanned_to_, newer_);
    for (std::uint64_t n = 0; scanned_from_ > first_ && !over(++n); --scanned_from_) look_at(scanned_from_ - 1, older_);
    if (looks) took_ += std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);

    begin_ = 0;
    end_ = count();
    if (range) {
        begin_ = first_below(first_update_at(snapshot, range->end));
        end_ = std::max(begin_, first_below(first_update_at(snapshot, range->begin)));
    }
}

std::size_t LogIndex::count() const {
    return query_.empty() ? static_cast<std::size_t>(log_end_ - first_) : newer_.size() - newer_begin_ + older_.size();
}

std::uint64_t LogIndex::at(std::size_t place) const {
    FHIRSCOPE_ASSERT(place < count());
    if (query_.empty()) return log_end_ - 1 - place;
    const std::size_t fresh = newer_.size() - newer_begin_;
    return place < fresh ? newer_[newer_.size() - 1 - place] : older_[place - fresh];
}

// Places hold descending numbers; the first place whose number is below `number`.
std::size_t LogIndex::first_below(std::uint64_t number) const {
    std::size_t low = 0;
    std::size_t high = count();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (at(middle) >= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

std::optional<std::size_t> LogIndex::place_of(std::uint64_t number) const {
    const std::size_t below = first_below(number);
    if (below == 0 || at(below - 1) != number || below - 1 < begin_ || below - 1 >= end_) return std::nullopt;
    return below - 1 - begin_;
}

double LogIndex::progress() const {
    const std::uint64_t all = log_end_ - first_;
    return all == 0 ? 1.0
                    : static_cast<double>(scanned_to_ - std::max(scanned_from_, first_)) / static_cast<double>(all);
}

} // namespace fhirscope::gui
