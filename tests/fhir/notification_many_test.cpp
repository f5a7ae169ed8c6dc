// Frames of thousands of events and entries.

#include "fhir/notification.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace fhirscope::fhir;

namespace {

std::string many_frame(const std::string& events, const std::string& entries) {
    return R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:30:15.123Z","entry":[{"resource":)"
           R"({"resourceType":"SubscriptionStatus","status":"active","type":"event-notification",)"
           R"("subscription":{"reference":"Subscription/s1"},"notificationEvent":[)" +
           events + "]}}" + entries + "]}";
}

std::string one_event(const std::string& id) {
    return R"({"eventNumber":"0","focus":{"reference":"Task/)" + id + R"("}})";
}

std::string one_entry(const std::string& id, int version) {
    return R"(,{"fullUrl":"http://h/fhir/R4/Task/)" + id + R"(","resource":{"resourceType":"Task","id":")" + id +
           R"(","meta":{"versionId":")" + std::to_string(version) +
           R"(","lastUpdated":"2026-02-10T10:30:15.000Z"},"status":"requested","intent":"order"}})";
}

std::string with_comma(std::string list, const std::string& more) { return list.empty() ? more : list + ',' + more; }

} // namespace

TEST_CASE("entries go to the events that name them, several of one resource in their order, in frames of any length") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B);
    const int count = GENERATE(1, 5, 16, 17, 500);
    std::string events, entries;
    for (int i = 0; i < count; ++i)
        for (int again = 0; again < 2; ++again) events = with_comma(std::move(events), one_event(std::to_string(i)));
    for (int version = 1; version <= 2; ++version)
        for (int i = count; i-- > 0;) entries += one_entry(std::to_string(i), version);
    const auto read = decode_frame(dialect, many_frame(events, entries));
    REQUIRE(read);
    REQUIRE(read->events.size() == static_cast<std::size_t>(2 * count));
    for (int i = 0; i < 2 * count; ++i) {
        REQUIRE(read->events[static_cast<std::size_t>(i)].resource);
        CHECK(read->events[static_cast<std::size_t>(i)].resource->id() == std::to_string(i / 2));
        CHECK(read->events[static_cast<std::size_t>(i)].resource->version_id() == std::to_string(1 + i % 2));
    }
}

TEST_CASE("a frame whose events and entries name nothing in common is read in the time that its length takes") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B);
    constexpr int count = 12'000; // what grew with the square would take minutes under the sanitizers
    std::string events, entries;
    for (int i = 0; i < count; ++i) {
        events = events.empty() ? one_event("f0") : std::move(events) + ',' + one_event("f" + std::to_string(i));
        entries += one_entry("g" + std::to_string(i), 1);
    }
    const auto read = decode_frame(dialect, many_frame(events, entries));
    REQUIRE(read);
    CHECK(read->events.size() == 2 * count);
}
