#include "bench_updates.hpp"

#include <chrono>
#include <cstdio>

namespace fhirscope::bench {
namespace {

const std::string subscription = "5d000000-0000-4000-8000-000000000001";

std::string uuid(std::size_t n) {
    char text[37];
    std::snprintf(text, sizeof text, "%08zx-1111-4222-8333-%012zx", n * 2654435761u % 0xffffffffu, n);
    return text;
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

std::vector<engine::Input> beginning(LocalTime at) {
    using namespace engine;
    return {{at, Start{config()}},
            {at, Observed{"POST", "http://127.0.0.1:8103/fhir/R4/Subscription", 201, nullptr,
                          make_text(R"({"resourceType":"Subscription","id":")" + subscription +
                                    R"(","criteria":"Task"})")}},
            {at, SocketOpened{1}}};
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

} // namespace fhirscope::bench
