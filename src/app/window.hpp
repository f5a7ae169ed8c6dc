#pragma once
// The window, which outlives what is open in it: starts what its start page asks for, ends what it closes.

#include "app/command_line.hpp"
#include "app/open_session.hpp"
#include "app/signals.hpp"
#include "fhir/result.hpp"

#include <memory>

namespace fhirscope::app {

// Error "no-display", with what to do. Cheap: asked before anything is started.
Result<void> check_display();

// The program's own log, for a window or without one; says where there can be none.
void set_up_program_log(bool headless);

// Shows the window on this thread until it is closed, the time is over, or a signal comes. What `first` is (null: the
// start page) ends with it, unless the user ended it before; then its summary is printed.
ExitCode show_session(std::unique_ptr<OpenSession> first, const ViewOptions& options, StopSignals& signals,
                      const SourceOptions& sources = {});

} // namespace fhirscope::app
