#pragma once
// A session against a running server, as `demo` and `connect` have it: engine and network, recording, window or none,
// and at the end the comparison with the server and the summary.

#include "app/command_line.hpp"
#include "app/expectations.hpp"
#include "app/open_session.hpp"
#include "app/signals.hpp"
#include "diagnosis/diagnosis.hpp"
#include "diagnosis/explain.hpp"
#include "gui/model/demo_control.hpp"
#include "runtime/runtime.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace fhirscope::app {

// What goes on beside the client of a session: the demo's clinic and those who play in it, or a question to be
// answered.
class Companion {
public:
    virtual ~Companion() = default;
    virtual void begin(runtime::Runtime&) {} // the client runs
    virtual void end() {}                    // it will be stopped: called once where begin was, before settle
    virtual void settle() {} // before the stores are compared with the server: ends changes where we can
    virtual bool over() const { return false; } // true ends a session without a window and a time as its time would
    virtual std::string problem() const { return {}; } // asked last: what went wrong beside the client; "" for nothing
};

// What a session without a window came to.
struct Concluded {
    const engine::Snapshot& last;
    const diagnosis::Diagnosis& diagnosis;
    const std::optional<diagnosis::Explanation>& explanation; // of LiveSession::explain, where time was left to ask
};

struct LiveSession {
    std::shared_ptr<Companion> companion; // null: none; outlives the client
    runtime::RuntimeOptions runtime;      // but for what it hears and what is known, which is the session's part
    ViewOptions view;
    std::string record;
    FlightChoice flight;
    bool deidentify = false; // the people are left out of it
    SourceOptions sources; // for what is opened later in the same window
    std::string title;     // of the window
    ExpectOptions expect;
    std::vector<checks::ExpectFile> expected; // load_expectations of it
    std::string explain; // a resource that the server is asked about at the end: its explanation is printed
    std::string cache;   // where the state is kept for the next start; "": nowhere
    bool demo = false;
    std::string place;                   // in the list of recent ones; "": the server's address
    gui::DemoControl* control = nullptr; // of a demo; outlives the session
    // Without a window: prints what it came to in place of the summary, and gives the exit code. Empty: the summary.
    std::function<ExitCode(const Concluded&)> conclude;
};

// Starts it: the server was reached and the login made. Errors: those of runtime::Runtime::start and of the recorder.
Opened open_live(LiveSession session, const std::stop_token& stop = {});

// Before a runtime is stopped: its Subscriptions go with it, which takes 3 s at most. Says which are perhaps left.
void take_leave(runtime::Runtime& runtime);

ExitCode run_live(LiveSession session, StopSignals& signals);

} // namespace fhirscope::app
