// What conflicts are made of: writes that are refused, versions that tie, histories that tell.
#include "bench.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::server;

TEST_CASE("Writes fail on demand with a status and words, and reads go on") {
    Bench bench;
    const auto task = "Task/" + bench.create_task();
    bench.world.api.fail_writes(2, 422, "Not by you");
    CHECK(bench.get(task).status == 200);
    const auto refused = bench.call("DELETE", task);
    CHECK(refused.status == 422);
    CHECK(at(refused.body, issue_text) == "Not by you");
    CHECK(bench.call("PATCH", task, "[]").status == 422);
    CHECK(bench.call("DELETE", task).status == 200);
    bench.world.api.fail_writes(1, 503, "");
    CHECK(bench.call("POST", "Task", R"({"resourceType":"Task"})").status == 503);
}

TEST_CASE("A client that may only read subscribes, and every write of a resource is forbidden") {
    auto options = empty_server();
    options.read_only = true;
    Bench bench(options);
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"a","status":"requested","intent":"order"})"));
    CHECK(bench.get("Task/a").status == 200);
    CHECK(bench.call("PUT", "Task/a", R"({"resourceType":"Task","id":"a","status":"ready","intent":"order"})").status ==
          403);
    CHECK(bench.call("PATCH", "Task/a", R"([{"op":"remove","path":"/status"}])").status == 403);
    CHECK(bench.call("DELETE", "Task/a").status == 403);
    CHECK(bench.call("POST", "Task", R"({"resourceType":"Task","status":"ready","intent":"order"})").status == 403);
    CHECK_FALSE(bench.binding_token(bench.subscribe("Task")).empty());
    CHECK(bench.world.history("Task/a").size() == 1);
}

TEST_CASE("A tie is a new version in the millisecond of the one before") {
    Bench bench;
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"a","status":"requested","intent":"order"})"));
    bench.pass(std::chrono::seconds(1));
    const auto tied = bench.world.tie("Task/a", "status", "\"accepted\"");
    REQUIRE(tied);
    const auto history = bench.world.history("Task/a");
    REQUIRE(history.size() == 2);
    CHECK(at(history[0], "/meta/versionId") == *tied);
    CHECK(at(history[0], "/meta/lastUpdated") == at(history[1], "/meta/lastUpdated"));
    CHECK(at(history[0], "/status") == "accepted");
    CHECK_FALSE(bench.world.tie("Task/b", "status", "\"accepted\""));
}

TEST_CASE("A history has all versions, newest first, with their authors, and a deletion as nothing") {
    Bench bench;
    const auto task = "Task/" + bench.create_task();
    REQUIRE(bench.world.set_member(task, "priority", "\"urgent\""));
    REQUIRE(bench.world.remove(task));
    const auto history = bench.world.history(task);
    REQUIRE(history.size() == 3);
    CHECK(history[0].empty());
    CHECK(at(history[1], "/meta/author/reference") == "Practitioner/colleague");
    CHECK(at(history[2], "/meta/author/reference").starts_with("ClientApplication/"));
    CHECK(bench.world.history("Task/unknown").empty());
    CHECK(bench.world.history("").empty());
}
