#include "bench.hpp"
#include "fhir/base64.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <set>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::milliseconds;

namespace {

std::size_t entries(const Response& answer) { return count(answer.body, "\"fullUrl\""); }

std::string link(const Response& answer, std::string_view relation) {
    for (int i = 0; i < 4; ++i) {
        auto at_link = "/link/" + std::to_string(i);
        if (at(answer.body, (at_link + "/relation").c_str()) == relation)
            return at(answer.body, (at_link + "/url").c_str());
    }
    return {};
}

// Follows `next` to the end; gives the ids in order.
std::vector<std::string> walk(Bench& bench, std::string target) {
    std::vector<std::string> ids;
    for (int page = 0; page < 100; ++page) {
        auto answer = bench.get(target);
        REQUIRE(answer.status == 200);
        for (std::size_t i = 0; i < entries(answer); ++i)
            ids.push_back(at(answer.body, ("/entry/" + std::to_string(i) + "/resource/id").c_str()));
        auto next = link(answer, "next");
        if (next.empty()) return ids;
        target = next.substr(std::string_view("http://sim.test/fhir/R4/").size());
    }
    FAIL("paging does not end");
    return ids;
}

std::vector<std::string> create_tasks(Bench& bench, int number, milliseconds apart) {
    std::vector<std::string> ids;
    for (int i = 0; i < number; ++i) {
        ids.push_back(bench.create_task(i % 2 == 0 ? "requested" : "completed"));
        bench.pass(apart);
    }
    return ids;
}

} // namespace

TEST_CASE("A search gives 20 unless _count says otherwise, and 1000 at most") {
    Bench bench;
    create_tasks(bench, 25, milliseconds(1));
    CHECK(entries(bench.get("Task")) == 20);
    CHECK(entries(bench.get("Task?_count=7")) == 7);
    auto capped = bench.get("Task?_count=1001");
    CHECK(entries(capped) == 25);
    CHECK(link(capped, "self") == "http://sim.test/fhir/R4/Task?_count=1000");
    CHECK(at(capped.body, "/type") == "searchset");
    CHECK(at(capped.body, "/entry/0/search/mode") == "match");
    CHECK(at(capped.body, "/total").empty());
}

TEST_CASE("The total comes with _total=accurate or _summary=count only") {
    Bench bench;
    create_tasks(bench, 5, milliseconds(1));
    CHECK(at(bench.get("Task?_total=accurate&_count=2").body, "/total") == "5");
    auto counted = bench.get("Task?_summary=count&status=requested");
    CHECK(at(counted.body, "/total") == "3");
    CHECK(entries(counted) == 0);
    CHECK(at(bench.get("Task?_total=none").body, "/total").empty());
}

TEST_CASE("An empty result has no entry and no link but self") {
    Bench bench;
    auto answer = bench.get("Task?status=ready");
    CHECK(answer.status == 200);
    CHECK(at(answer.body, "/entry").empty());
    CHECK(link(answer, "self") == "http://sim.test/fhir/R4/Task?_count=20&status=ready");
    CHECK(link(answer, "first").empty());
}

TEST_CASE("_offset pages have next and previous; more than 10000 is 400") {
    Bench bench;
    create_tasks(bench, 12, milliseconds(1));
    auto first = bench.get("Task?_count=5");
    CHECK(link(first, "next") == "http://sim.test/fhir/R4/Task?_count=5&_offset=5");
    CHECK(link(first, "previous").empty());
    auto second = bench.get("Task?_count=5&_offset=5");
    CHECK(link(second, "previous") == "http://sim.test/fhir/R4/Task?_count=5");
    CHECK(link(second, "first") == "http://sim.test/fhir/R4/Task?_count=5");
    auto third = bench.get("Task?_count=5&_offset=10");
    CHECK(entries(third) == 2);
    CHECK(link(third, "next").empty());
    auto beyond = bench.get("Task?_offset=20000");
    CHECK(beyond.status == 400);
    CHECK(at(beyond.body, issue_text) == "Search offset exceeds maximum (got 20000, max 10000)");
}

TEST_CASE("A cursor appears exactly for ascending _lastUpdated with _count of 20 or more and no offset") {
    Bench bench;
    create_tasks(bench, 45, milliseconds(1));
    auto next = [&](const char* target) { return link(bench.get(target), "next"); };
    CHECK(next("Task?_sort=_lastUpdated&_count=20").find("_cursor=2-") != std::string::npos);
    CHECK(next("Task?_sort=_lastUpdated&_count=19").find("_cursor") == std::string::npos);
    CHECK(next("Task?_sort=-_lastUpdated&_count=20").find("_cursor") == std::string::npos);
    CHECK(next("Task?_sort=_lastUpdated,status&_count=20").find("_cursor") == std::string::npos);
    CHECK(next("Task?_sort=_lastUpdated&_count=20&_offset=0").find("_cursor") == std::string::npos);
    CHECK(bench.get("Task?_sort=_lastUpdated&_count=20&_cursor=2-0-&_offset=3").status == 400);
    CHECK(bench.get("Task?_sort=_lastUpdated&_count=20&_cursor=rubbish").status == 400);
}

TEST_CASE("A cursor walk gives everything once, in order, also across equal milliseconds") {
    Bench bench;
    auto apart = GENERATE_COPY(milliseconds(1), milliseconds(0));
    std::set<std::string> created;
    for (int batch = 0; batch < 6; ++batch) {
        for (auto& id : create_tasks(bench, 13, apart)) created.insert(id);
        bench.pass(milliseconds(1));
    }
    auto walked = walk(bench, "Task?_sort=_lastUpdated&_count=20");
    CHECK(walked.size() == created.size());
    CHECK(std::set(walked.begin(), walked.end()) == created);
}

TEST_CASE("More than a page of one millisecond cannot be walked by cursor: 500") {
    Bench bench;
    create_tasks(bench, 30, milliseconds(0));
    auto answer = bench.get("Task?_sort=_lastUpdated&_count=20");
    CHECK(answer.status == 500);
    CHECK(at(answer.body, issue_text) == "Cursor fails to make progress");
}

TEST_CASE("A resource that changes during a cursor walk is met again at its new place, and none is missed") {
    Bench bench;
    auto ids = create_tasks(bench, 30, milliseconds(1));
    auto first = bench.get("Task?_sort=_lastUpdated&_count=20");
    bench.call("PATCH", "Task/" + ids[0], R"([{"op":"replace","path":"/status","value":"received"}])");
    auto next = link(first, "next").substr(std::string_view("http://sim.test/fhir/R4/").size());
    auto rest = walk(bench, next);
    CHECK(rest.size() == 11);
    CHECK(rest.back() == ids[0]);
}

TEST_CASE("_lastUpdated selects with ge, gt, le and lt to the millisecond") {
    Bench bench;
    auto ids = create_tasks(bench, 4, milliseconds(10)); // .123 .133 .143 .153
    auto found = [&](const char* filter) { return entries(bench.get("Task?_lastUpdated=" + std::string(filter))); };
    CHECK(found("ge2026-02-10T10:30:00.133Z") == 3);
    CHECK(found("gt2026-02-10T10:30:00.133Z") == 2);
    CHECK(found("le2026-02-10T10:30:00.133Z") == 2);
    CHECK(found("lt2026-02-10T10:30:00.133Z") == 1);
    CHECK(found("ge2026-02-10") == 4);
    CHECK(found("gt2026-02-10") == 4); // the instant at which the value begins
    CHECK(found("ge2026-02-10T10:30:00.133") == 3);
    CHECK(found("lt2026-02-10T12:30:00.133%2B02:00") == 1);
    CHECK(found("le2026") == 0);
    CHECK(found("ge2026-02-10T10:30:00.133Z&_lastUpdated=lt2026-02-10T10:30:00.153Z") == 2);
    auto wrong = bench.get("Task?_lastUpdated=geyesterday");
    CHECK(wrong.status == 400);
    CHECK(at(wrong.body, issue_text) == "Invalid format for date search parameter: yesterday");
}

TEST_CASE("_sort orders by time, by priority and by due date") {
    Bench bench;
    auto add = [&](const char* priority, const char* due) {
        bench.pass(milliseconds(1));
        return bench.create("Task", R"({"resourceType":"Task","status":"requested","intent":"order","priority":")" +
                                        std::string(priority) + R"(","restriction":{"period":{"end":")" + due +
                                        "\"}}}");
    };
    auto a = add("urgent", "2026-02-12"), b = add("stat", "2026-02-11"), c = add("routine", "2026-02-10");
    auto order = [&](const char* sort) { return walk(bench, "Task?_sort=" + std::string(sort)); };
    CHECK(order("-_lastUpdated") == std::vector{c, b, a});
    CHECK(order("_lastUpdated") == std::vector{a, b, c});
    CHECK(order("-priority-order") == std::vector{b, a, c});
    CHECK(order("due-date") == std::vector{c, b, a});
}

TEST_CASE("Tasks are found by status, owner and patient, and alerts by their code") {
    Bench bench;
    bench.create(
        "Task",
        R"({"resourceType":"Task","status":"requested","intent":"order","owner":{"reference":"Practitioner/1"},"for":{"reference":"Patient/9"}})");
    bench.create("Task", R"({"resourceType":"Task","status":"completed","intent":"order"})");
    bench.create(
        "Basic",
        R"({"resourceType":"Basic","code":{"coding":[{"code":"device-alert"}]},"subject":{"reference":"Patient/9"}})");
    CHECK(entries(bench.get("Task?status=requested")) == 1);
    CHECK(entries(bench.get("Task?status=requested,completed")) == 2);
    CHECK(entries(bench.get("Task?owner=Practitioner/1")) == 1);
    CHECK(entries(bench.get("Task?owner:missing=true")) == 1);
    CHECK(entries(bench.get("Task?patient=Patient/9&status=completed")) == 0);
    CHECK(entries(bench.get("Basic?code=device-alert")) == 1);
    CHECK(entries(bench.get("Basic?code=other")) == 0);
}

TEST_CASE("An unknown parameter is 400 and named, among others too") {
    Bench bench;
    auto answer = bench.get("Task?status=requested&nosuchparam=1");
    CHECK(answer.status == 400);
    CHECK(at(answer.body, issue_text) == "Unknown search parameter: nosuchparam");
}

TEST_CASE("_elements keeps what is asked for and tags the rest as missing") {
    Bench bench;
    bench.create_task();
    auto answer = bench.get("Task?_elements=status");
    CHECK(at(answer.body, "/entry/0/resource/status") == "requested");
    CHECK(at(answer.body, "/entry/0/resource/intent").empty());
    CHECK(at(answer.body, "/entry/0/resource/meta/tag/0/code") == "SUBSETTED");
    CHECK(link(answer, "self") == "http://sim.test/fhir/R4/Task?_count=20&_fields=status");
}

TEST_CASE("_deleted=true lists deleted resources with id and lastUpdated only") {
    Bench bench;
    auto kept = bench.create_task(), gone = bench.create_task();
    bench.pass(milliseconds(1000));
    bench.call("DELETE", "Task/" + gone);
    CHECK(entries(bench.get("Task")) == 1);
    auto answer = bench.get("Task?_deleted=true&_lastUpdated=gt2026-02-10T10:30:01Z");
    REQUIRE(entries(answer) == 1);
    CHECK(at(answer.body, "/entry/0/resource") ==
          R"({"resourceType":"Task","id":")" + gone + R"(","meta":{"lastUpdated":"2026-02-10T10:30:01.123Z"}})");
    CHECK(entries(bench.get("Task?_deleted=true&_id=" + kept)) == 0);
}

TEST_CASE("_type searches several types at once") {
    Bench bench;
    bench.create_task();
    bench.create_patient();
    auto answer = bench.get("?_type=Patient,Task&_sort=_lastUpdated");
    CHECK(entries(answer) == 2);
    CHECK(link(answer, "self") ==
          "http://sim.test/fhir/R4/MultipleTypes?_count=20&_sort=_lastUpdated&_type=Patient,Task");
    CHECK(bench.get("?_type=Patient,Nonsense").status == 400);
}

TEST_CASE("A search can be posted as a form") {
    Bench bench;
    create_tasks(bench, 3, milliseconds(1));
    auto answer = bench.world.api.handle(
        {"POST",
         "/fhir/R4/Task/_search",
         {{"Authorization", "Bearer " + bench.token}, {"Content-Type", "application/x-www-form-urlencoded"}},
         "status=requested&_count=1",
         "127.0.0.1"});
    CHECK(answer.status == 200);
    CHECK(entries(answer) == 1);
}

TEST_CASE("A batch answers each entry by itself") {
    Bench bench;
    auto id = bench.create_task();
    auto answer = bench.call(
        "POST", "",
        R"({"resourceType":"Bundle","type":"batch","entry":[
        {"fullUrl":"urn:uuid:1","request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}},
        {"request":{"method":"POST","url":"Task"},"resource":{"resourceType":"Task","status":"requested","intent":"order","for":{"reference":"urn:uuid:1"}}},
        {"request":{"method":"GET","url":"Task/nope"}},
        {"request":{"method":"PUT","url":"Task/)" +
            id +
            R"(","ifMatch":"W/\"other\""},"resource":{"resourceType":"Task","status":"ready","intent":"order","id":")" +
            id + R"("}},
        {"request":{"method":"PATCH","url":"Task/)" +
            id + R"("},"resource":{"resourceType":"Binary","contentType":"application/json-patch+json","data":")" +
            fhir::encode_base64(R"([{"op":"replace","path":"/status","value":"received"}])", fhir::Base64::Url) +
            R"("}},
        {"request":{"method":"DELETE","url":"Task/)" +
            id + R"("}},
        {}]})");
    REQUIRE(answer.status == 200);
    CHECK(at(answer.body, "/type") == "batch-response");
    CHECK(at(answer.body, "/entry/0/response/status") == "201");
    CHECK(at(answer.body, "/entry/0/response/outcome/id") == "created");
    auto patient = at(answer.body, "/entry/0/response/location");
    CHECK(patient.starts_with("Patient/"));
    CHECK(at(answer.body, "/entry/1/resource/for/reference") == patient);
    CHECK(at(answer.body, "/entry/2/response/status") == "404");
    CHECK(at(answer.body, "/entry/3/response/status") == "412");
    CHECK(at(answer.body, "/entry/4/resource/status") == "received");
    CHECK(at(answer.body, "/entry/5/response/status") == "200");
    CHECK(at(answer.body, "/entry/6/response/status") == "400");
}

TEST_CASE("A transaction with a failing entry writes nothing and answers with that failure") {
    Bench bench;
    auto id = bench.create_task();
    auto answer = bench.call("POST", "",
                             R"({"resourceType":"Bundle","type":"transaction","entry":[
        {"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}},
        {"request":{"method":"DELETE","url":"Task/)" +
                                 id + R"("}},
        {"request":{"method":"GET","url":"Task/00000000-0000-4000-8000-000000000000"}}]})");
    CHECK(answer.status == 404);
    CHECK(entries(bench.get("Patient")) == 0);
    CHECK(bench.get("Task/" + id).status == 200);
}

TEST_CASE("Whatever bytes a request has, the answer is JSON in UTF-8") {
    Bench bench;
    const std::string task = bench.create_task();
    const auto target = GENERATE(as<std::string>{}, "Task?_lastUpdated=%F0%9F%98%80", "Task?_lastUpdated=%FF%FE",
                                 "Task?_count=%C3", "Task?_cursor=%80&_sort=_lastUpdated", "Task?status=%F0%9F",
                                 "Task?%FF=%1B%1F", "Task?_id=aaaaaaaaaaaaaaaaaaaaaaaa%1A%1B%1C%1D%1E%1F", "%FF%FE",
                                 "Task/%ED%A0%80", "Task/%FF/_history", "Subscription/%C0%AF");
    for (const char* method : {"GET", "PUT", "POST", "PATCH", "DELETE"}) {
        const auto answer = bench.call(method, target, "{\"resourceType\":\"\\u001a\\u001bTasktasktasktask\"}");
        INFO(method << " " << target << ": " << answer.body);
        CHECK((answer.body.empty() || fhir::parse_json(answer.body).has_value()));
    }
    const auto login = bench.form("grant_type=%FF%1A");
    CHECK(fhir::parse_json(login.body).has_value());
}

TEST_CASE("A page that says that there is none shows the path and no control character") {
    Bench bench;
    const auto answer = bench.world.api.handle({"GET\x1b[2J", "/nowhere<\xff\x07>", {}, {}, "127.0.0.1"});
    CHECK(answer.status == 404);
    CHECK(answer.body.find("Cannot GET\\x1b[2J /nowhere&lt;\\xff\\x07&gt;") != std::string::npos);
}
