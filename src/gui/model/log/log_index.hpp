#pragma once
// Which rows of the update log a query lets through. A new query looks at the newest rows first and at the rest over
// the next frames, a few milliseconds each; rows that arrive later are looked at once, and again only when they come to
// belong to a conflict. A frame's cost therefore does not grow with the log.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"
#include "query/query.hpp"
#include "query/update_fields.hpp"

#include <chrono>
#include <cstdint>
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

    // Another query: starts over.
    void ask(query::Query query);
    const query::Query& query() const { return query_; }

    // Takes new rows, drops those that left the log, and goes on with older ones for at most `budget`.
    // `conflicts` is of the same snapshot; brought up to date once before each call.
    void update(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                const std::optional<TimeRange>& range, std::chrono::microseconds budget);

    // Rows that match (and lie in the range), so far.
    std::size_t size() const { return end_ - begin_; }
    // The number of the row at `place`, 0 being the newest.
    std::uint64_t number(std::size_t place) const { return at(begin_ + place); }
    // Where a row stands; nothing when it is not among them.
    std::optional<std::size_t> place_of(std::uint64_t number) const;

    bool complete() const { return scanned_from_ <= first_; }
    // Share of the log that was looked at, 0 … 1.
    double progress() const;
    // Time that looking at the whole log took, once complete.
    std::chrono::microseconds took() const { return took_; }
    // Oldest first; the first bin holds row bin_base() × rows_per_bin.
    const std::vector<Bin>& bins() const { return bins_; }
    std::uint64_t bin_base() const { return bin_base_; }
    // How many rows the last update looked at: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    bool matches(query::UpdateFacts& facts, std::uint64_t number) const;
    // Adds a row to its bin, or takes it out again.
    void count_in_bin(const engine::Snapshot& snapshot, std::uint64_t number, bool conflict, int sign);
    void look_again(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts, query::UpdateFacts& facts,
                    std::uint64_t number);
    bool holds(std::uint64_t number) const;
    void insert(std::uint64_t number);
    void erase(std::uint64_t number);
    std::size_t count() const;
    std::uint64_t at(std::size_t place) const;
    std::size_t first_below(std::uint64_t number) const;
    void drop_old(std::uint64_t first);

    query::Query query_;
    // Every row when the query is empty; else newer_ (ascending, found as they came) and older_ (descending, found by
    // going back from where the query was asked).
    std::vector<std::uint64_t> newer_, older_;
    std::size_t newer_begin_ = 0; // rows before it have left the log
    std::vector<Bin> bins_;
    std::uint64_t bin_base_ = 0;
    bool started_ = false;
    std::uint64_t first_ = 0, log_end_ = 0; // of the log
    std::uint64_t scanned_from_ = 0, scanned_to_ = 0;
    std::uint64_t asked_at_ = 0;      // older_ is below it
    std::size_t begin_ = 0, end_ = 0; // places within the range
    std::chrono::microseconds took_{0};
    std::size_t examined_ = 0;
};

} // namespace fhirscope::gui
