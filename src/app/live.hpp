#pragma once
// A session against a running server, as `demo` and `connect` have it: engine and network, recording, window or none,
// and at the end the comparison with the server and the summary.

#include "app/command_line.hpp"
#include "app/open_session.hpp"
#include "app/signals.hpp"
#include "gui/model/demo_control.hpp"
#include "runtime/runtime.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace fhirscope::app {

struct LiveSession {
    std::shared_ptr<void> world; // what the functions below use; outlives the client
    runtime::Connection connection;
    engine::Config engine;
    bool probe = false;                   // read the server's metadata first; see runtime::RuntimeOptions
    std::optional<fhir::Dialect> dialect; // instead of what it says
    ViewOptions view;
    std::string record;
    SourceOptions sources; // for what is opened later in the same window
    std::string title;     // of the window
    std::string explain;   // a resource that the server is asked about at the end: its explanation is printed
    std::string cache;     // where the state is kept for the next start; "": nowhere
    bool demo = false;
    std::string place;                   // in the list of recent ones; "": the server's address
    gui::DemoControl* control = nullptr; // of a demo; outlives the session
    std::function<bool()> over;          // without a window and a time: true ends the session as its time would
    std::function<void(runtime::Runtime&)> begun; // the client runs
    std::function<void()> ending;                 // it will be stopped: called once where begun was, before settle
    std::function<void()> settle; // called before the stores are compared with the server: ends changes where we can
    std::function<std::string()> problem; // asked last: what went wrong beside the client; "" for nothing
};

// Starts it: the server was reached and the login made. Errors: those of runtime::Runtime::start and of the recorder.
Opened open_live(LiveSession session, const std::stop_token& stop = {});

// Before a runtime is stopped: its Subscriptions go with it, which takes 3 s at most. Says which are perhaps left.
void take_leave(runtime::Runtime& runtime);

ExitCode run_live(LiveSession session, StopSignals& signals);

} // namespace fhirscope::app
