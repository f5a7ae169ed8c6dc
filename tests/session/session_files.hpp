#pragma once
// Session files that tests make, and inputs to put into them.

#include "engine/input.hpp"
#include "session/reader.hpp"
#include "session/recorder.hpp"
#include "support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace fhirscope::tests {

// A path in the tests' output folder at which nothing lies.
inline std::string fresh_path(const std::string& name) {
    const std::filesystem::path folder = std::filesystem::path(output) / "session";
    std::filesystem::create_directories(folder);
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(folder / (name + suffix));
    return (folder / name).string();
}

inline LocalTime at(std::int64_t micros) { return LocalTime(std::chrono::microseconds(micros)); }

inline engine::Input frame_input(std::int64_t micros, std::string text) {
    return {at(micros), engine::Frame{1, engine::make_text(std::move(text))}};
}

// One of every kind, with something in every field that a file could lose.
inline std::vector<engine::Input> one_of_each() {
    using namespace engine;
    Config config;
    config.base_url = "http://127.0.0.1:8103/";
    config.subscriptions = {{"tasks", "Task?status=requested"}};
    config.panels = {
        {"tasks", "Tasks", "Task", "Task", {{"status", "Status", "status", ColumnKind::Status, 90, true}}, "status"}};
    std::int64_t t = 1'770'719'400'000'000;
    std::vector<Input> inputs;
    const auto put = [&](InputBody body) { inputs.push_back({at(t++), std::move(body)}); };
    put(Start{config});
    put(HttpAnswer{7, 200, "application/fhir+json", "W/\"1\"", "/Task/1", "Tue", "r=5", "3", make_text("{\"a\":1}")});
    put(HttpFailed{8, Failure::Timeout, "no answer for 30 s"});
    put(SocketOpened{2});
    put(SocketFailed{3, Failure::Refused, "refused"});
    put(SocketClosed{2, 1006, "gone"});
    put(Frame{2, make_text("{\"type\":\"pong\"} é \xE2\x80\xA8")});
    put(Frame{2, nullptr});
    put(FrameSent{2, make_text(std::string("a\0b", 3))});
    put(Observed{"PUT", "http://x/Task/1", 412, make_text("{}"), make_text("")});
    put(Tick{});
    put(Drain{});
    put(Command{Connect{}});
    put(Command{Disconnect{}});
    put(Command{DropSocket{}});
    put(Command{SetFocus{"Task", "Task/1"}});
    put(Command{ReadResource{"Patient/2"}});
    put(Command{Verify{}});
    return inputs;
}

inline std::vector<engine::Input> read_all(const std::string& path) {
    std::vector<engine::Input> inputs;
    const auto reader = session::Reader::open(path);
    if (!reader) throw std::runtime_error(reader.error().message);
    const auto given = reader->for_each([&](const engine::Input& input) {
        inputs.push_back(input);
        return true;
    });
    if (!given) throw std::runtime_error(given.error().message);
    return inputs;
}

// Writes a complete session of these inputs.
inline void write_session(const std::string& path, const std::vector<engine::Input>& inputs,
                          session::RecorderOptions options = {}) {
    auto recorder = session::Recorder::create(path, std::move(options));
    if (!recorder) throw std::runtime_error(recorder.error().message);
    for (const auto& input : inputs) (*recorder)->add(input);
    if (auto closed = (*recorder)->close({0x0123456789abcdefULL, engine::Counters{}}); !closed)
        throw std::runtime_error(closed.error().message);
}

} // namespace fhirscope::tests
