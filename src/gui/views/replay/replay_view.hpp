#pragma once
// Replay: the moment that is shown, what differs from the end or another moment, and bookmarks.

#include "gui/frame/view.hpp"
#include "gui/views/replay/bookmark_list.hpp"
#include "gui/views/replay/state_pane.hpp"

namespace fhirscope::gui {

class ReplayView final : public View {
public:
    ViewId id() const override { return ViewId::Replay; }
    std::string_view title() const override { return "Replay"; }
    Icon icon() const override { return Icon::Recording; }
    bool offered(const Context& context) const override;
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;

private:
    void header(Context& context, const Rect& row);
    void at_playhead(Context& context, Rect area);

    StatePane state_;
    BookmarkList bookmarks_;
    int tab_ = 0; // in a narrow window: the state, the bookmarks, the moment
};

} // namespace fhirscope::gui
