// The targets that end in an engine: frames, session files, transcripts.
#include "engine/engine.hpp"
#include "engine/input_message.hpp"
#include "fhir/notification.hpp"
#include "files/regular_file.hpp"
#include "session/import.hpp"
#include "session/reader.hpp"
#include "session/recorder.hpp"
#include "targets.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace fhirscope::fuzz {

namespace {

constexpr std::uint64_t replayed_at_most = 2'000; // inputs: the bytes are what varies, not the patience

// A file of this process's own, in memory where there is such a place.
std::string scratch(const std::string& name) {
    static const std::string folder = [] {
        const std::filesystem::path memory = "/dev/shm";
        const auto place = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
        const auto mine = place / ("fhirscope-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(mine);
        return mine.string();
    }();
    static const struct Remover {
        std::string folder;
        ~Remover() {
            std::error_code ignored;
            std::filesystem::remove_all(folder, ignored);
        }
    } remover{folder};
    return folder + "/" + name;
}

std::string written(const std::string& name, std::string_view bytes) {
    const std::string path = scratch(name);
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
}

std::string good_session() {
    static const std::string path = [] {
        const std::string fresh = scratch("good.fhirscope");
        auto recorder = session::Recorder::create(fresh, {});
        if (!recorder) throw std::runtime_error(recorder.error().message);
        (*recorder)->add({LocalTime(std::chrono::seconds(1)), engine::Start{}});
        if (auto closed = (*recorder)->close({1, {}}); !closed) throw std::runtime_error(closed.error().message);
        return fresh;
    }();
    return path;
}

std::vector<engine::PanelDefinition> panels() {
    engine::PanelDefinition tasks{"tasks", "Tasks", "Task", "Task", {}, ""};
    tasks.columns = {{"status", "Status", "status"}, {"owner", "Owner", "handler:owner"}};
    engine::PanelDefinition patients{"patients", "Patients", "Patient", "Patient", {}, ""};
    patients.columns = {{"name", "Name", "handler:name"}};
    return {tasks, patients};
}

} // namespace

void frame(std::string_view bytes) {
    static_cast<void>(fhir::decode_medplum_frame(bytes));
    engine::Engine engine;
    LocalTime at{std::chrono::seconds(1'770'000'000)};
    const auto step = [&](engine::InputBody body) {
        at += std::chrono::milliseconds(10);
        engine.step({at, std::move(body)});
    };
    engine::Config config;
    config.mode = engine::Mode::Observe;
    config.base_url = "http://h/";
    config.panels = panels();
    step(engine::Start{config});
    step(engine::SocketOpened{1});
    // Twice: the second time everything in it is known.
    for (int i = 0; i < 2; ++i) {
        step(engine::Frame{1, engine::make_text(std::string(bytes))});
        step(engine::Drain{});
    }
    static_cast<void>(engine.publish());
}

void session(std::string_view bytes) {
    if (bytes.empty()) return;
    engine::Engine engine;
    std::uint64_t count = 0;
    const auto replay = [&](const engine::Input& input) {
        engine.step(input);
        return ++count < replayed_at_most;
    };
    if (bytes.front() == 'F' || bytes.front() == 'J') {
        const bool journal = bytes.front() == 'J';
        const std::string path = journal ? good_session() : written("session.fhirscope", bytes.substr(1));
        if (journal) written("good.fhirscope-journal", bytes.substr(1));
        const auto reader = session::Reader::open(path);
        if (reader) static_cast<void>(reader->for_each(replay));
        // A journal is looked at or left alone; neither may cost the session.
        if (journal && !(reader && reader->summary().inputs == 1)) __builtin_trap();
    } else {
        engine::MessageReader reader(bytes.substr(1));
        for (engine::Input input; reader.read_next(input) && replay(input);) input = {};
    }
    static_cast<void>(engine.publish());
    static_cast<void>(engine.state_hash());
}

void transcript(std::string_view bytes) {
    engine::Engine engine;
    session::ImportOptions options;
    options.panels = panels();
    options.tool_version = "0";
    static_cast<void>(
        session::import_transcript(written("transcript.jsonl", bytes), options, engine, [](const engine::Input&) {}));
    static_cast<void>(engine.publish());
}

void lines(std::string_view bytes) {
    constexpr std::size_t longest = 1'000;
    auto file = files::RegularFile::open(written("lines", bytes), 1u << 20);
    if (!file) return; // larger than that
    files::LineReader reader(std::move(*file), longest);
    std::istringstream expected{std::string(bytes)};
    for (std::string line; std::getline(expected, line);) {
        const auto next = reader.next();
        if (line.size() > longest && !next) return;
        if (line.size() > longest || !next || *next != files::LineReader::Next::Line || reader.line() != line)
            __builtin_trap();
    }
    if (reader.next() != files::LineReader::Next::End) __builtin_trap();
}

} // namespace fhirscope::fuzz
