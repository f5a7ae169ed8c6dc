#pragma once
// What is open in the window: a demo, a server or a recording. The window outlives it.

#include "app/command_line.hpp"
#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "gui/model/request.hpp"
#include "gui/model/session.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace fhirscope::app {

// How a session came to its end, and whether its summary is printed.
enum class SessionEnd { Closed, TimeOver };
enum class Summary { Print, Keep };

// One thread calls it; snapshot() and send() only until end().
class OpenSession {
public:
    OpenSession() = default;
    OpenSession(const OpenSession&) = delete;
    OpenSession& operator=(const OpenSession&) = delete;
    virtual ~OpenSession() = default; // without end(): as if it had never been opened

    virtual gui::SessionInfo info() const = 0;
    virtual engine::SnapshotPtr snapshot() const = 0;
    virtual engine::SnapshotPtr whole() const { return snapshot(); } // see gui::WindowSource
    virtual void send(engine::Command command) = 0;
    // Of a session that goes on; what fails is said.
    virtual void start_recording(bool /*whole_session*/) {}
    virtual void stop_recording() {}
    virtual void save_what_is_kept() {} // to the file of --flight-recorder
    // As the list of recent ones names it.
    virtual gui::RecentSettings::Entry recent() const = 0;
    virtual ExitCode end(SessionEnd how, Summary summary) = 0;
};

using Opened = Result<std::unique_ptr<OpenSession>>;

// Of something that takes its time, looked at and stopped by another thread.
struct Progress {
    std::stop_token stop;
    std::atomic<std::uint64_t> done = 0, of = 0;
};

// What the start page opens, by the code of the subcommands. They may take long and are called by a thread of their
// own.
struct SourceOptions {
    PanelSources panels;
    bool insecure_http = false; // see runtime/transport.hpp
    MemoryOptions memory;
};
std::vector<gui::DemoChoice> demo_choices();
Opened open_demo(const gui::OpenDemo& wish, const SourceOptions& options);
Opened open_server(const gui::OpenServer& wish, const SourceOptions& options, const Progress& progress);
Opened open_recording(const gui::OpenRecording& wish, const SourceOptions& options, Progress& progress);

} // namespace fhirscope::app
