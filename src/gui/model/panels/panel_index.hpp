#pragma once
// Which rows of a store a panel shows, in which order: with local edits, as they are shown. Kept between frames: from
// one snapshot to the next only the records that changed are looked at (found by comparing the identities of chunks),
// so a frame costs the changes, not the rows. For another question the worker looks at all rows of a large store once
// more, while the rows stay as they were.

#include "engine/snapshot.hpp"
#include "gui/model/panels/range_changes.hpp"
#include "gui/model/panels/row_order.hpp"
#include "gui/model/values.hpp"
#include "gui/model/worker.hpp"
#include "query/query.hpp"
#include "query/resource_fields.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::gui {

class PanelIndex {
public:
    static constexpr int by_freshness = -1;
    static constexpr int unsorted = -2; // in the order in which resources became known
    // A store of so many records is looked at within one frame.
    static constexpr std::size_t at_once = 8192;

    struct Question {
        int sort_column = by_freshness; // index into the panel's columns
        engine::ColumnKind sort_kind = engine::ColumnKind::Text;
        bool descending = false;
        std::string filter; // in the filter language; one that its panel's fields do not understand holds nothing back
        std::optional<TimeRange> range; // what changed in it is counted
        bool only_changed = false;      // and nothing else is wanted
        bool operator==(const Question&) const = default;
    };

    // Brings the index to `snapshot`, unless the worker is asked first. Records deleted less than five seconds before
    // `now` stay, as the guide wants. Null for `worker`: whatever has to be looked at is looked at now.
    void update(const engine::SnapshotPtr& snapshot, std::size_t store, const Question& question, LocalTime now,
                Worker* worker = nullptr);

    // Record indexes in display order.
    const RowOrder& order() const { return order_; }
    // Where a record stands in order(); nothing when it is filtered out. Costs a walk over the order.
    std::optional<std::size_t> position(std::uint32_t record) const;
    // False: the filter speaks of what the panel has not.
    bool understood() const { return asked_.understood; }
    // False: an answer is on its way, and order() is of the question before.
    bool complete() const { return !job_.pending(); }

    // The cells to draw. Null: there is nothing to draw.
    const engine::Row* row(std::uint32_t index, const engine::Record& record);

    std::size_t total() const { return counts_.total; } // records that are not deleted
    std::size_t checking() const { return counts_.checking; }
    std::size_t stale() const { return counts_.stale; }           // known to differ from the server
    std::size_t conflicts() const { return counts_.in_conflict; } // edits that wait for a decision
    std::size_t pending() const { return counts_.pending; }       // local edits that are not written yet
    std::size_t changed() const { return counts_.changed; }       // in the range
    // Records of which nobody knows any more whether they changed in the range.
    std::size_t forgotten() const { return counts_.forgotten; }
    // The cells that a deleted record had; null when it is not leaving.
    const engine::Row* leaving(std::uint32_t record) const;
    bool any_leaving() const { return !leaving_.empty(); }

    // How many records the last update looked at by itself: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    struct Leaving {
        engine::RowPtr row;
        LocalTime until;
    };
    struct Counts {
        std::size_t total = 0, stale = 0, checking = 0, in_conflict = 0, pending = 0, changed = 0, forgotten = 0;
    };
    // A question with what answers it.
    struct Asked {
        Question question;
        std::shared_ptr<const query::ResourceFields> fields;
        query::Query query;
        bool understood = true;
    };
    // What a row is ordered by. The text belongs to a row that the snapshot holds.
    struct Key {
        std::string_view text;
        std::int64_t number = 0;
        std::uint32_t index = 0;
    };
    struct Answer {
        engine::SnapshotPtr snapshot;
        Asked asked;
        Counts counts;
        RowOrder order;
    };
    static Answer answer(const engine::SnapshotPtr& snapshot, std::size_t store, const Asked& asked,
                         const std::stop_token& stop);
    Asked asked(const engine::Snapshot& snapshot, const Question& question) const;
    static void count(const engine::Record& record, const Question& question, Counts& counts, int sign);
    // The cells by which a record is filtered and sorted; null when it is not wanted.
    static const engine::Row* wanted(const Asked& asked, const engine::Record& record);
    static bool less(const Question& question, const Key& a, const Key& b);
    Key key_of(const Asked& asked, const engine::Record& record, std::uint32_t index) const;
    static Key key_of_row(const Question& question, const engine::Row* row, const engine::Record& record,
                          std::uint32_t index);
    void start(const engine::SnapshotPtr& snapshot, const Question& question, Worker* worker);
    void show(Answer answer);
    std::vector<std::uint32_t> find_changes(const engine::Snapshot& snapshot, LocalTime now) const;
    bool stays(const engine::Snapshot& snapshot, std::uint32_t index);
    bool row_less(std::uint32_t a, std::uint32_t b);
    void take_out(const std::vector<std::uint32_t>& moved);
    void put_in(const std::vector<std::uint32_t>& moved);
    void look_at(const engine::Snapshot& snapshot, std::uint32_t index, LocalTime now);

    engine::SnapshotPtr snapshot_; // holds the chunks that the next one is compared with
    std::size_t store_ = 0;
    Asked asked_;
    Question question_; // that was asked last
    Job<Answer> job_;
    RowOrder order_;
    std::unordered_map<std::uint32_t, Leaving> leaving_;
    Counts counts_;
    std::size_t examined_ = 0;
};

// Order of two cells of one column: empty last, whole numbers by value, priorities by rank, the rest by text.
int compare_cells(std::string_view a, std::string_view b, engine::ColumnKind kind);

} // namespace fhirscope::gui
