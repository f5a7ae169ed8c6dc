#include "fhir/notification.hpp"

#include "fhir/validate.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <map>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

Notification decode(std::string_view frame) {
    Result<Notification> decoded = decode_medplum_frame(frame);
    INFO(frame.substr(0, 300));
    INFO((decoded ? "" : decoded.error().message));
    REQUIRE(decoded.has_value());
    return std::move(*decoded);
}

Error failure_of(std::string_view frame, const Limits& limits = {}) {
    const auto decoded = decode_medplum_frame(frame, limits);
    REQUIRE_FALSE(decoded.has_value());
    return decoded.error();
}

std::string status_entry(const std::string& type, const std::string& subscription) {
    return R"({"resource":{"resourceType":"SubscriptionStatus","id":"s","status":"active","type":")" + type +
           R"(","subscription":{"reference":"Subscription/)" + subscription + "\"}}}";
}

std::string bundle(const std::string& entries) {
    return R"({"id":"b","resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:30:15.140Z","entry":[)" +
           entries + "]}";
}

// One event for each focus given, and the resources behind the status.
std::string event(const std::vector<std::string>& foci, const std::string& resource_entries = "") {
    std::string events;
    for (const std::string& focus : foci)
        events += std::string(events.empty() ? "" : ",") +
                  R"({"eventNumber":"0","timestamp":"2026-02-10T10:30:15.141Z","focus":{"reference":")" + focus +
                  "\"}}";
    return bundle(R"({"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","status":"active",)"
                  R"("subscription":{"reference":"Subscription/s1"},"notificationEvent":[)" +
                  events + "]}}" + (resource_entries.empty() ? "" : "," + resource_entries));
}

const std::string medplum_task_entry =
    R"({"resource":{"resourceType":"Task","id":"t1","meta":{"versionId":"v1","lastUpdated":"2026-02-10T10:30:15.123Z"}},)"
    R"("fullUrl":"https://api.example.test/fhir/R4/Task/t1"})";

using Ids = std::vector<std::string>;

} // namespace

TEST_CASE("a pong is told by its type and the missing resourceType") {
    CHECK(decode(R"({"type":"pong"})").kind == NotificationKind::Pong);
    CHECK(decode(R"({"payload":{},"type":"pong"})").kind == NotificationKind::Pong);
    CHECK(decode(R"({"resourceType":"Task","type":"pong"})").kind == NotificationKind::Unknown);
}

TEST_CASE("a handshake names its subscription") {
    const Notification n = decode(bundle(status_entry("handshake", "s1")));
    CHECK(n.kind == NotificationKind::Handshake);
    CHECK(n.subscriptions == Ids{"s1"});
    CHECK(n.status == "active");
    REQUIRE(n.sent.has_value());
    CHECK(format_instant(*n.sent) == "2026-02-10T10:30:15.140Z");
    CHECK(n.events.empty());
}

TEST_CASE("a heartbeat lists every subscription bound to the socket") {
    const Notification n = decode(bundle(status_entry("heartbeat", "s1") + "," + status_entry("heartbeat", "s2") + "," +
                                         status_entry("heartbeat", "s3")));
    CHECK(n.kind == NotificationKind::Heartbeat);
    CHECK(n.subscriptions == Ids{"s1", "s2", "s3"});
}

TEST_CASE("an event carries its focus, its time and its resource") {
    const Notification n = decode(event({"Task/t1"}, medplum_task_entry));
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.subscriptions == Ids{"s1"});
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(format_instant(n.events[0].sent.value()) == "2026-02-10T10:30:15.141Z");
    CHECK_FALSE(n.events[0].number.has_value()); // Medplum's "0" is no number
    CHECK_FALSE(n.events[0].deleted);
    REQUIRE(n.events[0].resource != nullptr);
    CHECK(n.events[0].resource->reference() == "Task/t1");
    CHECK(n.events[0].resource->text() ==
          R"({"resourceType":"Task","id":"t1","meta":{"versionId":"v1","lastUpdated":"2026-02-10T10:30:15.123Z"}})");
}

TEST_CASE("the order of keys means nothing") {
    const Notification n = decode(
        R"({"entry":[{"fullUrl":"x","resource":{"notificationEvent":[{"focus":{"display":"d","reference":"Task/t1"},)"
        R"("timestamp":"2026-02-10T10:30:15.141Z","eventNumber":"0"}],"subscription":{"type":"Subscription",)"
        R"("reference":"Subscription/s1"},"type":"event-notification","status":"active","resourceType":"SubscriptionStatus"}},)"
        R"({"resource":{"status":"requested","id":"t1","resourceType":"Task"}}],)"
        R"("timestamp":"2026-02-10T10:30:15.140Z","type":"history","resourceType":"Bundle","id":"b"})");
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.subscriptions == Ids{"s1"});
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(n.events[0].resource != nullptr);
}

TEST_CASE("a SubscriptionStatus behind the resource is found too") {
    const Notification n = decode(bundle(medplum_task_entry + "," + status_entry("event-notification", "s1")));
    CHECK(n.kind == NotificationKind::Event);
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
}

TEST_CASE("server base and version are stripped from a focus") {
    const char* const given = GENERATE("Task/t1", "https://api.example.test/fhir/R4/Task/t1", "Task/t1/_history/v1",
                                       "http://localhost:8103/fhir/R4/Task/t1/_history/v1");
    const Notification n = decode(event({given}, medplum_task_entry));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(n.events[0].resource != nullptr);
}

TEST_CASE("a focus that is no reference to a resource is left out") {
    const char* const given =
        GENERATE("", "t1", "#t1", "Task", "Task/", "Task/a b", "Task?identifier=1", "urn:uuid:1-2");
    INFO(given);
    const Notification n = decode(event({given}));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus.empty());
}

TEST_CASE("an event without its resource stands for itself") {
    const Notification n = decode(event({"Task/t1"}));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(n.events[0].resource == nullptr);
}

TEST_CASE("a resource that no event names is not lost") {
    const Notification n = decode(event({"Task/other"}, medplum_task_entry));
    REQUIRE(n.events.size() == 2);
    CHECK(n.events[0].focus == "Task/other");
    CHECK(n.events[0].resource == nullptr);
    CHECK(n.events[1].focus == "Task/t1");
    CHECK(n.events[1].resource != nullptr);
    CHECK(n.events[1].sent == n.sent);
}

TEST_CASE("several events are matched to their resources by focus, not by position") {
    const Notification n = decode(
        event({"Task/t1", "Patient/p1"}, R"({"resource":{"resourceType":"Patient","id":"p1"}},)" + medplum_task_entry));
    REQUIRE(n.events.size() == 2);
    CHECK(n.events[0].resource->type() == "Task");
    CHECK(n.events[1].resource->type() == "Patient");
}

TEST_CASE("event numbers and counters are read where a server has them") {
    const Notification n = decode(bundle(
        R"({"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","eventsSinceSubscriptionStart":"18",)"
        R"("notificationEvent":[{"eventNumber":"17"},{"eventNumber":18},{"eventNumber":"many"}]}})"));
    CHECK(n.events_since_start == 18u);
    REQUIRE(n.events.size() == 3);
    CHECK(n.events[0].number == 17u);
    CHECK(n.events[1].number == 18u);
    CHECK_FALSE(n.events[2].number.has_value());
}

TEST_CASE("a bare OperationOutcome says what the server said") {
    const auto [given, expected] = GENERATE(table<const char*, const char*>({
        {R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid",)"
         R"("details":{"text":"Token failed to validate. Check token expiry."}}]})",
         "Token failed to validate. Check token expiry."},
        {R"({"issue":[{"code":"invalid","diagnostics":"details here"}],"resourceType":"OperationOutcome"})",
         "details here"},
        {R"({"resourceType":"OperationOutcome","issue":[{"code":"forbidden"}]})", "forbidden"},
    }));
    const Notification n = decode(given);
    CHECK(n.kind == NotificationKind::Outcome);
    CHECK(n.message == expected);
}

TEST_CASE("JSON of another kind is unknown, and the message says what it is") {
    const auto [given, expected] = GENERATE(table<const char*, const char*>({
        {R"({"resourceType":"Bundle","entry":{"resource":{"resourceType":"SubscriptionStatus"}}})", "not a list"},
        {R"({"resourceType":"Task","id":"1"})", "Task"},
        {R"({"type":"ack"})", "ack"},
        {R"({"type":7})", "without resourceType"},
        {R"({})", "without resourceType"},
        {R"([])", "not an object"},
        {R"("hello")", "not an object"},
        {R"(null)", "not an object"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"query-status"}}]})",
         "query-status"},
        {R"({"resourceType":"Bundle","resourceType":"Bundle","entry":[]})", "same property twice"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"heartbeat"},)"
         R"("resource":{}}]})",
         "same property twice"},
    }));
    INFO(given);
    const Notification n = decode(given);
    CHECK(n.kind == NotificationKind::Unknown);
    CHECK(n.message.find(expected) != std::string::npos);
}

TEST_CASE("a resource that breaks FHIR's JSON rules is delivered, and says so") {
    const Notification n =
        decode(event({"Task/t1"}, R"({"resource":{"resourceType":"Task","id":"t1","note":[],"status":null}})"));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].resource->irregularities() == (Irregularity::EmptyValue | Irregularity::NullValue));
}

TEST_CASE("wrong types inside a status are passed over") {
    const Notification n = decode(
        bundle(R"({"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","status":["active"],)"
               R"("subscription":"Subscription/s1","notificationEvent":{"focus":"Task/t1"}}})"));
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.subscriptions.empty());
    CHECK(n.status.empty());
    CHECK(n.events.empty());
}

TEST_CASE("escapes in the envelope are undone") {
    const Notification n =
        decode(bundle(R"({"resource":{"resource\u0054ype":"SubscriptionStatus","type":"handsh\u0061ke","subscription":)"
                      R"({"reference":"Subscription\/s1"}}})"));
    CHECK(n.kind == NotificationKind::Handshake);
    CHECK(n.subscriptions == Ids{"s1"});
}

TEST_CASE("a frame that cannot be read is an error with an offset") {
    CHECK(failure_of("").code == ErrorCode::Malformed);
    CHECK(failure_of("bound 123").code == ErrorCode::Malformed);
    CHECK(failure_of("<html></html>").offset == 0);
    CHECK(failure_of(R"({"type":"pong"} trailing)").offset == 16);
    CHECK(failure_of("{\"type\":\"po\xFFng\"}").offset == 11);
    CHECK(failure_of(std::string(5u << 20, ' ')).code == ErrorCode::TooLarge);
    CHECK(failure_of(std::string(100'000, '[')).code == ErrorCode::TooDeep);
    // An entry that is too deep is named, and takes nothing else down.
    const Notification deep = decode(bundle(R"({"resource":{"a":)" + samples::nested_arrays(70) + "}}"));
    REQUIRE(deep.unreadable.size() == 1);
    CHECK(deep.unreadable[0].reason.find("deep") != std::string::npos);
}

TEST_CASE("a status with too many events is isolated") {
    Limits limits;
    limits.max_entries = 2;
    CHECK(decode_medplum_frame(event({"Task/1", "Task/2"}), limits).has_value());
    const auto isolated = decode_medplum_frame(event({"Task/1", "Task/2", "Task/3"}), limits);
    REQUIRE(isolated.has_value());
    CHECK(isolated->unreadable.size() == 1);
}

TEST_CASE("a resource in a frame may nest as deep as one alone") {
    const std::string deepest = R"({"resourceType":"Basic","a":)" + samples::nested_arrays(63) + "}";
    REQUIRE(parse_resource(deepest).has_value());
    CHECK(decode_medplum_frame(bundle("{\"resource\":" + deepest + "}")).has_value());
}

TEST_CASE("a 700 kB event is read") {
    const std::string large =
        R"({"resource":{"resourceType":"Task","id":"t1","description":")" + std::string(700'000, 'x') + "\"}}";
    const Notification n = decode(event({"Task/t1"}, large));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].resource->text().size() > 700'000);
}

TEST_CASE("every frame of the real transcripts is recognised") {
    using Counts = std::map<std::string, int>;
    const std::map<std::string, Counts> expected{
        {"burst", {{"event", 300}, {"handshake", 2}, {"heartbeat", 1}}},
        {"criteria", {{"event", 273}, {"handshake", 44}, {"heartbeat", 2}}},
        {"errors", {{"event", 5}, {"handshake", 8}, {"heartbeat", 2}, {"outcome", 5}, {"pong", 2}}},
        {"happy", {{"event", 22}, {"handshake", 3}, {"heartbeat", 5}, {"pong", 1}}},
        {"poll", {}},
        {"reconnect", {{"event", 47}, {"handshake", 69}, {"heartbeat", 3}}},
    };
    for (const auto& [name, counts] : expected) {
        INFO(name);
        Counts found;
        for (const std::string& frame : samples::frames(name)) ++found[std::string(to_string(decode(frame).kind))];
        CHECK(found == counts);
    }
}

TEST_CASE("every event of the real transcripts has one valid resource and its subscription") {
    int events = 0;
    for (const std::string& frame : samples::all_frames()) {
        const Notification n = decode(frame);
        if (n.kind != NotificationKind::Event) continue;
        INFO(frame);
        CHECK(n.subscriptions.size() == 1);
        REQUIRE(n.events.size() == 1);
        REQUIRE(n.events[0].resource != nullptr);
        CHECK(n.events[0].focus == n.events[0].resource->reference());
        CHECK(validate(*n.events[0].resource).empty());
        CHECK(n.events[0].sent == n.sent);
        ++events;
    }
    CHECK(events == 647);
}
