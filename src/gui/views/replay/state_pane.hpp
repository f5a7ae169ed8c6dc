#pragma once
// The state at the moment that is shown against that of another one: resources, field by field.

#include "gui/frame/context.hpp"
#include "gui/model/replay/state_diff.hpp"
#include "gui/ui/drop_down.hpp"
#include "gui/ui/grid.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace fhirscope::gui {

class StatePane {
public:
    void draw(Context& context, Rect area);
    const std::vector<StateRow>& rows() const { return diff_.rows; }
    std::optional<std::int64_t> selected_row(const Context& context) const;
    void select_row(Context& context, std::int64_t row);

private:
    // The state at a bookmark is had by showing that moment once, and going back.
    struct Fetch {
        std::uint64_t number = 0; // of the bookmark
        LocalTime at, back;
        bool to_end = false;
    };
    void header(Context& context, const Rect& row);
    void choose_bookmark(Context& context);
    void fetch(Context& context);
    void refresh(Context& context);
    void row(Context& context, std::int64_t place);

    bool against_bookmark_ = false; // else: against the end, or now
    std::uint64_t bookmark_ = 0;    // its number; 0: none was chosen
    engine::SnapshotPtr held_;      // its state
    std::uint64_t held_of_ = 0;
    std::optional<Fetch> fetch_;
    DropDown choice_;
    Grid grid_;
    Job<StateDiff> job_;
    StateDiff diff_;
    engine::SnapshotPtr here_, there_; // that were compared last
    bool made_ = false;
    double made_at_ = 0; // ImGui's time
    std::size_t selected_ = SIZE_MAX;
};

} // namespace fhirscope::gui
