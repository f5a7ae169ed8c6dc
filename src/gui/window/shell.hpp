#pragma once
// The workspace frame: top bar, rail, the view in the middle, inspector, timeline strip, status bar. Owns the state of
// the window and hands each part its rectangle.

#include "diagnosis/diagnosis.hpp"
#include "gui/frame/bars/status_bar.hpp"
#include "gui/frame/bars/top_bar.hpp"
#include "gui/frame/context.hpp"
#include "gui/frame/demo_panel.hpp"
#include "gui/frame/overlays/caption_box.hpp"
#include "gui/frame/overlays/edit_box.hpp"
#include "gui/frame/overlays/help_sheet.hpp"
#include "gui/frame/overlays/palette_box.hpp"
#include "gui/frame/timeline/timeline.hpp"
#include "gui/frame/view.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/views/start/start_page.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace fhirscope::gui {

// What one frame needs from outside.
struct FrameInput {
    engine::SnapshotPtr snapshot; // never null; empty_snapshot() before there is one
    engine::SnapshotPtr whole{};  // see WindowSource::whole(); null: the same
    SessionInfo session;
    FrameStats stats;
    LocalTime now{};
    std::function<void(engine::Command)> send;
    Targets* targets = nullptr;
    const StartInfo* start = nullptr; // what the start page can offer; null: there is none
    const Opening* opening = nullptr; // null: nothing is being opened
};

// All views in rail order.
std::vector<std::unique_ptr<View>> make_views();

// A snapshot in which nothing happened yet.
engine::SnapshotPtr empty_snapshot();

class Shell {
public:
    Shell();
    ~Shell();

    // Draws one frame over the whole of ImGui's display. Between NewFrame() and Render().
    // Returns the time after which the picture changes by itself (at most one second: ages).
    std::chrono::milliseconds draw(const FrameInput& input, const Theme& theme);

    // What is computed beside the frames. When it has news the window draws another one.
    Worker& worker() { return worker_; }
    UiState& ui() { return ui_; }
    const UiState& ui() const { return ui_; }

private:
    View& current_view();
    std::chrono::milliseconds diagnose(const engine::SnapshotPtr& whole, const engine::SnapshotPtr& shown);
    void follow_time(const engine::SnapshotPtr& shown);
    static constexpr std::chrono::milliseconds ages{1000}; // ages are drawn anew each second
    engine::SnapshotPtr hold(const engine::SnapshotPtr& newest);
    void choose_span(const engine::Snapshot& snapshot, LocalTime now, bool recorded);
    void draw_parts(Context& context, const Rect& whole);
    std::pair<Rect, Rect> draw_around(Context& context, Rect rest);
    Rect draw_main(Context& context, Rect middle);
    void draw_rail(Context& context, const Rect& area);
    void draw_side(Context& context, View& view, const Rect& inspector);
    // Returns what is left for the view beside the inspector.
    Rect draw_middle(Context& context, Rect rest, const Rect& middle);
    void draw_page(Context& context, const Rect& area);
    // The page that is shown: without a session there is no view.
    Page page(const Context& context) const;

    Worker worker_;
    UiState ui_;
    std::vector<std::unique_ptr<View>> views_;
    Inspector inspector_;
    Timeline timeline_;
    TopBar top_;
    StartPage start_;
    StatusBar status_;
    ShownLog shown_;
    // Of all that is known, in a row; and of an earlier moment, where one is shown, by itself.
    struct Diagnosed {
        diagnosis::Diagnosis of;
        engine::SnapshotPtr snapshot;
        double at = 0; // ImGui's time: a replay's own may stand still
    };
    Diagnosed whole_, moment_;
    engine::SnapshotPtr drawn_; // in the frame before
    EditBox edit_box_;
    PaletteBox palette_;
    CaptionBox caption_;
    DemoPanel demo_;
    HelpSheet help_;
    engine::SnapshotPtr held_; // while paused
};

} // namespace fhirscope::gui
