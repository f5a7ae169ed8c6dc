// Notifications of about 3 kB through the whole engine (decode, queue, all stages, journal, metrics), beside
// RapidJSON's in-situ DOM parse of the same bytes. One core. Also: bytes that the engine keeps of each resource
// version.

#include "bench.hpp"
#include "bench_updates.hpp"
#include "engine/engine.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <numeric>
#include <span>

namespace fhirscope::bench {
namespace {

constexpr std::size_t resources = 1'000, versions = 20, rounds = 7;

} // namespace

Figure pipeline() {
    using namespace engine;
    std::vector<Text> frames;
    std::size_t bytes = 0;
    for (std::size_t v = 0; v < versions; ++v)
        for (std::size_t r = 0; r < resources; ++r) {
            frames.push_back(make_text(notification(r, v)));
            bytes += frames.back()->size();
        }
    // Both take turns, a chunk each, and of each chunk the best of several rounds counts: a machine that other work
    // slows down for a while slows both. The parser's chunk is another one, so that neither finds its frames in the
    // cache.
    std::array<double, versions> best_engine, best_parse;
    best_engine.fill(1e9);
    best_parse.fill(1e9);
    Figure figure;
    std::string buffer;
    for (std::size_t round = 0; round < rounds; ++round) {
        Engine engine;
        LocalTime at{std::chrono::seconds(1'770'720'000)};
        for (const Input& input : beginning(at)) engine.step(input);
        for (std::size_t chunk = 0; chunk < versions; ++chunk) {
            const std::span mine(frames.data() + chunk * resources, resources);
            best_engine[chunk] = std::min(best_engine[chunk], seconds_of([&] {
                                              for (std::size_t i = 0; i < mine.size(); ++i) {
                                                  at += std::chrono::microseconds(20);
                                                  engine.step({at, Frame{1, mine[i]}});
                                                  if (i % 64 == 63) engine.step({at, Drain{}});
                                              }
                                              while (engine.wants_drain()) engine.step({at, Drain{}});
                                          }));
            const std::size_t other = (chunk + versions / 2) % versions;
            const std::span theirs(frames.data() + other * resources, resources);
            best_parse[other] = std::min(best_parse[other], seconds_of([&] {
                                             std::size_t members = 0;
                                             for (const Text& frame : theirs) {
                                                 buffer = *frame;
                                                 rapidjson::Document document;
                                                 document.ParseInsitu(buffer.data());
                                                 members += document.MemberCount();
                                             }
                                             if (members != theirs.size() * 5) std::abort();
                                         }));
        }
        const auto snapshot = engine.publish();
        if (snapshot->metrics.counters.applied != frames.size())
            std::abort(); // the figure is of updates that were applied
        if (round + 1 == rounds) {
            const double kept = static_cast<double>(frames.size());
            figure.parts.emplace_back("bytes of a notification", static_cast<double>(bytes) / kept);
            figure.parts.emplace_back(
                "bytes kept of a resource version",
                static_cast<double>(snapshot->memory_resources + snapshot->memory_history) / kept);
            figure.parts.emplace_back("bytes of a log row", static_cast<double>(snapshot->memory_updates) / kept);
        }
    }
    const auto n = static_cast<double>(frames.size());
    figure.name = "pipeline";
    figure.unit = "notifications/s";
    const double engine_seconds = std::accumulate(best_engine.begin(), best_engine.end(), 0.0);
    const double parse_seconds = std::accumulate(best_parse.begin(), best_parse.end(), 0.0);
    figure.figure = n / engine_seconds;
    figure.reference = n / parse_seconds;
    figure.reference_is = "RapidJSON in-situ DOM parse of the same bytes";
    figure.ratio = figure.figure / figure.reference;
    figure.parts.emplace_back("engine, microseconds each", engine_seconds / n * 1e6);
    figure.parts.emplace_back("parse, microseconds each", parse_seconds / n * 1e6);
    return figure;
}

} // namespace fhirscope::bench
