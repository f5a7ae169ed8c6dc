// A session as a file: inputs a second that a replay takes from it, beside an engine that is given the same inputs from
// memory. Also: what writing and reading alone take, and bytes that an update takes in the file.

#include "bench.hpp"
#include "bench_updates.hpp"
#include "engine/engine.hpp"
#include "session/reader.hpp"
#include "session/recorder.hpp"
#include "session/replay.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace fhirscope::bench {
namespace {

constexpr std::size_t recorded_resources = 1'000, recorded_versions = 20, recording_rounds = 7;

std::vector<engine::Input> session_inputs() {
    LocalTime at{std::chrono::seconds(1'770'720'000)};
    std::vector<engine::Input> inputs = beginning(at);
    for (std::size_t v = 0; v < recorded_versions; ++v)
        for (std::size_t r = 0; r < recorded_resources; ++r) {
            at += std::chrono::milliseconds(5);
            inputs.push_back({at, engine::Frame{1, engine::make_text(notification(r, v))}});
            inputs.push_back({at, engine::Drain{}});
        }
    return inputs;
}

template <class T>
T taken(Result<T> result) {
    if (!result) std::abort(); // the figure is of a session that was written and read
    return std::move(*result);
}

} // namespace

Figure recording() {
    const std::vector<engine::Input> inputs = session_inputs();
    const auto path =
        (std::filesystem::temp_directory_path() / ("bench-" + std::to_string(::getpid()) + ".fhirscope")).string();
    double best_write = 1e9, best_read = 1e9, best_replay = 1e9, best_engine = 1e9;
    std::uintmax_t file_bytes = 0;
    for (std::size_t round = 0; round < recording_rounds; ++round) {
        std::filesystem::remove(path);
        best_write = std::min(best_write, seconds_of([&] {
                                  const auto recorder = taken(session::Recorder::create(path, {}));
                                  for (const engine::Input& input : inputs) recorder->add(input);
                                  if (!recorder->close({})) std::abort();
                              }));
        file_bytes = std::filesystem::file_size(path);
        const session::Reader reader = taken(session::Reader::open(path));
        best_read = std::min(best_read, seconds_of([&] {
                                 if (taken(reader.for_each([](const engine::Input&) { return true; })) != inputs.size())
                                     std::abort();
                             }));
        engine::Engine replayed, given;
        best_replay = std::min(best_replay, seconds_of([&] { taken(session::replay(reader, replayed)); }));
        best_engine = std::min(best_engine, seconds_of([&] {
                                   for (const engine::Input& input : inputs) given.step(input);
                                   if (given.state_hash() == 0) std::abort();
                               }));
        if (given.state_hash() != replayed.state_hash()) std::abort();
    }
    std::filesystem::remove(path);
    const auto n = static_cast<double>(inputs.size());
    Figure figure;
    figure.name = "recording";
    figure.unit = "inputs/s";
    figure.figure = n / best_replay;
    figure.reference = n / best_engine;
    figure.reference_is = "the same inputs from memory";
    figure.ratio = figure.figure / figure.reference;
    figure.parts.emplace_back("written, inputs/s", n / best_write);
    figure.parts.emplace_back("read alone, inputs/s", n / best_read);
    figure.parts.emplace_back("bytes of an update in the file",
                              static_cast<double>(file_bytes) / (recorded_resources * recorded_versions));
    return figure;
}

} // namespace fhirscope::bench
