// The update queue: bounded, by priority without starvation, in order for each resource, superseded versions coalesced.

#include "engine/core/queue.hpp"

#include "engine/archive.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::engine;

namespace {

Update update(const std::string& id, int second, const std::string& version, int millisecond = 0) {
    const std::string stamp = "2026-02-10T10:30:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "." +
                              std::to_string(1000 + millisecond).substr(1) + "Z";
    auto resource = fhir::parse_resource(R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" +
                                         version + R"(","lastUpdated":")" + stamp + R"("},"status":"requested"})");
    REQUIRE(resource);
    Update u;
    u.reference = "Task/" + id;
    u.resource = *resource;
    return u;
}

std::string take(UpdateQueue& queue) {
    const auto taken = queue.take();
    return taken ? std::string(taken->resource->version_id()) : "none";
}

constexpr std::size_t plenty = 1000, bytes = 1 << 20;

} // namespace

TEST_CASE("updates of one priority leave in the order of their arrival") {
    UpdateQueue queue;
    for (int i = 1; i <= 3; ++i)
        queue.offer(update("a" + std::to_string(i), i, std::to_string(i)), Priority::Routine, plenty, bytes, plenty);
    CHECK(queue.size() == 3);
    CHECK(take(queue) == "1");
    CHECK(take(queue) == "2");
    CHECK(take(queue) == "3");
    CHECK(take(queue) == "none");
    CHECK(queue.bytes() == 0);
    CHECK(queue.peak() == 3);
}

TEST_CASE("what the user looks at goes first, and nothing starves") {
    UpdateQueue queue;
    for (int i = 1; i <= 20; ++i)
        queue.offer(update("l" + std::to_string(i), i, "looked"), Priority::Focused, plenty, bytes, plenty);
    for (int i = 1; i <= 3; ++i) {
        queue.offer(update("r" + std::to_string(i), i, "routine"), Priority::Routine, plenty, bytes, plenty);
        queue.offer(update("u" + std::to_string(i), i, "urgent"), Priority::Urgent, plenty, bytes, plenty);
    }
    // Of eight turns two are the lowest's and one is the middle's.
    for (const char* expected : {"looked", "urgent", "looked", "routine", "looked", "looked", "looked", "routine",
                                 "looked", "urgent", "looked", "routine"})
        CHECK(take(queue) == expected);
}

TEST_CASE("an older version that still waits is superseded only under load") {
    UpdateQueue queue;
    CHECK_FALSE(queue.offer(update("a", 1, "old"), Priority::Routine, plenty, bytes, 1).superseded);
    CHECK_FALSE(
        queue.offer(update("a", 2, "new"), Priority::Routine, plenty, bytes, 1).superseded); // one waits: no load
    const auto offered = queue.offer(update("a", 3, "newest"), Priority::Routine, plenty, bytes, 1);
    REQUIRE(offered.superseded);
    CHECK(offered.superseded->resource->version_id() == "new");
    CHECK(queue.size() == 2);
    CHECK(take(queue) == "old");
    CHECK(take(queue) == "newest");
    CHECK(take(queue) == "none");
}

TEST_CASE("what supersedes a version of moments before says so: its time may not tell which one stands") {
    UpdateQueue queue;
    queue.offer(update("a", 1, "first"), Priority::Routine, plenty, bytes, 0);
    queue.offer(update("a", 1, "second", 150), Priority::Routine, plenty, bytes, 0);
    CHECK(queue.take()->raced);
    queue.offer(update("a", 1, "first"), Priority::Routine, plenty, bytes, 0);
    queue.offer(update("a", 1, "second", 151), Priority::Routine, plenty, bytes, 0);
    CHECK_FALSE(queue.take()->raced);
}

TEST_CASE("a version that arrives late never supersedes a newer one") {
    UpdateQueue queue;
    queue.offer(update("a", 5, "newer"), Priority::Routine, plenty, bytes, 0);
    CHECK_FALSE(queue.offer(update("a", 2, "older"), Priority::Routine, plenty, bytes, 0).superseded);
    CHECK(queue.size() == 2);
}

TEST_CASE("a full queue says so, by count and by bytes") {
    UpdateQueue queue;
    CHECK(queue.offer(update("a", 1, "1"), Priority::Routine, 2, bytes, plenty).accepted);
    CHECK(queue.offer(update("b", 1, "2"), Priority::Routine, 2, bytes, plenty).accepted);
    CHECK_FALSE(queue.offer(update("c", 1, "3"), Priority::Routine, 2, bytes, plenty).accepted);
    CHECK_FALSE(queue.offer(update("d", 1, "4"), Priority::Routine, plenty, queue.bytes(), plenty).accepted);
    CHECK(queue.size() == 2);
}

TEST_CASE("a queue written and read back goes on alike") {
    UpdateQueue queue;
    for (int i = 1; i <= 9; ++i)
        queue.offer(update("a" + std::to_string(i % 4), i, std::to_string(i)), static_cast<Priority>(i % 3), plenty,
                    bytes, 2);
    const std::string stored = to_bytes(queue);
    UpdateQueue copy;
    ArchiveReader reader(stored);
    reader(copy);
    REQUIRE(reader.ok());
    CHECK(reader.at_end());
    CHECK(copy.size() == queue.size());
    while (queue.size() > 0) CHECK(take(copy) == take(queue));
}
