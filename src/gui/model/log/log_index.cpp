#include "gui/model/log/log_index.hpp"

#include "fhir/assert.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

bool LogIndex::Found::matches(query::UpdateFacts& facts, std::uint64_t number) const {
    return query.empty() || query.matches(facts.at(number));
}

void LogIndex::Found::count_in_bin(const engine::Snapshot& snapshot, std::uint64_t number, bool conflict, int sign) {
    FHIRSCOPE_ASSERT(number / rows_per_bin >= bin_base && number / rows_per_bin - bin_base < bins.size());
    Bin& bin = bins[static_cast<std::size_t>(number / rows_per_bin - bin_base)];
    const auto add = [&](std::uint32_t& counter) {
        FHIRSCOPE_ASSERT(sign > 0 || counter > 0);
        counter = sign > 0 ? counter + 1 : counter - 1;
    };
    add(bin.matches);
    if (conflict) add(bin.conflicts);
    if (snapshot.updates[number].outcome == engine::Outcome::Rejected) add(bin.rejected);
}

std::size_t LogIndex::Found::look(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                                  const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t block = 4096;
    const auto& log = snapshot.updates;
    drop_before(log.first());
    const std::uint64_t from = std::max(end, log.first());
    if (from == log.end()) return 0;
    const Clock::time_point began = Clock::now();
    bins.resize(static_cast<std::size_t>((log.end() - 1) / rows_per_bin - bin_base + 1));
    query::UpdateFacts facts(snapshot, &conflicts);
    for (end = from; end < log.end(); ++end) {
        if (end % block == 0) leave_if(stop);
        if (!matches(facts, end)) continue;
        count_in_bin(snapshot, end, conflicts.of(end) != nullptr, 1);
        if (!query.empty()) numbers.push_back(end);
    }
    took += std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
    return static_cast<std::size_t>(end - from);
}

std::size_t LogIndex::Found::look_again(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                                        std::uint64_t number) {
    if (number >= end || !snapshot.updates.contains(number)) return 0;
    query::UpdateFacts facts(snapshot, &conflicts);
    const auto place = std::lower_bound(numbers.begin() + static_cast<std::ptrdiff_t>(begin), numbers.end(), number);
    const bool conflict = conflicts.of(number) != nullptr;
    const bool before = query.empty() || (place != numbers.end() && *place == number);
    const bool now = matches(facts, number);
    if (before) count_in_bin(snapshot, number, !conflict, -1);
    if (now) count_in_bin(snapshot, number, conflict, 1);
    // Such rows are few and mostly the newest, at the end.
    if (now && !before)
        numbers.insert(place, number);
    else if (before && !now)
        numbers.erase(place);
    return 1;
}

void LogIndex::Found::drop_before(std::uint64_t first) {
    while (begin < numbers.size() && numbers[begin] < first) ++begin;
    // Rarely enough that moving the rest costs little a row.
    if (begin > 65536 && begin > numbers.size() / 2) {
        numbers.erase(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(begin));
        begin = 0;
    }
    const std::uint64_t base = first / rows_per_bin;
    if (base > bin_base) {
        const auto leave = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(base - bin_base, bins.size()));
        bins.erase(bins.begin(), bins.begin() + leave);
        bin_base = base;
    }
}

void LogIndex::ask(query::Query query) {
    query_ = std::move(query);
    answered_ = false;
    job_.give_up();
}

void LogIndex::take_answer(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts) {
    auto answer = job_.take();
    if (!answer) return;
    found_ = std::move(answer->found);
    found_->drop_before(first_);
    answered_ = true;
    std::sort(changed_.begin(), changed_.end());
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    for (const std::uint64_t number : changed_)
        if ((answer->conflicts->of(number) == nullptr) != (conflicts.of(number) == nullptr))
            examined_ += found_->look_again(snapshot, conflicts, number);
}

void LogIndex::update(const engine::SnapshotPtr& snapshot, const query::ConflictRows& conflicts,
                      const std::optional<TimeRange>& range, Worker* worker) {
    examined_ = 0;
    const auto& log = snapshot->updates;
    if (log.end() < log_end_) { // another log: a session was opened again
        ask(std::move(query_));
        found_.reset();
    }
    first_ = log.first();
    log_end_ = log.end();
    // Nothing has to be looked at to know that all rows match, but for the bins.
    if (query_.empty() && !(found_ && found_->query.empty())) found_ = Found{};
    if (found_) {
        found_->drop_before(first_);
        for (const std::uint64_t number : conflicts.changed())
            examined_ += found_->look_again(*snapshot, conflicts, number);
    }
    if (job_.pending()) changed_.insert(changed_.end(), conflicts.changed().begin(), conflicts.changed().end());
    take_answer(*snapshot, conflicts);

    const std::uint64_t fresh = found_ ? log_end_ - std::max(found_->end, first_) : 0;
    const std::uint64_t unseen = answered_ ? fresh : log.size();
    if (unseen <= at_once || worker == nullptr) {
        job_.give_up();
        if (!answered_) found_ = Found{.query = query_};
        answered_ = true;
    } else if (!job_.pending()) {
        changed_.clear();
        job_.start(*worker, [snapshot, query = query_, then = std::make_shared<const query::ConflictRows>(conflicts)](
                                const std::stop_token& stop) {
            Answer answer{Found{.query = query}, then};
            answer.found.look(*snapshot, *then, stop);
            return answer;
        });
    }
    // What is shown goes on meanwhile, unless it is far behind.
    if (found_ && (fresh <= at_once || !job_.pending())) examined_ += found_->look(*snapshot, conflicts, {});

    begin_ = 0;
    end_ = count();
    if (range) {
        begin_ = first_below(first_update_at(*snapshot, range->end));
        end_ = std::max(begin_, first_below(first_update_at(*snapshot, range->begin)));
    }
}

const std::vector<LogIndex::Bin>& LogIndex::bins() const {
    static const std::vector<Bin> none;
    return found_ ? found_->bins : none;
}

std::size_t LogIndex::count() const {
    if (lets_all_through()) return static_cast<std::size_t>(log_end_ - first_);
    return found_ ? found_->numbers.size() - found_->begin : 0;
}

std::uint64_t LogIndex::at(std::size_t place) const {
    FHIRSCOPE_ASSERT(place < count());
    return lets_all_through() ? log_end_ - 1 - place : found_->numbers[found_->numbers.size() - 1 - place];
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

} // namespace fhirscope::gui
