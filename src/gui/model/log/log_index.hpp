#pragma once
// Which rows of the update log a query lets through. The worker looks through the log for a new query; rows that arrive
// are looked at as they come, and again only when they come to belong to a conflict. A frame's cost therefore does not
// grow with the log.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"
#include "gui/model/worker.hpp"
#include "query/query.hpp"
#include "query/update_fields.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fhirscope::gui {

class LogIndex {
public:
    // Rows of one stretch of the log, for the map beside the scroll bar.
    struct Bin {
        std::uint32_t matches = 0, rejected = 0, conflicts = 0;
    };
    static constexpr std::uint64_t rows_per_bin = 256;
    // So many rows are looked at within a frame: a millisecond or two.
    static constexpr std::uint64_t at_once = 8192;

    // Another query. The rows are those of the one before until it is answered.
    void ask(query::Query query);
    const query::Query& query() const { return query_; }

    // Takes new rows and drops those that left the log. `conflicts` is of the same snapshot; brought up to date once
    // before each call. Null for `worker`: whatever has to be looked at is looked at now.
    void update(const engine::SnapshotPtr& snapshot, const query::ConflictRows& conflicts,
                const std::optional<TimeRange>& range, Worker* worker = nullptr);

    // Rows that match and lie in the range.
    std::size_t size() const { return end_ - begin_; }
    // The number of the row at `place`, 0 being the newest.
    std::uint64_t number(std::size_t place) const { return at(begin_ + place); }
    // Where a row stands; nothing when it is not among them.
    std::optional<std::size_t> place_of(std::uint64_t number) const;

    // False: what is shown is of the query before, or of fewer rows.
    bool complete() const { return answered_ && !job_.pending(); }
    // Time that looking at its rows took.
    std::chrono::microseconds took() const { return found_ ? found_->took : std::chrono::microseconds(0); }
    // Oldest first; the first bin holds row bin_base() × rows_per_bin.
    const std::vector<Bin>& bins() const;
    std::uint64_t bin_base() const { return found_ ? found_->bin_base : 0; }
    // How many rows the last update looked at by itself: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    // Of the rows before `end` those that match.
    struct Found {
        query::Query query{};
        std::uint64_t end = 0;
        std::vector<std::uint64_t> numbers{}; // ascending; none where the query is empty, which lets all through
        std::size_t begin = 0;                // those before it have left the log
        std::vector<Bin> bins{};
        std::uint64_t bin_base = 0;
        std::chrono::microseconds took{0};

        // Returns how many rows it looked at: those from `end` on.
        std::size_t look(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                         const std::stop_token& stop);
        // At a row that came to belong to a conflict, or does no longer. Returns 0 where it was not looked at before.
        std::size_t look_again(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                               std::uint64_t number);
        void drop_before(std::uint64_t first);
        bool matches(query::UpdateFacts& facts, std::uint64_t number) const;
        // Adds a row to its bin, or takes it out again.
        void count_in_bin(const engine::Snapshot& snapshot, std::uint64_t number, bool conflict, int sign);
    };
    struct Answer {
        Found found;
        std::shared_ptr<const query::ConflictRows> conflicts; // at the time
    };
    void take_answer(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts);
    bool lets_all_through() const { return found_ && found_->query.empty(); }
    std::size_t count() const;
    std::uint64_t at(std::size_t place) const;
    std::size_t first_below(std::uint64_t number) const;

    query::Query query_;
    bool answered_ = false; // found_ is of query_
    std::optional<Found> found_;
    Job<Answer> job_;
    std::vector<std::uint64_t> changed_;    // rows that came to belong to a conflict, or do no longer, during the job
    std::uint64_t first_ = 0, log_end_ = 0; // of the log
    std::size_t begin_ = 0, end_ = 0;       // places within the range
    std::size_t examined_ = 0;
};

} // namespace fhirscope::gui
