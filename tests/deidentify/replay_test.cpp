// Recordings without their people replay, and show the same incidents: runs of the simulator with its faults, and
// captures of other clients.

#include "deidentify/deidentifier.hpp"
#include "diagnosis/diagnosis.hpp"
#include "engine/archive.hpp"
#include "engine/engine.hpp"
#include "fhir/ascii.hpp"
#include "session/import.hpp"
#include "session/reader.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace fhirscope;
using namespace std::chrono_literals;

namespace {

struct Came {
    std::vector<std::string> incidents;
    engine::Counters counters;
    std::size_t resources = 0;
};

std::string mark_of(const diagnosis::Incident& incident, std::chrono::microseconds moved) {
    const auto time = [&](LocalTime at) {
        return std::to_string(at == LocalTime{} ? 0 : (at - moved).time_since_epoch().count());
    };
    return std::string(incident.id) + ' ' + std::string(diagnosis::to_string(incident.state)) + ' ' +
           time(incident.from) + ' ' + time(incident.to) + ' ' + time(incident.noticed) + ' ' +
           std::to_string(incident.missed.value_or(9'999)) + ' ' + std::to_string(incident.recovered.value_or(9'999)) +
           ' ' + std::to_string(incident.times) + ' ' + std::to_string(incident.evidence_count);
}

Came replayed(const std::vector<engine::Input>& inputs, std::chrono::microseconds moved) {
    engine::Engine engine;
    diagnosis::Diagnosis diagnosis;
    LocalTime seen{};
    for (const engine::Input& input : inputs) {
        engine.step(input);
        if (input.at - seen < 1s) continue;
        seen = input.at;
        diagnosis.update(engine.publish());
    }
    const auto last = engine.publish();
    diagnosis.update(last);
    Came came;
    for (const auto& incident : diagnosis.incidents().going_on()) came.incidents.push_back(mark_of(*incident, moved));
    for (const auto& incident : diagnosis.incidents().over()) came.incidents.push_back(mark_of(*incident, moved));
    std::ranges::sort(came.incidents);
    came.counters = last->metrics.counters;
    for (const auto& store : last->stores) came.resources += store.records.size();
    return came;
}

// What the engine wants of the network, by the names that things have then.
std::string wanted(const engine::Effects& effects, const std::function<std::string(std::string_view)>& address) {
    std::string text;
    for (const engine::Effect& effect : effects)
        if (const auto* request = std::get_if<engine::SendRequest>(&effect))
            text += std::to_string(request->request) + ' ' + request->method + ' ' + address(request->url) + '\n';
        else if (const auto* open = std::get_if<engine::OpenSocket>(&effect))
            text += "open " + std::to_string(open->socket) + '\n';
        else if (std::get_if<engine::SendFrame>(&effect))
            text += "frame\n";
    return text;
}

// The first input at which it asks for something else than before; that of `clean` has the names of `deidentifier`.
void check_asks_the_same(const std::vector<engine::Input>& inputs, const std::vector<engine::Input>& clean,
                         deidentify::Deidentifier& deidentifier) {
    engine::Engine before, after;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string a = wanted(
            before.step(inputs[i]), [&](auto url) { return deidentifier.address(url); });
        const std::string b = wanted(after.step(clean[i]), [](auto url) { return std::string(url); });
        INFO("input " << i << ", " << engine::name_of(inputs[i].body) << ": " << engine::to_bytes(inputs[i]) << "\n"
                      << engine::to_bytes(clean[i]));
        REQUIRE(a == b);
    }
}

// The number of incidents, which were the same.
std::size_t check_same(const std::vector<engine::Input>& inputs, bool shift_time) {
    deidentify::Deidentifier deidentifier({"a key of the test", shift_time});
    std::vector<engine::Input> clean = inputs;
    for (engine::Input& input : clean) deidentifier.apply(input);
    if (!shift_time) check_asks_the_same(inputs, clean, deidentifier);
    const auto moved = deidentifier.moved(LocalTime{}) - LocalTime{};
    CHECK((moved != 0us) == shift_time);
    const Came before = replayed(inputs, 0us), after = replayed(clean, moved);
    CHECK(before.incidents == after.incidents);
    CHECK(before.counters.received == after.counters.received);
    CHECK(before.counters.applied == after.counters.applied);
    CHECK(before.counters.duplicates == after.counters.duplicates);
    CHECK(before.counters.rejected == after.counters.rejected);
    CHECK(before.counters.missed == after.counters.missed);
    CHECK(before.counters.recovered == after.counters.recovered);
    CHECK(before.counters.bad_frames == after.counters.bad_frames);
    CHECK(before.resources == after.resources);
    return before.incidents.size();
}

std::vector<std::filesystem::path> files_below(const char* folder, const char* extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(tests::fixtures) / folder))
        if (entry.path().extension() == extension) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

} // namespace

TEST_CASE("runs with faults show the same incidents without the people in them") {
    std::size_t incidents = 0;
    for (const auto& path : files_below("recordings", ".fhirscope")) {
        CAPTURE(path.filename().string());
        const auto reader = session::Reader::open(path.string());
        REQUIRE(reader);
        std::vector<engine::Input> inputs;
        REQUIRE(reader->for_each([&](const engine::Input& input) {
            inputs.push_back(input);
            // Which contents are given up for room depends on their sizes, and invented texts have others.
            if (auto* start = std::get_if<engine::Start>(&inputs.back().body))
                start->config.store.max_resource_bytes = engine::StoreLimits{}.max_resource_bytes;
            return true;
        }));
        incidents += check_same(inputs, false);
        check_same(inputs, true);
    }
    CHECK(incidents > 3);
}

TEST_CASE("captures of other clients show the same incidents without the people in them") {
    std::size_t captures = 0, incidents = 0;
    for (const char* folder : {"captures", "medplum-5.0.10", "medplum-5.1.26"})
        for (const auto& path : files_below(folder, ".jsonl")) {
            CAPTURE(path.filename().string());
            std::vector<engine::Input> inputs;
            engine::Engine engine;
            session::ImportOptions options;
            engine::PanelDefinition tasks{"tasks", "Tasks", "Task", "Task", {}, ""};
            engine::PanelDefinition patients{"patients", "Patients", "Patient", "Patient", {}, ""};
            options.panels = {patients, tasks};
            REQUIRE(session::import_transcript(path.string(), options, engine,
                                               [&](const engine::Input& input) { inputs.push_back(input); }));
            incidents += check_same(inputs, false);
            ++captures;
        }
    CHECK(captures > 15);
    CHECK(incidents > 5);
}
