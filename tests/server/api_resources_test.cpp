#include "bench.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::milliseconds;

namespace {

std::string task(std::string_view id, std::string_view status) {
    return R"({"resourceType":"Task","intent":"order","code":{"text":"Call back"},"status":")" + std::string(status) +
           R"(","id":")" + std::string(id) + "\"}";
}

std::string weak(std::string_view version) { return "W/\"" + std::string(version) + "\""; }

} // namespace

TEST_CASE("A create answers 201 with ETag, Last-Modified and Location, and chooses the id") {
    Bench bench;
    auto answer =
        bench.call("POST", "Task", R"({"resourceType":"Task","status":"requested","intent":"order","id":"mine"})");
    REQUIRE(answer.status == 201);
    auto id = at(answer.body, "/id");
    CHECK(id != "mine");
    CHECK(answer.header("Content-Type") == "application/fhir+json; charset=utf-8");
    CHECK(answer.header("ETag") == weak(at(answer.body, "/meta/versionId")));
    CHECK(answer.header("Last-Modified") == "Tue, 10 Feb 2026 10:30:00 GMT");
    CHECK(answer.header("Location") == "http://sim.test/fhir/R4/Task/" + id);
    CHECK(answer.header("Cache-Control") == "no-store, no-cache, must-revalidate");
    CHECK(at(answer.body, "/meta/lastUpdated") == "2026-02-10T10:30:00.123Z");
}

TEST_CASE("REST leaves out author, project and compartment unless X-Medplum: extended is sent") {
    Bench bench;
    auto id = bench.create_task();
    CHECK(at(bench.get("Task/" + id).body, "/meta/author").empty());
    auto extended = bench.call("GET", "Task/" + id, {}, {{"X-Medplum", "extended"}}).body;
    CHECK(at(extended, "/meta/author/reference") == "ClientApplication/0b1c0000-0000-4000-8000-000000000001");
    CHECK_FALSE(at(extended, "/meta/project").empty());
    CHECK_FALSE(at(extended, "/meta/compartment/0/reference").empty());
}

TEST_CASE("Prefer: return=minimal empties the body and keeps the headers") {
    Bench bench;
    auto answer = bench.call("POST", "Task", task("x", "requested"), {{"Prefer", "return=minimal"}});
    CHECK(answer.status == 201);
    CHECK(answer.body.empty());
    CHECK_FALSE(answer.header("ETag").empty());
    CHECK_FALSE(answer.header("Location").empty());
}

TEST_CASE("The api prefix leads to the same tree") {
    Bench bench;
    auto id = bench.create_task();
    CHECK(bench.world.api
              .handle({"GET", "/api/fhir/R4/Task/" + id, {{"Authorization", "Bearer " + bench.token}}, "", "127.0.0.1"})
              .status == 200);
}

TEST_CASE("What is not there is 404, what was deleted is 410, and an unknown type is 400") {
    Bench bench;
    auto id = bench.create_task();
    CHECK(bench.get("Task/00000000-0000-4000-8000-000000000000").status == 404);
    CHECK(bench.get("Task/nope").status == 404);
    CHECK(bench.get("NoSuchType/00000000-0000-4000-8000-000000000000").status == 400);
    CHECK(at(bench.get("NoSuchType/1").body, issue_text) == "Unknown resource type");
    auto deleted = bench.call("DELETE", "Task/" + id);
    CHECK(deleted.status == 200);
    CHECK(at(deleted.body, "/id") == "ok");
    auto gone = bench.get("Task/" + id);
    CHECK(gone.status == 410);
    CHECK(at(gone.body, "/id") == "gone");
    CHECK(at(gone.body, issue_code) == "deleted");
    CHECK(bench.call("PATCH", "Task/" + id, R"([{"op":"replace","path":"/status","value":"ready"}])").status == 410);
}

TEST_CASE("A second delete is 200 and makes no version; of what never was it is 404") {
    Bench bench;
    auto id = bench.create_task();
    bench.call("DELETE", "Task/" + id);
    auto commits = bench.world.store.commits();
    CHECK(bench.call("DELETE", "Task/" + id).status == 200);
    CHECK(bench.world.store.commits() == commits);
    CHECK(bench.call("DELETE", "Task/00000000-0000-4000-8000-000000000000").status == 404);
}

TEST_CASE("An outcome of a request of its own carries the request's id") {
    Bench bench;
    auto body = bench.get("Task/nope").body;
    CHECK(at(body, "/extension/0/url") == "https://medplum.com/fhir/StructureDefinition/tracing");
    CHECK(at(body, "/extension/0/extension/0/url") == "requestId");
}

TEST_CASE("If-Match with another version is 412; unquoted or * it is ignored") {
    Bench bench;
    auto id = bench.create_task();
    auto first = at(bench.get("Task/" + id).body, "/meta/versionId");
    CHECK(bench.call("PUT", "Task/" + id, task(id, "received"), {{"If-Match", weak(first)}}).status == 200);
    auto stale = bench.call("PUT", "Task/" + id, task(id, "accepted"), {{"If-Match", weak(first)}});
    CHECK(stale.status == 412);
    CHECK(at(stale.body, "/id") == "precondition-failed");
    CHECK(at(stale.body, issue_code) == "processing");
    CHECK(bench.call("PUT", "Task/" + id, task(id, "ready"), {{"If-Match", first}}).status == 200);
    CHECK(bench.call("PUT", "Task/" + id, task(id, "draft"), {{"If-Match", "*"}}).status == 200);
    auto strong = "\"" + at(bench.get("Task/" + id).body, "/meta/versionId") + "\"";
    CHECK(bench.call("PUT", "Task/" + id, task(id, "requested"), {{"If-Match", strong}}).status == 200);
}

TEST_CASE("If-Match is ignored by DELETE, by PATCH, and by a PUT that undeletes") {
    Bench bench;
    auto id = bench.create_task();
    auto first = at(bench.get("Task/" + id).body, "/meta/versionId");
    bench.call("PUT", "Task/" + id, task(id, "received"));
    CHECK(bench
              .call("PATCH", "Task/" + id, R"([{"op":"replace","path":"/status","value":"ready"}])",
                    {{"If-Match", weak(first)}})
              .status == 200);
    CHECK(bench.call("DELETE", "Task/" + id, {}, {{"If-Match", weak(first)}}).status == 200);
    CHECK(bench.call("PUT", "Task/" + id, task(id, "requested"), {{"If-Match", weak(first)}}).status == 200);
    CHECK(bench.get("Task/" + id).status == 200);
}

TEST_CASE("A PUT that changes nothing answers 200 with the version that is there") {
    Bench bench;
    auto id = bench.create_task();
    auto before = bench.get("Task/" + id);
    bench.pass(milliseconds(1000));
    auto same = bench.call("PUT", "Task/" + id, before.body);
    CHECK(same.status == 200);
    CHECK(same.header("ETag") == before.header("ETag"));
    CHECK(same.body == before.body);
}

TEST_CASE("A PUT does not create: 404 for an unknown id, 400 for one that is no UUID") {
    Bench bench;
    CHECK(bench
              .call("PUT", "Task/7b8f1c9e-0a55-4d1e-9a3e-2f6a4a9b1234",
                    task("7b8f1c9e-0a55-4d1e-9a3e-2f6a4a9b1234", "ready"))
              .status == 404);
    CHECK(bench.call("PUT", "Task/nope", task("nope", "ready")).status == 400);
}

TEST_CASE("A body of another type or id, one that is not JSON, or one that is not looked at: 400, and which") {
    Bench bench;
    auto id = bench.create_task();
    auto text = [](const Response& answer) {
        CHECK(answer.status == 400);
        return at(answer.body, issue_text);
    };
    CHECK(text(bench.call("PUT", "Task/" + id, R"({"resourceType":"Patient"})")) == "Incorrect resource type");
    CHECK(text(bench.call("PUT", "Task/" + id, task("other", "ready"))) == "Incorrect resource ID");
    CHECK(text(bench.call("POST", "Patient", task("x", "ready"))) ==
          "Incorrect resource type: expected Patient, but found Task");
    CHECK(text(bench.call("POST", "Task", R"({"resourceType":"Task",)")) == "Content could not be parsed");
    auto plain = bench.world.api.handle({"POST",
                                         "/fhir/R4/Task",
                                         {{"Authorization", "Bearer " + bench.token}, {"Content-Type", "text/plain"}},
                                         task("x", "ready"),
                                         "127.0.0.1"});
    CHECK(text(plain) == "Incorrect resource type: expected Task, but found <EMPTY>");
    Request large{"POST", "/fhir/R4/Task", {{"Authorization", "Bearer " + bench.token}}, "", "127.0.0.1", true};
    CHECK(text(bench.world.api.handle(large)) == "File too large");
}

TEST_CASE("Content that breaks the type's rules is 400 structure, with the place") {
    Bench bench;
    auto missing = bench.call("POST", "Task", R"({"resourceType":"Task","status":"requested"})");
    CHECK(missing.status == 400);
    CHECK(at(missing.body, issue_code) == "structure");
    CHECK(at(missing.body, issue_text) == "Missing required property");
    CHECK(at(missing.body, "/issue/0/expression/0") == "Task.intent");
    auto unknown = bench.call("POST", "Patient", R"({"resourceType":"Patient","foo":1})");
    CHECK(at(unknown.body, issue_text) == "Invalid additional property \"foo\"");
    auto date = bench.call("POST", "Patient", R"({"resourceType":"Patient","birthDate":"yesterday"})");
    CHECK(at(date.body, issue_text) == "Invalid date format");
}

TEST_CASE("A PATCH changes, a failing test in it is 400, and its no-change makes no version") {
    Bench bench;
    auto id = bench.create_task();
    auto version = at(bench.get("Task/" + id).body, "/meta/versionId");
    auto guarded = R"([{"op":"test","path":"/meta/versionId","value":")" + version +
                   R"("},{"op":"replace","path":"/status","value":"in-progress"}])";
    auto answer = bench.call("PATCH", "Task/" + id, guarded);
    CHECK(answer.status == 200);
    CHECK(at(answer.body, "/status") == "in-progress");
    auto again = bench.call("PATCH", "Task/" + id, guarded);
    CHECK(again.status == 400);
    CHECK(at(again.body, issue_text).starts_with("Test failed: "));
    auto same = bench.call("PATCH", "Task/" + id, R"([{"op":"replace","path":"/status","value":"in-progress"}])");
    CHECK(same.header("ETag") == answer.header("ETag"));
    CHECK(bench.call("PATCH", "Task/" + id, R"([{"op":"replace","path":"/id","value":"x"}])").status == 400);
    CHECK(bench.call("PATCH", "Task/00000000-0000-4000-8000-000000000000", guarded).status == 404);
}

TEST_CASE("A serialisation conflict is 409 and nothing is written") {
    Bench bench;
    auto id = bench.create_task();
    bench.world.api.on_conflict([](const Request& request) { return request.method == "PUT"; });
    auto commits = bench.world.store.commits();
    auto answer = bench.call("PUT", "Task/" + id, task(id, "ready"));
    CHECK(answer.status == 409);
    CHECK(at(answer.body, "/id") == "conflict");
    CHECK(at(answer.body, "/issue/0/details/coding/0/code") == "40001");
    CHECK(bench.world.store.commits() == commits);
}

TEST_CASE("History is newest first, pages by _count and _offset, and ignores _since") {
    Bench bench;
    auto id = bench.create_task();
    for (const char* status : {"received", "accepted", "in-progress"}) {
        bench.pass(milliseconds(1000));
        bench.call("PUT", "Task/" + id, task(id, status));
    }
    auto all = bench.get("Task/" + id + "/_history");
    CHECK(at(all.body, "/type") == "history");
    CHECK(at(all.body, "/total") == "4");
    CHECK(at(all.body, "/entry/0/resource/status") == "in-progress");
    CHECK(at(all.body, "/entry/3/resource/status") == "requested");
    CHECK(at(all.body, "/entry/0/response/status") == "200");
    auto page = bench.get("Task/" + id + "/_history?_count=1&_offset=1");
    CHECK(at(page.body, "/entry/0/resource/status") == "accepted");
    CHECK(at(page.body, "/entry/1").empty());
    CHECK(at(page.body, "/total") == "4");
    CHECK(bench.get("Task/" + id + "/_history?_since=2030-01-01T00:00:00Z").body == all.body);
    CHECK(bench.get("Task/_history").status == 404);
    CHECK(bench.get("_history").status == 400);
}

TEST_CASE("A deletion's history entry says 410 and has no resource; reading that version fails as on 5.0.10") {
    Bench bench;
    auto id = bench.create_task();
    bench.pass(milliseconds(1000));
    bench.call("DELETE", "Task/" + id);
    auto history = bench.get("Task/" + id + "/_history").body;
    CHECK(at(history, "/entry/0/response/status") == "410");
    CHECK(at(history, "/entry/0/resource").empty());
    CHECK(at(history, "/entry/0/response/outcome/issue/0/details/text") ==
          "Deleted on Tue Feb 10 2026 10:30:01 GMT+0000 (Coordinated Universal Time)");
    CHECK(at(history, "/entry/1/resource/id") == id);
    auto url = at(history, "/entry/0/request/url");
    auto read = bench.get(url);
    CHECK(read.status == 400);
    CHECK(at(read.body, issue_text) == "Unexpected end of JSON input");
    CHECK(bench.get(at(history, "/entry/1/request/url")).status == 200);
    CHECK(bench.get("Task/" + id + "/_history/00000000-0000-4000-8000-000000000000").status == 404);
}

TEST_CASE("There is no conditional GET and no HEAD") {
    Bench bench;
    auto id = bench.create_task();
    auto etag = std::string(bench.get("Task/" + id).header("ETag"));
    CHECK(bench.call("GET", "Task/" + id, {}, {{"If-None-Match", etag}}).status == 200);
    auto head = bench.call("HEAD", "Task/" + id);
    CHECK(head.status == 404);
    CHECK(head.body.empty());
}

TEST_CASE("Conditional create, update and delete act on what a search finds") {
    Bench bench;
    auto body =
        R"({"resourceType":"Patient","identifier":[{"system":"http://x.example/mrn","value":"7"}],"active":true})";
    auto query = "identifier=http://x.example/mrn|7";
    CHECK(bench.call("POST", "Patient", body, {{"If-None-Exist", query}}).status == 201);
    CHECK(bench.call("POST", "Patient", body, {{"If-None-Exist", query}}).status == 200);
    auto changed =
        R"({"resourceType":"Patient","identifier":[{"system":"http://x.example/mrn","value":"7"}],"active":false})";
    auto updated = bench.call("PUT", "Patient?" + std::string(query), changed);
    CHECK(updated.status == 200);
    CHECK(at(updated.body, "/active") == "false");
    CHECK(bench.call("DELETE", "Patient?" + std::string(query)).status == 200);
    CHECK(bench.get("Patient/" + at(updated.body, "/id")).status == 410);
    bench.call("POST", "Patient", body);
    bench.call("POST", "Patient", body);
    CHECK(bench.call("POST", "Patient", body, {{"If-None-Exist", query}}).status == 412);
}

TEST_CASE("Failures on demand end by themselves") {
    Bench bench;
    bench.world.api.fail_requests(2, 503);
    CHECK(bench.get("Task").status == 503);
    CHECK(bench.get("Task").status == 503);
    CHECK(bench.get("Task").status == 200);
}
