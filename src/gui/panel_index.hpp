#pragma once

// Which rows of a store a panel shows, in which order: with local edits, as they are shown. Kept between frames: from
// one snapshot to the next only the records that changed are looked at (found by comparing the identities of chunks),
// so a frame costs the changes, not the rows.

#include "engine/snapshot.hpp"
#include "gui/context.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace fhirscope::gui {

class PanelIndex {
public:
    static constexpr int by_freshness = -1;

    struct Question {
        int sort_column = by_freshness; // index into the panel's columns
        engine::ColumnKind sort_kind = engine::ColumnKind::Text;
        bool descending = false;
        std::string filter;             // words, all of which must be found in the row's cells or id; any case
        std::optional<TimeRange> range; // only what changed in it
        bool operator==(const Question&) const = default;
    };

    // Brings the index to `snapshot`. Records deleted less than five seconds before `now` stay, as the guide wants.
    void update(const engine::SnapshotPtr& snapshot, std::size_t store, const Question& question, LocalTime now);

    // Record indexes in display order.
    const std::vector<std::uint32_t>& order() const { return order_; }
    // Where a record stands in order(); nothing when it is filtered out. Costs a walk over the order.
    std::optional<std::size_t> position(std::uint32_t record) const;

    std::size_t total() const { return total_; }             // records that are not deleted
    std::size_t unconfirmed() const { return unconfirmed_; } // of all, not only of those shown
    std::size_t checking() const { return checking_; }
    std::size_t conflicts() const { return in_conflict_; } // edits that wait for a decision
    std::size_t pending() const { return pending_; }       // local edits that are not written yet
    // The cells that a deleted record had; null when it is not leaving.
    const engine::Row* leaving(std::uint32_t record) const;
    bool any_leaving() const { return !leaving_.empty(); }

    // How many records the last update looked at: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    struct Leaving {
        engine::RowPtr row;
        LocalTime until;
    };
    bool wanted(const engine::Record& record) const;
    bool before(std::uint32_t a, std::uint32_t b) const;
    void count(const engine::Record& record, int sign);
    void rebuild();
    void change(const std::vector<std::uint32_t>& changed);

    engine::SnapshotPtr snapshot_; // holds the chunks, so that an identity cannot be used again
    std::size_t store_ = 0;
    Question question_;
    std::vector<std::string> words_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> scratch_;
    std::vector<bool> touched_;
    std::unordered_map<std::uint32_t, Leaving> leaving_;
    std::size_t total_ = 0, unconfirmed_ = 0, checking_ = 0, in_conflict_ = 0, pending_ = 0, examined_ = 0;
};

// Order of two cells of one column: empty last, whole numbers by value, priorities by rank, the rest by text.
int compare_cells(std::string_view a, std::string_view b, engine::ColumnKind kind);

} // namespace fhirscope::gui
