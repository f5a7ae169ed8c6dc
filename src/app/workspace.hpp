#pragma once
// What is open, what is being opened, and what the start page is told: the program's side of the window.

#include "app/open_session.hpp"
#include "app/panels.hpp"
#include "app/signals.hpp"
#include "gui/window/window.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::app {

// Thread safety: one thread, the window's. Opening and closing run on threads of their own. What is given up ends
// within moments; the destructor gives up what is left, and waits for that and for what closes.
class Workspace final : public gui::WindowSource {
public:
    // `signals`: what closes the window from outside; null: nothing does.
    Workspace(std::unique_ptr<OpenSession> first, SourceOptions sources, StopSignals* signals = nullptr);
    ~Workspace() override;

    // Null while nothing is open.
    OpenSession* session() const { return session_.get(); }
    // Whether it is the one that the workspace began with.
    bool is_first() const { return session_ != nullptr && generation_ == 0; }

    engine::SnapshotPtr snapshot() const override;
    engine::SnapshotPtr whole() const override;
    void command(engine::Command command) override;
    gui::SessionInfo info() const override;
    bool stop() const override;
    std::uint64_t generation() const override { return generation_; }
    const gui::StartInfo& start() const override { return start_; }
    std::optional<gui::Opening> opening() const override;
    void request(gui::Request request) override;
    // Called before each frame: looks first.
    std::vector<gui::Notice> take_notices() override;
    std::vector<gui::RecentSettings::Entry> take_opened() override;

    // Takes over what was opened meanwhile.
    void look();
    // Waits until what was closed has ended, its recording included. False: not within this time.
    bool finish(std::chrono::milliseconds within);
    // Whether something that was closed could not end as it should: its recording is not what was asked for.
    bool failed() const { return failed_; }

private:
    struct Attempt;
    void open(std::string what, std::string failed, std::function<Opened(Progress&)> opener);
    void close();
    void look_at_closing();
    void tell(gui::Notice::Severity severity, std::string key, std::string text, std::string cause);

    SourceOptions sources_;
    StopSignals* signals_;
    std::unique_ptr<OpenSession> session_;
    std::uint64_t generation_ = 0;
    gui::StartInfo start_;
    std::shared_ptr<Attempt> attempt_;
    std::vector<std::shared_ptr<Attempt>> given_up_;
    std::vector<std::shared_future<ExitCode>> closing_;
    bool failed_ = false;
    std::vector<gui::Notice> notices_;
    std::vector<gui::RecentSettings::Entry> opened_;
};

// What can be known beforehand: demos, criteria of the panels, profiles, what the environment says.
gui::StartInfo make_start_info(const SourceOptions& sources, LeftOut left_out);

// Why a file cannot be opened as a recording; "" when nothing speaks against it.
std::string check_recording(const std::string& path);

// What is true is its text, why it is so its cause.
gui::Notice notice_of(const Complaint& complaint);

} // namespace fhirscope::app
