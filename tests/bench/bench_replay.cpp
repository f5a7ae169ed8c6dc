// A recording at any moment: inputs that are replayed a second, the first picture, seeks, and memory. Of an hour at 200
// updates/s of 300 resources, made at speed, and of a session that shows 12 000 resources.

#include "bench.hpp"
#include "session/player.hpp"
#include "session/recorded_inputs.hpp"
#include "session/recorder.hpp"

#include <rapidjson/document.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace fhirscope::bench {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Made {
    const char* name;
    std::size_t resources, updates, per_second;
};
constexpr Made hour{"an hour at 200/s", 300, 720'000, 200}, large{"12 000 resources", 12'000, 60'000, 200};
constexpr std::size_t seeks = 200;

std::uint64_t nanos() {
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(Steady::now().time_since_epoch()).count());
}

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

double resident_mb() {
    std::ifstream statm("/proc/self/statm");
    double pages = 0, resident = 0;
    statm >> pages >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

std::string id_of(std::size_t n) {
    char text[37];
    std::snprintf(text, sizeof text, "%08zx-1111-4222-8333-%012zx", n * 2654435761u % 0xffffffffu, n);
    return text;
}

std::string frame_of(std::size_t resource, std::size_t update) {
    constexpr const char* statuses[] = {"requested", "received", "accepted", "in-progress", "on-hold", "completed"};
    char stamp[32];
    const std::size_t ms = update * 5;
    std::snprintf(stamp, sizeof stamp, "2026-02-10T%02zu:%02zu:%02zu.%03zuZ", 10 + ms / 3'600'000, ms / 60'000 % 60,
                  ms / 1000 % 60, ms % 1000);
    const std::string id = id_of(resource);
    return R"({"id":")" + id_of(update + 9'000'000) + R"(","resourceType":"Bundle","type":"history","timestamp":")" +
           stamp +
           R"(","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"event-notification","subscription":{"reference":"Subscription/s1"},"notificationEvent":[{"eventNumber":"0","timestamp":")" +
           stamp + R"(","focus":{"reference":"Task/)" + id + R"("}}]}},{"resource":{"resourceType":"Task","status":")" +
           statuses[update / 7 % 6] +
           R"(","intent":"order","priority":"urgent","code":{"coding":[{"system":"http://x.example/codes","code":"medication-titration","display":"Medication titration"}],"text":"Titrate bisoprolol"},"description":"Titrate bisoprolol, call patient","for":{"reference":"Patient/)" +
           id_of(resource % 100 + 500'000) + R"(","display":"Henrik Lindqvist"},"owner":{"reference":"Practitioner/)" +
           id_of(update % 3 + 700'000) +
           R"(","display":"N. Abadi"},"authoredOn":"2026-02-10T08:00:00.000Z","restriction":{"period":{"end":"2026-02-10T14:45:00.000Z"}},"note":[{"text":"Patient called back, dizziness is less than last week; dose unchanged.","time":")" +
           stamp + R"("}],"id":")" + id + R"(","meta":{"versionId":")" + id_of(update + 2'000'000) +
           R"(","lastUpdated":")" + stamp + R"("}},"fullUrl":"http://127.0.0.1:8103/fhir/R4/Task/)" + id + R"("}]})";
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
                     {"owner", "Assignee", "handler:owner"}};
    c.panels = {panel};
    return c;
}

// The file's size.
double record(const Made& made, const std::string& path) {
    auto recorder = session::Recorder::create(path, {.tool_version = "bench", .server = "bench"});
    if (!recorder) std::abort();
    LocalTime at{1'770'717'600s};
    const auto add = [&](engine::InputBody body) { (*recorder)->add({at, std::move(body)}); };
    add(engine::Start{config()});
    add(engine::Observed{"POST", "http://127.0.0.1:8103/fhir/R4/Subscription", 201, nullptr,
                         engine::make_text(R"({"resourceType":"Subscription","id":"s1","criteria":"Task"})")});
    add(engine::SocketOpened{1});
    std::mt19937_64 random(1);
    for (std::size_t n = 0; n < made.updates; ++n) {
        at += std::chrono::microseconds(1'000'000 / made.per_second);
        const std::size_t resource = n < made.resources ? n : random() % made.resources;
        add(engine::Frame{1, engine::make_text(frame_of(resource, n))});
        add(engine::Drain{});
    }
    if (!(*recorder)->close({})) std::abort();
    return static_cast<double>(std::filesystem::file_size(path));
}

double parse_seconds(const Made& made) {
    std::string buffer;
    double spent = 0;
    for (std::size_t n = 0; n < 20'000; ++n) {
        buffer = frame_of(n % made.resources, n);
        const auto begin = Steady::now();
        rapidjson::Document document;
        document.ParseInsitu(buffer.data());
        spent += seconds_since(begin);
        if (!document.IsObject()) std::abort();
    }
    return spent / 20'000;
}

void measure(const Made& made, Figure& figure) {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("fhirscope-bench-" + std::to_string(getpid()) + ".fhirscope"))
            .string();
    const double bytes = record(made, path);
    const auto part = [&](const char* what, double value) {
        figure.parts.emplace_back(std::string(made.name) + ": " + what, value);
    };
    part("bytes an update in the file", bytes / static_cast<double>(made.updates));
    const double before = resident_mb();
    auto begin = Steady::now();
    auto reader = session::Reader::open(path);
    if (!reader) std::abort();
    const session::RecordedInputs inputs(std::move(*reader));
    session::Player player(inputs, {.clock = nanos});
    // The picture of the beginning, while the rest is read.
    if (!player.seek(std::min<std::uint64_t>(1'000, inputs.end()))) std::abort();
    auto shown = player.publish();
    part("ms to the first picture", seconds_since(begin) * 1e3);
    begin = Steady::now();
    if (!player.seek(inputs.end())) std::abort();
    const double read = seconds_since(begin);
    const auto whole = player.publish();
    if (whole->metrics.counters.applied != made.updates) std::abort();
    part("s to the end", read);
    part("inputs/s with moments kept", static_cast<double>(inputs.end()) / read);
    begin = Steady::now();
    player.state_hash();
    part("ms of a state hash at the end", seconds_since(begin) * 1e3);
    std::vector<double> times, texts;
    std::mt19937_64 random(2);
    for (std::size_t n = 0; n < seeks; ++n) {
        const std::uint64_t number = random() % inputs.end();
        begin = Steady::now();
        if (!player.seek(number)) std::abort();
        shown = player.publish();
        times.push_back(seconds_since(begin) * 1e3);
        begin = Steady::now();
        if (!player.read_texts()) std::abort();
        texts.push_back(seconds_since(begin) * 1e3);
    }
    std::sort(times.begin(), times.end());
    std::sort(texts.begin(), texts.end());
    part("ms of a seek, p50", times[seeks / 2]);
    part("ms of a seek, p95", times[seeks * 95 / 100]);
    part("ms of a seek, the longest", times.back());
    part("ms for the texts of frames, p95", texts[seeks * 95 / 100]);
    part("MB resident, with the end and a moment shown", resident_mb() - before);
    part("MB of moments", static_cast<double>(player.moments().bytes()) / 1e6);
    part("moments", static_cast<double>(player.moments().size()));
    part("moments given up", static_cast<double>(player.moments().given_up()));
    if (&made == &hour) {
        engine::Engine engine;
        begin = Steady::now();
        if (!inputs.for_each(0, [&](const engine::Input& input) { return engine.step(input), true; })) std::abort();
        figure.figure = static_cast<double>(inputs.end()) / seconds_since(begin);
    }
    std::filesystem::remove(path);
}

} // namespace

Figure replay() {
    Figure figure;
    figure.name = "replay";
    figure.unit = "inputs/s, read and stepped through";
    figure.reference_is = "RapidJSON in-situ DOM parse of the same frames, each with its drain two inputs";
    measure(large, figure);
    measure(hour, figure);
    figure.reference = 2 / parse_seconds(hour);
    figure.ratio = figure.figure / figure.reference;
    return figure;
}

} // namespace fhirscope::bench
