#pragma once
// What a view can read and what it may do: it reads one immutable snapshot and the window's state, and sends commands.
// Drawing never touches the network or a file, and no lock that anybody holds for longer than a pointer takes.

#include "diagnosis/diagnosis.hpp"
#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "gui/frame/ui_state.hpp"
#include "gui/model/frame_history.hpp"
#include "gui/model/log/shown_log.hpp"
#include "gui/model/session.hpp"
#include "gui/model/worker.hpp"
#include "gui/ui/frame.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace fhirscope::gui {

struct DemoStatus;
struct PlayheadStatus;
struct StartInfo;

// Measured by the window's loop, not by views.
struct FrameStats {
    double cpu_ms = 0; // CPU time to build the last frames (mean)
    double frames_per_second = 0;
    std::uint64_t memory = 0;                                 // resident bytes of the process; 0 when unknown
    std::shared_ptr<const FrameHistory> history{};            // null when nothing is measured
    std::shared_ptr<const std::vector<ThreadLoad>> threads{}; // of the last second or more; null when unknown
};

// What there is to show, and the way back to the engine.
struct Content {
    const engine::Snapshot& snapshot;
    engine::SnapshotPtr snapshot_ptr; // the same, for those who keep it to compare with the next
    engine::SnapshotPtr whole;        // of all that is known, where an earlier moment is shown; else the same
    const SessionInfo& session;
    const FrameStats& stats;
    UiState& ui;
    LocalTime now; // the moment that is shown
    const std::function<void(engine::Command)>& send;
    const ShownLog& shown;
    const diagnosis::Diagnosis& findings;       // of the snapshot, or of one up to a second before it
    const diagnosis::Diagnosis& whole_findings; // of `whole`
    const DemoStatus* demo = nullptr;           // null outside a demo
    const PlayheadStatus* playhead = nullptr;   // null where only the newest can be shown
    bool looking_back = false;                  // an earlier moment is shown while the session goes on
    std::uint64_t behind = 0;                   // while paused: updates that arrived since
    const StartInfo* start = nullptr;           // what the start page can offer; null: it is not reachable
    const Opening* opening = nullptr;           // null: nothing is being opened
    Worker* worker = nullptr;                   // for what takes longer than a frame has; null: it is done at once
};

// One frame's worth of everything: the toolkit's part and what is shown. Lives for the frame only.
struct Context : Frame, Content {};

// Whether commands reach a server from here: not while another client is watched, not in a recording, and not from an
// earlier moment.
inline bool can_send(const Context& context) {
    return !context.snapshot.connection.observing && context.session.source != Source::Replay && !context.looking_back;
}

} // namespace fhirscope::gui
