#pragma once
// What the window is told about the session beside the engine's snapshots.

#include "gui/model/values.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace fhirscope::gui {

class DemoControl;
class PlayheadControl;

struct SessionInfo {
    std::string title; // "Cardiology follow-up", or the server's host again
    Source source = Source::Live;
    std::string recording; // path of the session file that is written; "" when nothing is recorded
    LocalTime recording_since{};
    // What can be caused on purpose; null outside a demo.
    DemoControl* demo = nullptr;
    // The moment that is shown; null where only the newest can be.
    PlayheadControl* playhead = nullptr;
    bool open = true; // false: nothing is open, and the window is at its start page
};

// What is being opened, which may take a while and can be given up.
struct Opening {
    std::string what;               // "Connecting to https://…"
    std::uint64_t done = 0, of = 0; // inputs that were read; 0 of 0: not known
    std::chrono::milliseconds elapsed{0};
};

} // namespace fhirscope::gui
