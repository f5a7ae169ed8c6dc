#pragma once
// Which of the engine's snapshots are worth a frame of their own.

#include "engine/snapshot.hpp"

namespace fhirscope::gui {

// A frame that says only that the connection lives.
bool is_beat(engine::FrameKind kind);

// Whether anything but such frames came after `before`; what did not is shown with the ages, once a second.
bool has_news(const engine::Snapshot& before, const engine::Snapshot& now);

} // namespace fhirscope::gui
