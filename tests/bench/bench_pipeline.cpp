// Notifications of about 3 kB through the whole engine (decode, queue, all stages, journal, metrics), beside
// RapidJSON's in-situ DOM parse of the same bytes. One core. Also: bytes that the engine keeps of each resource
// version.

#include "bench.hpp"
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
const std::string subscription = "5d000000-0000-4000-8000-000000000001";

std::string uuid(std::size_t n) {
    char text[37];
    std::snprintf(text, sizeof text, "%08zx-1111-4222-8333-%012zx", n * 2654435761u % 0xffffffffu, n);
    return text;
}

std::string notification(std::size_t resource, std::size_t version) {
    constexpr const char* statuses[] = {"requested", "received", "accepted", "in-progress", "on-hold", "completed"};
    char stamp[32];
    std::snprintf(stamp, sizeof stamp, "2026-02-10T10:%02zu:%02zu.%03zuZ", version % 60, resource / 20 % 60,
                  resource % 1000);
    std::string notes;
    for (int i = 0; i < 9; ++i)
        notes +=
            std::string(i ? "," : "") + R"({"authorReference":{"reference":"Practitioner/)" +
            uuid(900'000 + static_cast<std::size_t>(i)) +
            R"(","display":"N. Abadi"},"time":"2026-02-10T09:00:00.000Z","text":"Patient called back, dizziness is less than last week; dose unchanged."})";
    return R"({"id":")" + uuid(resource * 7 + version) + R"(","resourceType":"Bundle","type":"history","timestamp":")" +
           stamp +
           R"(","entry":[{"resource":{"id":"046832e6-db9d-4de5-b973-3d6c782cc059","resourceType":"SubscriptionStatus","status":"active","type":"event-notification","subscription":{"reference":"Subscription/)" +
           subscription + R"("},"notificationEvent":[{"eventNumber":"0","timestamp":")" + stamp +
           R"(","focus":{"reference":"Task/)" + uuid(resource) +
           R"(","display":"Titrate bisoprolol"}}]}},{"resource":{"resourceType":"Task","status":")" +
           statuses[version % 6] +
           R"(","intent":"order","priority":"urgent","code":{"coding":[{"system":"http://x.example/codes","code":"medication-titration","display":"Medication titration"}],"text":"Titrate bisoprolol"},"description":"Titrate bisoprolol, call patient","for":{"reference":"Patient/)" +
           uuid(resource % 100 + 500'000) + R"(","display":"Henrik Lindqvist"},"owner":{"reference":"Practitioner/)" +
           uuid(version % 3 + 700'000) +
           R"(","display":"N. Abadi"},"authoredOn":"2026-02-10T08:00:00.000Z","restriction":{"period":{"end":"2026-02-10T14:45:00.000Z"}},"identifier":[{"system":"http://x.example/ids","value":"T-)" +
           std::to_string(resource) + R"("}],"note":[)" + notes + R"(],"id":")" + uuid(resource) +
           R"(","meta":{"versionId":")" + uuid(resource * 31 + version + 2'000'000) + R"(","lastUpdated":")" + stamp +
           R"(","author":{"reference":"ClientApplication/0748a94c","display":"main default"},"project":"e84e8508-ae2f-4a29-aecb-e4ad22e618d9"}},"fullUrl":"http://127.0.0.1:8103/fhir/R4/Task/)" +
           uuid(resource) + R"("}]})";
}

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

engine::Config config() {
    engine::Config c;
    c.mode = engine::Mode::Observe;
    c.base_url = "http://127.0.0.1:8103/";
    engine::PanelDefinition panel{"tasks", "Tasks", "Task", "Task", {}, "due"};
    panel.columns = {{"id", "Id", "id"},
                     {"patient", "Patient", "handler:patient"},
                     {"description", "Description", "description"},
                     {"status", "Status", "status"},
                     {"priority", "Priority", "priority"},
                     {"due", "Due", "handler:due"},
                     {"owner", "Assignee", "handler:owner"}};
    c.panels = {panel};
    return c;
}

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
        engine.step({at, Start{config()}});
        engine.step({at, Observed{"POST", "http://127.0.0.1:8103/fhir/R4/Subscription", 201, nullptr,
                                  make_text(R"({"resourceType":"Subscription","id":")" + subscription +
                                            R"(","criteria":"Task"})")}});
        engine.step({at, SocketOpened{1}});
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
