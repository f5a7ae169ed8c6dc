// The frames of the standard's dialects and of HAPI (PROTOCOL B2, B3, C). Every example is invented.

#include "fhir/notification.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope::fhir;
using fhirscope::ErrorCode;
using fhirscope::Result;

namespace {

using Ids = std::vector<std::string>;

Notification decode(Dialect dialect, std::string_view frame) {
    Result<Notification> decoded = decode_frame(dialect, frame);
    INFO(frame.substr(0, 400));
    INFO((decoded ? "" : decoded.error().message));
    REQUIRE(decoded.has_value());
    return std::move(*decoded);
}

const std::string whole_task =
    R"({"resourceType":"Task","id":"t1","meta":{"versionId":"2","lastUpdated":"2026-02-10T10:30:15Z"}})";

std::string parameter(const std::string& name, const std::string& value) {
    return R"({"name":")" + name + R"(",)" + value + "}";
}

// R4: the status in Parameters.
std::string r4_status(const std::string& type, const std::string& count, const std::string& more = "") {
    return R"({"resource":{"resourceType":"Parameters","id":"s-17","parameter":[)" +
           parameter("subscription",
                     R"("valueReference":{"reference":"https://fhir.example.test/r4/Subscription/s1"})") +
           "," + parameter("topic", R"("valueCanonical":"http://topics.example.test/SubscriptionTopic/task-changed")") +
           "," + parameter("status", R"("valueCode":"active")") + "," +
           parameter("type", R"("valueCode":")" + type + '"') + "," +
           parameter("events-since-subscription-start", R"("valueString":")" + count + '"') + more +
           R"(]},"request":{"method":"GET","url":"https://fhir.example.test/r4/Subscription/s1/$status"},"response":{"status":"200"}})";
}

std::string r4_event(const std::string& number, const std::string& focus) {
    return R"(,{"name":"notification-event","part":[{"name":"event-number","valueString":")" + number +
           R"("},{"name":"timestamp","valueInstant":"2026-02-10T10:30:15.123Z"})" +
           (focus.empty() ? "" : R"(,{"name":"focus","valueReference":{"reference":")" + focus + R"("}})") +
           R"(,{"name":"additional-context","valueReference":{"reference":"https://fhir.example.test/r4/Patient/p1"}}]})";
}

// R4B and R5: a SubscriptionStatus.
std::string status(const std::string& type, const std::string& count, const std::string& more = "") {
    return R"({"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" + type +
           R"(","eventsSinceSubscriptionStart":")" + count +
           R"(","subscription":{"reference":"https://fhir.example.test/r5/Subscription/s1"},"topic":"http://topics.example.test/SubscriptionTopic/task-changed")" +
           more + "}}";
}

std::string events(const std::vector<std::pair<std::string, std::string>>& numbers_and_foci) {
    std::string text = R"(,"notificationEvent":[)";
    for (const auto& [number, focus] : numbers_and_foci) {
        if (text.back() == '}') text += ',';
        text += R"({"eventNumber":")" + number + R"(","timestamp":"2026-02-10T10:30:15.123Z")" +
                (focus.empty() ? "" : R"(,"focus":{"reference":")" + focus + "\"}") + "}";
    }
    return text + "]";
}

std::string bundle(const std::string& type, const std::string& entries) {
    return R"({"resourceType":"Bundle","id":"n-17","type":")" + type +
           R"(","timestamp":"2026-02-10T10:30:16Z","entry":[)" + entries + "]}";
}

// The bundle that a dialect would send.
std::string frame(Dialect dialect, const std::string& type, const std::string& count,
                  const std::vector<std::pair<std::string, std::string>>& numbers_and_foci = {},
                  const std::string& entries = "") {
    const std::string behind = entries.empty() ? "" : "," + entries;
    if (dialect == Dialect::BackportR4) {
        std::string more;
        for (const auto& [number, focus] : numbers_and_foci) more += r4_event(number, focus);
        return bundle("history", r4_status(type, count, more) + behind);
    }
    return bundle(dialect == Dialect::R5 ? "subscription-notification" : "history",
                  status(type, count, numbers_and_foci.empty() ? "" : events(numbers_and_foci)) + behind);
}

std::string task_entry(const std::string& base = "https://fhir.example.test/r4/", const std::string& id = "t1") {
    return R"({"fullUrl":")" + base + "Task/" + id + R"(","resource":{"resourceType":"Task","id":")" + id +
           R"(","meta":{"versionId":"3","lastUpdated":"2026-02-10T10:30:15.123Z"},"status":"in-progress","intent":"order"},)" +
           R"("request":{"method":"PUT","url":"Task/)" + id + R"("},"response":{"status":"200"}})";
}

const std::string task = "https://fhir.example.test/r4/Task/t1";

Dialect standard() { return GENERATE(Dialect::BackportR4, Dialect::R4B, Dialect::R5); }

} // namespace

TEST_CASE("a dialect has one name, and the name means the dialect") {
    for (const Dialect d : {Dialect::Medplum, Dialect::BackportR4, Dialect::R4B, Dialect::R5, Dialect::Hapi})
        CHECK(parse_dialect(to_string(d)) == d);
    CHECK_FALSE(parse_dialect("r6").has_value());
    CHECK_FALSE(parse_dialect("").has_value());
}

TEST_CASE("a numbered handshake says how many events there were") {
    const Dialect dialect = standard();
    const Notification n = decode(dialect, frame(dialect, "handshake", "4"));
    CHECK(n.kind == NotificationKind::Handshake);
    CHECK(n.subscriptions == Ids{"s1"});
    CHECK(n.status == "active");
    CHECK(n.topic == "http://topics.example.test/SubscriptionTopic/task-changed");
    CHECK(n.events_since_start == 4u);
    CHECK(n.events.empty());
    CHECK(n.payload == Payload::Empty);
}

TEST_CASE("a numbered heartbeat is of one subscription and carries its count") {
    const Dialect dialect = standard();
    const Notification n = decode(dialect, frame(dialect, "heartbeat", "12"));
    CHECK(n.kind == NotificationKind::Heartbeat);
    CHECK(n.subscriptions == Ids{"s1"});
    CHECK(n.events_since_start == 12u);
    CHECK(format_instant(n.sent.value()) == "2026-02-10T10:30:16.000Z");
}

TEST_CASE("an empty event has a number and no focus") {
    const Dialect dialect = standard();
    const Notification n = decode(dialect, frame(dialect, "event-notification", "17", {{"17", ""}}));
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.payload == Payload::Empty);
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].number == 17u);
    CHECK(n.events[0].focus.empty());
    CHECK(n.events[0].resource == nullptr);
}

TEST_CASE("an id-only event has a focus and no resource") {
    const Dialect dialect = standard();
    const Notification n =
        decode(dialect, frame(dialect, "event-notification", "17", {{"17", task}},
                              R"({"fullUrl":")" + task + R"(","request":{"method":"PUT","url":"Task/t1"}})"));
    CHECK(n.payload == Payload::IdOnly);
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(n.events[0].resource == nullptr);
    CHECK_FALSE(n.events[0].deleted);
}

TEST_CASE("a full-resource event has its resource, its number and the time of the change") {
    const Dialect dialect = standard();
    const Notification n = decode(dialect, frame(dialect, "event-notification", "17", {{"17", task}}, task_entry()));
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.payload == Payload::Full);
    CHECK(n.events_since_start == 17u);
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].number == 17u);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(format_instant(n.events[0].sent.value()) == "2026-02-10T10:30:15.123Z");
    REQUIRE(n.events[0].resource != nullptr);
    CHECK(n.events[0].resource->version_id() == "3");
}

TEST_CASE("several events of one Bundle find their resources by focus, absolute or relative") {
    const Dialect dialect = standard();
    const Notification n =
        decode(dialect, frame(dialect, "event-notification", "9", {{"7", "Task/t2"}, {"8", task}, {"9", "Task/t3"}},
                              task_entry() + "," + task_entry("https://fhir.example.test/r4/", "t2")));
    REQUIRE(n.events.size() == 3);
    CHECK(n.events[0].resource->id() == "t2");
    CHECK(n.events[1].resource->id() == "t1");
    CHECK(n.events[1].number == 8u);
    CHECK(n.events[2].resource == nullptr); // less than asked for: the engine reads it
    CHECK(n.events[2].focus == "Task/t3");
}

TEST_CASE("two versions of one resource in a Bundle go to its two events in order") {
    const Dialect dialect = standard();
    std::string second = task_entry();
    second.replace(second.find(R"("versionId":"3")"), 15, R"("versionId":"4")");
    const Notification n =
        decode(dialect, frame(dialect, "query-event", "2", {{"1", task}, {"2", task}}, task_entry() + "," + second));
    CHECK(n.kind == NotificationKind::QueryEvent);
    REQUIRE(n.events.size() == 2);
    CHECK(n.events[0].resource->version_id() == "3");
    CHECK(n.events[1].resource->version_id() == "4");
}

TEST_CASE("an entry without resource whose request is a DELETE is a deletion") {
    const Dialect dialect = standard();
    const Notification n =
        decode(dialect, frame(dialect, "event-notification", "18", {{"18", task}},
                              R"({"fullUrl":")" + task + R"(","request":{"method":"DELETE","url":"Task/t1"}})"));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].deleted);
    CHECK(n.events[0].resource == nullptr);
    CHECK(n.events[0].focus == "Task/t1");
}

TEST_CASE("additional context is no event of its own") {
    const Notification n = decode(
        Dialect::BackportR4,
        frame(
            Dialect::BackportR4, "event-notification", "17", {{"17", task}},
            task_entry() +
                R"(,{"fullUrl":"https://fhir.example.test/r4/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}})"));
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
}

TEST_CASE("a resource that no event names is news all the same") {
    const Dialect dialect = standard();
    const Notification n =
        decode(dialect, frame(dialect, "event-notification", "17", {{"17", "Task/other"}}, task_entry()));
    REQUIRE(n.events.size() == 2);
    CHECK(n.events[1].focus == "Task/t1");
    CHECK(n.events[1].resource != nullptr);
    CHECK_FALSE(n.events[1].number.has_value());
}

TEST_CASE("$status answers with one status for each subscription") {
    std::string second = r4_status("query-status", "5");
    second.replace(second.find("Subscription/s1"), 15, "Subscription/s2");
    const Notification n =
        decode(Dialect::BackportR4, bundle("searchset", r4_status("query-status", "12") + "," + second));
    CHECK(n.kind == NotificationKind::QueryStatus);
    CHECK(n.subscriptions == Ids{"s1", "s2"});
    CHECK(n.events_since_start == 12u);
}

TEST_CASE("a status in error names its codes") {
    const std::string error_code =
        R"({"coding":[{"system":"http://terminology.hl7.org/CodeSystem/subscription-error","code":"no-response"}]})";
    const Notification r4 =
        decode(Dialect::BackportR4,
               bundle("history", r4_status("heartbeat", "3",
                                           "," + parameter("error", R"("valueCodeableConcept":)" + error_code) + "," +
                                               parameter("error", R"("valueCodeableConcept":{"text":"gone quiet"})"))));
    CHECK(r4.errors == Ids{"no-response", "gone quiet"});
    const Notification r5 = decode(
        Dialect::R5, bundle("subscription-notification", status("heartbeat", "3", R"(,"error":[)" + error_code + "]")));
    CHECK(r5.errors == Ids{"no-response"});
}

TEST_CASE("numbers may be strings or numbers, and others are none") {
    const Notification n = decode(
        Dialect::R4B,
        bundle("history", R"({"resource":{"resourceType":"SubscriptionStatus","type":"event-notification",)"
                          R"("eventsSinceSubscriptionStart":3,"notificationEvent":[{"eventNumber":2},)"
                          R"({"eventNumber":"many"},{"eventNumber":"0"},{"eventNumber":"-1"},{"eventNumber":1.5}]}})"));
    CHECK(n.events_since_start == 3u);
    REQUIRE(n.events.size() == 5);
    CHECK(n.events[0].number == 2u);
    for (std::size_t i = 1; i < 5; ++i) CHECK_FALSE(n.events[i].number.has_value());
}

TEST_CASE("a status in the other dialect's shape is read as well") {
    CHECK(decode(Dialect::R5, frame(Dialect::BackportR4, "event-notification", "1", {{"1", task}}, task_entry()))
              .events.size() == 1);
    CHECK(decode(Dialect::BackportR4, frame(Dialect::R4B, "event-notification", "1", {{"1", task}}, task_entry()))
              .events.size() == 1);
}

TEST_CASE("what is no notification is unknown, and the message says what it is") {
    const auto [given, expected] = GENERATE(table<const char*, const char*>({
        {R"({"resourceType":"Bundle","entry":{"resource":{"resourceType":"SubscriptionStatus"}}})", "not a list"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Parameters","parameter":[{"name":"token","valueString":"x"}]}}]})",
         "without a subscription status"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Parameters","parameter":{"name":"type"}}}]})",
         "without a subscription status"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"nonsense"}}]})",
         "nonsense"},
        {R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus"}}]})", "of type \"\""},
        {R"({"resourceType":"Task","id":"1"})", "Task"},
        {R"({"type":"pong"})", "pong"},
        {R"([])", "not an object"},
        {R"({"resourceType":"Bundle","resourceType":"Bundle","entry":[]})", "same property twice"},
    }));
    INFO(given);
    const Notification n = decode(standard(), given);
    CHECK(n.kind == NotificationKind::Unknown);
    INFO(n.message);
    CHECK(n.message.find(expected) != std::string::npos);
}

TEST_CASE("a Bundle that says nothing is no fault, and one without a status may bring resources all the same") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::BackportR4, Dialect::R4B, Dialect::R5);
    for (const char* nothing : {R"({"resourceType":"Bundle"})", R"({"resourceType":"Bundle","entry":[]})"})
        CHECK(decode(dialect, nothing).kind == NotificationKind::Empty);
    const Notification n = decode(dialect, R"({"resourceType":"Bundle","entry":[{"resource":)" + whole_task + "}]}");
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.subscriptions.empty());
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
}

TEST_CASE("a deletion is told in every spelling") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::BackportR4, Dialect::R4B, Dialect::R5);
    const std::string with = GENERATE_COPY(
        std::string(R"("request":{"method":"DELETE","url":"Task/t1"})"),
        R"("fullUrl":"http://h/fhir/R4/Task/t1","request":{"method":"DELETE"})",
        R"("request":{"method":"DELETE","url":"Task/t1"},"resource":)" + whole_task,
        std::string(R"("resource":{"resourceType":"Task","id":"t1","meta":{"versionId":"2","deleted":true}})"));
    INFO(with);
    const Notification n = decode(dialect, R"({"resourceType":"Bundle","entry":[{)" + with + "}]}");
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(n.events[0].deleted);
    CHECK(n.events[0].resource == nullptr);
}

TEST_CASE("an entry of a frame that cannot be read is named, and its neighbours are used") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B, Dialect::R5);
    const char* bad = GENERATE(R"("\ud83d")", R"("\x")", "\"\xC3\"", "nul", "01");
    const std::string broken =
        R"({"resourceType":"Task","id":"bad","meta":{"versionId":"7"},"description":)" + std::string(bad) + "}";
    const Notification n = decode(dialect, R"({"resourceType":"Bundle","entry":[{"resource":)" + broken +
                                               R"(},{"resource":)" + whole_task + "}]}");
    REQUIRE(n.unreadable.size() == 1);
    CHECK(n.unreadable[0].reference() == "Task/bad");
    CHECK(n.unreadable[0].version == "7");
    CHECK(n.unreadable[0].place == "entry[0].resource");
    CHECK_FALSE(n.unreadable[0].reason.empty());
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
}

TEST_CASE("wrong shapes inside a status are passed over") {
    const Notification n = decode(
        Dialect::BackportR4,
        bundle(
            "history",
            R"({"resource":{"resourceType":"Parameters","parameter":[{"name":"type","valueCode":"event-notification"},)"
            R"({"name":"subscription","valueString":"s1"},"x",{"name":"notification-event","part":{"name":"focus"}},)"
            R"({"name":"notification-event","part":[{"name":"focus","valueReference":"Task/t1"},7]}]}})"));
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.subscriptions.empty());
    REQUIRE(n.events.size() == 2);
    CHECK(n.events[1].focus.empty());
}

TEST_CASE("a frame that cannot be read is an error in every dialect") {
    const Dialect dialect = standard();
    CHECK(decode_frame(dialect, "bound 123").error().code == ErrorCode::Malformed);
    CHECK(decode_frame(dialect, std::string(5u << 20, ' ')).error().code == ErrorCode::TooLarge);
    CHECK(decode_frame(dialect, std::string(100'000, '[')).error().code == ErrorCode::TooDeep);
    CHECK(decode_frame(Dialect::Hapi, std::string(5u << 20, ' ')).error().code == ErrorCode::TooLarge);
    CHECK(decode_frame(Dialect::Hapi, "ping \xFF").error().code == ErrorCode::Malformed);
}

TEST_CASE("HAPI acknowledges a bind and pings without content") {
    const Notification bound = decode(Dialect::Hapi, "bound 123");
    CHECK(bound.kind == NotificationKind::Handshake);
    CHECK(bound.subscriptions == Ids{"123"});
    CHECK_FALSE(bound.events_since_start.has_value());
    const Notification ping = decode(Dialect::Hapi, "ping Subscription/123\r\n");
    CHECK(ping.kind == NotificationKind::Event);
    CHECK(ping.subscriptions == Ids{"123"});
    CHECK(ping.payload == Payload::Empty);
    CHECK(ping.events.empty());
}

TEST_CASE("HAPI's complaints are outcomes, and other text is unknown") {
    CHECK(decode(Dialect::Hapi, "Unexpected client message: hello").kind == NotificationKind::Outcome);
    for (const char* const text : {"", "bound", "bound ", "pong 123", "ping a b", "PING 123", "{\"type\":\"pong\"}"}) {
        INFO(text);
        CHECK(decode(Dialect::Hapi, text).kind == NotificationKind::Unknown);
    }
}

TEST_CASE("old HAPI captures carry the resource behind \"add\"") {
    const Notification n = decode(Dialect::Hapi, "add 123\n{\"resourceType\":\"Task\",\"id\":\"t1\"}");
    CHECK(n.kind == NotificationKind::Event);
    CHECK(n.payload == Payload::Full);
    REQUIRE(n.events.size() == 1);
    CHECK(n.events[0].focus == "Task/t1");
    CHECK(decode_frame(Dialect::Hapi, "add 123\n{").error().code == ErrorCode::Malformed);
}

TEST_CASE("Medplum's frames are decoded by decode_frame as by their own function") {
    for (const std::string& text : samples::frames("happy")) {
        const Notification n = decode(Dialect::Medplum, text);
        CHECK(n.kind == decode_medplum_frame(text)->kind);
        CHECK(n.events.size() == decode_medplum_frame(text)->events.size());
    }
}
