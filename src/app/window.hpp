#pragma once
// The window over a source of snapshots, with what the command line says of it.

#include "app/command_line.hpp"
#include "app/signals.hpp"
#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "gui/context.hpp"

#include <functional>

namespace fhirscope::app {

enum class WindowEnd { Closed, TimeOver };

// Error "no-display", with what to do. Cheap: asked before anything is started.
Result<void> check_display();

// Shows the window on this thread until it is closed, the time is over, or a signal comes.
// Errors: those of gui::run_window.
Result<WindowEnd> show_window(const ViewOptions& options, const gui::SessionInfo& info,
                              std::function<engine::SnapshotPtr()> snapshot, std::function<void(engine::Command)> send,
                              StopSignals& signals);

} // namespace fhirscope::app
