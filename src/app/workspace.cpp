#include "app/workspace.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

namespace fhirscope::app {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::vector<std::string> profiles() {
    std::vector<std::string> names;
    std::error_code none;
    const std::string home = environment("HOME");
    if (home.empty()) return names;
    for (const auto& entry : fs::directory_iterator(fs::path(home) / ".medplum", none))
        if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

// Written by its thread until `ready`, read by the window's afterwards.
struct Workspace::Attempt {
    std::string what, failed;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    Progress progress;
    std::atomic<bool> ready = false;
    Opened result;
    std::jthread thread; // the last, since it uses the others
};

gui::StartInfo make_start_info(const SourceOptions& sources, LeftOut left_out) {
    gui::StartInfo info;
    info.version = version();
    info.demos = demo_choices();
    info.profiles = profiles();
    info.secret_in_environment = !environment("MEDPLUM_CLIENT_SECRET").empty();
    info.insecure_http = sources.insecure_http;
    info.url_in_environment = environment("MEDPLUM_BASE_URL");
    info.client_in_environment = environment("MEDPLUM_CLIENT_ID");
    if (const auto panels = load_panels(sources.panels, left_out))
        for (const engine::PanelDefinition& panel : *panels)
            info.criteria.push_back({true, panel.type, panel.criteria});
    else if (left_out == LeftOut::Tell)
        complain(panels.error().message);
    return info;
}

std::string check_recording(const std::string& path) {
    std::error_code none;
    const fs::file_status status = fs::status(path, none);
    if (status.type() == fs::file_type::not_found) return "There is no such file";
    if (status.type() == fs::file_type::directory) return "Is a folder";
    if (status.type() != fs::file_type::regular) return "Is no file";
    if (::access(path.c_str(), R_OK) != 0) return "Must not be read by this user";
    if (!path.ends_with(".fhirscope") && !path.ends_with(".jsonl")) return "Ends with neither .fhirscope nor .jsonl";
    return {};
}

gui::Notice notice_of(const Complaint& complaint) {
    gui::Notice notice;
    notice.text = complaint.why.empty() ? complaint.what : complaint.what + ".";
    notice.cause = complaint.why;
    if (!notice.text.empty())
        notice.text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(notice.text[0])));
    notice.key = complaint.text();
    return notice;
}

Workspace::Workspace(std::unique_ptr<OpenSession> first, SourceOptions sources, StopSignals* signals)
    : sources_(std::move(sources)),
      signals_(signals),
      session_(std::move(first)),
      start_(make_start_info(sources_, session_ ? LeftOut::Known : LeftOut::Tell)) {
    if (session_) opened_.push_back(session_->recent());
}

Workspace::~Workspace() = default;

engine::SnapshotPtr Workspace::snapshot() const { return session_ ? session_->snapshot() : nullptr; }

engine::SnapshotPtr Workspace::whole() const { return session_ ? session_->whole() : nullptr; }

void Workspace::command(engine::Command command) {
    if (session_) session_->send(std::move(command));
}

bool Workspace::stop() const { return signals_ != nullptr && signals_->wait(0ms); }

gui::SessionInfo Workspace::info() const {
    if (session_) return session_->info();
    gui::SessionInfo info;
    info.open = false;
    return info;
}

std::optional<gui::Opening> Workspace::opening() const {
    if (!attempt_) return std::nullopt;
    const auto elapsed = std::chrono::steady_clock::now() - attempt_->since;
    return gui::Opening{attempt_->what, attempt_->progress.done, attempt_->progress.of,
                        std::chrono::floor<std::chrono::milliseconds>(elapsed)};
}

void Workspace::tell(gui::Notice::Severity severity, std::string key, std::string text, std::string cause) {
    notices_.push_back({severity, std::move(key), std::move(text), std::move(cause), ""});
}

void Workspace::open(std::string what, std::string failed, std::function<Opened(Progress&)> opener) {
    if (attempt_) return; // one at a time
    attempt_ = std::make_shared<Attempt>();
    Attempt& attempt = *attempt_;
    attempt.what = std::move(what);
    attempt.failed = std::move(failed);
    attempt.thread =
        std::jthread([&attempt, opener = std::move(opener), closing = closing_](const std::stop_token& stop) {
            for (const auto& end : closing) end.wait(); // it may be the file, or the state, that is wanted now
            attempt.progress.stop = stop;
            attempt.result = opener(attempt.progress);
            if (stop.stop_requested()) attempt.result = fail(ErrorCode::Cancelled, "");
            attempt.ready = true;
            gui::wake_window();
        });
}

void Workspace::close() {
    if (!session_) return;
    auto end = [session = std::move(session_)]() mutable {
        const ExitCode code = session->end(SessionEnd::Closed, Summary::Keep);
        session.reset();
        return code;
    };
    closing_.push_back(std::async(std::launch::async, std::move(end)));
    ++generation_;
}

void Workspace::look_at_closing() {
    std::erase_if(
        closing_,
        [this](const auto& end) {
            if (end.wait_for(0s) != std::future_status::ready) return false;
            failed_ = failed_ || end.get() == ExitCode::Failed;
            return true;
        });
}

void Workspace::look() {
    std::erase_if(given_up_, [](const auto& attempt) { return attempt->ready.load(); });
    look_at_closing();
    for (const Complaint& complaint : take_complaints()) notices_.push_back(notice_of(complaint));
    if (!attempt_ || !attempt_->ready) return;
    const std::shared_ptr<Attempt> done = std::exchange(attempt_, nullptr);
    if (!done->result) {
        tell(gui::Notice::Severity::Error, "open", done->failed, done->result.error().message);
        return;
    }
    close();
    session_ = std::move(*done->result);
    ++generation_;
    opened_.push_back(session_->recent());
}

void Workspace::request(gui::Request request) {
    if (auto* demo = std::get_if<gui::OpenDemo>(&request)) {
        open(
            "Starting the demo", "The demo could not be started.",
            [wish = std::move(*demo), this](Progress&) { return open_demo(wish, sources_); });
    } else if (auto* server = std::get_if<gui::OpenServer>(&request)) {
        const std::string where =
            server->url.empty() ? "the server of " + server->profile : gui::without_secrets(server->url);
        open("Connecting to " + where, "There is no session with " + where + ".",
             [wish = std::move(*server), this](Progress& progress) { return open_server(wish, sources_, progress); });
    } else if (auto* file = std::get_if<gui::OpenRecording>(&request)) {
        open(
            "Reading " + file->path, "The recording could not be opened.",
            [wish = *file, this](Progress& progress) { return open_recording(wish, sources_, progress); });
    } else if (auto* check = std::get_if<gui::CheckPath>(&request)) {
        start_.path_problem = check->path.empty() ? "" : check_recording(check->path);
        start_.checked_path = std::move(check->path);
    } else if (const auto* record = std::get_if<gui::StartRecording>(&request)) {
        if (session_) session_->start_recording(record->whole_session);
    } else if (std::holds_alternative<gui::StopRecording>(request)) {
        if (session_) session_->stop_recording();
    } else if (std::holds_alternative<gui::CloseSession>(request)) {
        close();
    } else if (std::holds_alternative<gui::CancelOpening>(request) && attempt_) {
        attempt_->thread.request_stop();
        given_up_.push_back(std::exchange(attempt_, nullptr));
    }
}

bool Workspace::finish(std::chrono::milliseconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    for (const auto& end : closing_) end.wait_until(deadline);
    look_at_closing();
    return closing_.empty();
}

std::vector<gui::Notice> Workspace::take_notices() {
    look();
    return std::exchange(notices_, {});
}

std::vector<gui::RecentSettings::Entry> Workspace::take_opened() { return std::exchange(opened_, {}); }

} // namespace fhirscope::app
