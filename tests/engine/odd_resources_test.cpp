// Resources as real servers send them: without meta, without versions, with ids and numbers of their own, in part not
// readable. Whatever can be identified is shown; what cannot be used takes nothing else down.

#include "support/dialect_client.hpp"
#include "words/words.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

namespace fhirscope::odd_resources {

using namespace tests::numbered;

namespace {

std::string bare_task(const std::string& id, const std::string& meta, const std::string& status = "requested") {
    return R"({"resourceType":"Task","id":")" + id + "\"" + (meta.empty() ? "" : ",\"meta\":" + meta) +
           R"(,"status":")" + status + R"(","intent":"order"})";
}

// Of two writers at once; each version has a content of its own.
std::string racing(const std::string& version, const std::string& millisecond) {
    return bare_task("t1",
                     R"({"versionId":")" + version + R"(","lastUpdated":"2026-02-10T10:30:20.)" + millisecond + "Z\"}",
                     version == "a" ? "accepted" : "rejected");
}

std::string list(const std::vector<std::string>& resources) {
    std::string text;
    for (const std::string& resource : resources) text += (text.empty() ? "" : ",") + found(resource);
    return text;
}

HttpAnswer answer_with(const SendRequest& request, const std::string& body, const std::string& etag,
                       const std::string& last_modified = "") {
    HttpAnswer answer;
    answer.request = request.request;
    answer.status = 200;
    answer.etag = etag;
    answer.last_modified = last_modified;
    answer.body = make_text(body);
    return answer;
}

std::string status_of(Client& client, const std::string& reference) {
    const auto snapshot = client.engine.publish();
    const RecordPtr record = snapshot->find(reference);
    if (!record) return "";
    if (!record->resource()) return "deleted";
    const std::string text(record->resource()->member("status").value_or(""));
    return text.size() < 2 ? text : text.substr(1, text.size() - 2);
}

std::vector<std::string> flaw_codes(Client& client) {
    std::vector<std::string> codes;
    const auto snapshot = client.engine.publish();
    for (const Flaw& flaw : snapshot->flaws) codes.push_back(flaw.code);
    return codes;
}

std::size_t reads_of(const Client& client, const std::string& reference) {
    return static_cast<std::size_t>(std::ranges::count_if(
        client.requests, [&](const SendRequest& r) { return r.method == "GET" && r.url == "fhir/R4/" + reference; }));
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("resources without meta are shown, and the headers of a read stand in") {
    Client client(Dialect::R4B);
    client.become_live(0, list({bare_task("t1", ""), bare_task("t2", "")}));
    CHECK(client.counters().rejected == 0);
    CHECK(status_of(client, "Task/t1") == "requested");
    CHECK(flaw_codes(client) == Codes{"missing-last-updated", "missing-version"});

    client.frame(notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", "", "completed")}}));
    client.in(answer_with(client.read("Task/t1"), bare_task("t1", "", "completed"), "W/\"7\"",
                          "Tue, 10 Feb 2026 10:30:40 GMT"));
    CHECK(status_of(client, "Task/t1") == "completed");
    CHECK(client.version("Task/t1") == "7");
    const auto snapshot = client.engine.publish();
    CHECK(snapshot->find("Task/t1")->current().last_updated == fhir::parse_instant("2026-02-10T10:30:40Z"));
    // Nothing of it is lost where a state is saved.
    auto restored = Engine::restore(client.engine.keyframe());
    REQUIRE(restored);
    CHECK(restored->state_hash() == client.engine.state_hash());
    CHECK(restored->publish()->find("Task/t1")->current().version_id() == "7");
}

TEST_CASE("what has no version is compared by its content") {
    Client client(Dialect::R4B);
    client.become_live(0, list({bare_task("t1", ""), bare_task("t2", "")}));
    const bool differs = GENERATE(false, true);
    client.in(Verify{});
    const SendRequest listing = client.request("Task?");
    CHECK(listing.url.find("_elements") == std::string::npos); // id and meta alone would tell nothing
    client.answer(listing, 200,
                  page(list({bare_task("t1", "", differs ? "accepted" : "requested"), bare_task("t2", "")})));
    const VerifyView verify = client.engine.publish()->verify;
    CHECK(verify.state == (differs ? VerifyView::State::Different : VerifyView::State::Equal));
    if (!differs) return;
    client.answer(client.read("Task/t1"), 200, bare_task("t1", "", "accepted"));
    CHECK(status_of(client, "Task/t1") == "accepted");
}

TEST_CASE("a server without versions is ordered by lastUpdated") {
    Client client(Dialect::R4B);
    const auto stamped = [](int second) {
        return R"({"lastUpdated":"2026-02-10T10:30:)" + std::to_string(second) + "Z\"}";
    };
    client.become_live(0, list({bare_task("t1", stamped(10))}));
    CHECK(status_of(client, "Task/t1") == "requested");
    client.frame(notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", stamped(20), "completed")}}));
    client.answer(client.read("Task/t1"), 200, bare_task("t1", stamped(20), "completed"));
    CHECK(status_of(client, "Task/t1") == "completed");
    // Back to an earlier content: a later version all the same.
    client.frame(notification("event-notification", 2, {{2, "Task/t1", bare_task("t1", stamped(30))}}));
    client.answer(client.read("Task/t1"), 200, bare_task("t1", stamped(30)));
    CHECK(status_of(client, "Task/t1") == "requested");
    CHECK(client.counters().rejected == 0);
}

TEST_CASE("a versionId that is a number, and a time without a zone, are flaws and no reason to hide a resource") {
    Client client(Dialect::R4B);
    client.become_live(0, list({bare_task("t1", R"({"versionId":1,"lastUpdated":"2026-02-10T10:30:10Z"})"),
                                bare_task("t2", R"({"versionId":"1","lastUpdated":"2026-02-10T10:30:10"})")}));
    CHECK(client.version("Task/t1") == "1");
    CHECK(client.version("Task/t2") == "1");
    CHECK(flaw_codes(client) == Codes{"no-zone", "number-as-text"});
    client.frame(notification(
        "event-notification", 1,
        {{1, "Task/t1", bare_task("t1", R"({"versionId":2,"lastUpdated":"2026-02-10T10:30:20Z"})", "completed")}}));
    CHECK(status_of(client, "Task/t1") == "completed");
    CHECK(client.counters().rejected == 0);
}

TEST_CASE("the same version with other content is a new version, and said") {
    Client client(Dialect::R4B);
    const auto stamped = [](int second) {
        return R"({"versionId":"1","lastUpdated":"2026-02-10T10:30:)" + std::to_string(second) + "Z\"}";
    };
    client.become_live(0, list({bare_task("t1", stamped(10))}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", stamped(20), "completed")}}));
    client.frame(notification("event-notification", 2, {{2, "Task/t1", bare_task("t1", stamped(30), "rejected")}}));
    CHECK(status_of(client, "Task/t1") == "rejected");
    const auto repeats = client.engine.publish()->repeated_versions;
    REQUIRE(repeats.size() == 1);
    CHECK(repeats[0].first == "Task");
    CHECK(repeats[0].second.count == 2);
    // A comparison does not call what it has not compared equal.
    client.in(Verify{});
    client.answer(client.request("Task?"), 200, page(list({bare_task("t1", stamped(40), "failed")})));
    CHECK(client.engine.publish()->verify.state == VerifyView::State::Different);
}

TEST_CASE(
    "the same version of the same time with other content is settled by a read, and listed with its content from then "
    "on") {
    Client client(Dialect::R4B);
    const std::string meta = R"({"versionId":"1","lastUpdated":"2026-02-10T10:30:10Z"})";
    client.become_live(0, list({bare_task("t1", meta)}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", meta, "completed")}}));
    client.answer(client.read("Task/t1"), 200, bare_task("t1", meta, "completed"));
    CHECK(status_of(client, "Task/t1") == "completed");
    client.in(Verify{});
    const SendRequest listing = client.request("Task?");
    CHECK(listing.url.find("_elements") == std::string::npos);
    client.answer(listing, 200, page(list({bare_task("t1", meta, "failed")})));
    CHECK(client.engine.publish()->verify.state == VerifyView::State::Different);
}

TEST_CASE("an event whose resource has no lastUpdated makes it read, as one without a versionId") {
    Client client(Dialect::R4B);
    client.become_live(0, list({task("t1", 1)}));
    client.frame(
        notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", R"({"versionId":"2"})", "completed")}}));
    CHECK(client.counters().rejected == 0);
    client.answer(client.read("Task/t1"), 200, task("t1", 2));
    CHECK(client.version("Task/t1") == "2");
}

TEST_CASE("ids beyond the standard's alphabet are shown, read and searched for by their own address") {
    Client client(Dialect::R4B);
    const std::string meta = R"({"versionId":"1","lastUpdated":"2026-02-10T10:30:10Z"})";
    client.become_live(0, list({bare_task("careplan_77_3", meta), bare_task("患者 1", meta)}));
    CHECK(status_of(client, "Task/careplan_77_3") == "requested");
    CHECK(client.counters().rejected == 1); // an id with a space can be no part of a reference
    client.frame(notification("event-notification", 1, {{1, "Task/careplan_77_3", ""}}));
    CHECK(client.asked("fhir/R4/Task/careplan_77_3"));
    client.in(ReadResource{"Task/患者1"});
    CHECK(client.asked("fhir/R4/Task/%E6%82%A3%E8%80%851"));
}

TEST_CASE("one resource of a page that cannot be read is named, and its neighbours are shown") {
    Client client(Dialect::R4B);
    client.become_live(
        0, list({task("t1", 1), R"({"resourceType":"Task","id":"bad","meta":{"versionId":"4"},"description":"\ud83d"})",
                 task("t2", 1)}));
    CHECK(client.version("Task/t1") == "1");
    CHECK(client.version("Task/t2") == "1");
    CHECK(client.counters().rejected == 1);
    const auto snapshot = client.engine.publish();
    REQUIRE(snapshot->rejections.size() == 1);
    CHECK(snapshot->rejections[0].reference == "Task/bad");
    CHECK(words::text(snapshot->rejections[0].reason).find("entry[1].resource") != std::string::npos);
    CHECK(words::text(snapshot->rejections[0].reason).find("surrogate") != std::string::npos);
    CHECK_FALSE(client.asked("fhir/R4/Task/bad"));

    // A comparison names it as well, and does not read it again and again.
    client.in(Verify{});
    client.answer(client.request("Task?"), 200,
                  page(list({task("t1", 1), bare_task("bad", R"({"versionId":"4"})"), task("t2", 1)})));
    const auto compared = client.engine.publish();
    CHECK(compared->verify.state == VerifyView::State::Different);
    REQUIRE(compared->verify.differences.size() == 1);
    CHECK(compared->verify.differences[0].code == FactCode::Unusable);
    CHECK(compared->metrics.counters.drifts == 0); // it is not what a read would repair
    CHECK_FALSE(client.asked("fhir/R4/Task/bad"));
}

TEST_CASE("what a full listing lacks and a read does not find is deleted, but where a 404 means hidden") {
    const Dialect dialect = GENERATE(Dialect::R5, Dialect::BackportR4, Dialect::Medplum);
    Client client(dialect);
    client.become_live(0, list({task("t1", 1), task("t2", 1)}));
    client.in(Verify{});
    client.answer(client.request("Task?"), 200, page(list({task("t2", 1)})));
    client.answer(client.read("Task/t1"), 404, "{}");
    const auto snapshot = client.engine.publish();
    const RecordPtr record = snapshot->find("Task/t1");
    CHECK(record->standing == (dialect == Dialect::Medplum ? Standing::OutOfView : Standing::Deleted));
}

TEST_CASE("a page that is too large is asked for with fewer resources") {
    Client client(Dialect::R4B);
    client.answer(client.request("Subscription", "POST"), 201,
                  R"({"resourceType":"Subscription","id":"s1","meta":{"versionId":"1"},"status":"requested"})");
    client.bind_again(0);
    const SendRequest first = client.request("Task?");
    CHECK(first.url.find("_count=1000") != std::string::npos);
    client.in(HttpFailed{first.request, Failure::TooLarge, "more than 64 MB"});
    const SendRequest second = client.request("Task?");
    CHECK(second.url.find("_count=125") != std::string::npos);
    client.answer(second, 200, page(list({task("t1", 1)})));
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("an event that cannot be used is read once, however often it is listed") {
    Client client(Dialect::R4B);
    client.become_live(0, list({task("t1", 1)}));
    const std::string twice =
        R"({"resourceType":"Task","id":"t1","meta":{"versionId":"2","lastUpdated":"2026-02-10T10:30:20Z"},"status":"a","status":"b"})";
    client.frame(notification("event-notification", 1, {{1, "Task/t1", twice}}));
    CHECK(reads_of(client, "Task/t1") == 1);
    client.answer(client.read("Task/t1"), 200, twice);
    CHECK(client.counters().rejected == 2);
    for (int i = 0; i < 5; ++i) {
        client.in(Verify{});
        client.answer(client.request("Task?"), 200,
                      page(list({bare_task("t1", R"({"versionId":"2","lastUpdated":"2026-02-10T10:30:20Z"})")})));
        CHECK(client.engine.publish()->verify.state == VerifyView::State::Different);
    }
    CHECK(reads_of(client, "Task/t1") == 0);
    CHECK(client.version("Task/t1") == "1");
    // A later version heals it.
    client.frame(notification("event-notification", 2, {{2, "Task/t1", task("t1", 30)}}));
    CHECK(client.version("Task/t1") == "30");
}

TEST_CASE("an entry of a frame that cannot be read leaves the others, and the subscription, as they are") {
    Client client(Dialect::R4B);
    client.become_live(0, list({task("t1", 1), task("t2", 1)}));
    const std::string bad = R"({"resourceType":"Task","id":"t1","meta":{"versionId":"2"},"description":"\ud83d"})";
    client.frame(notification("event-notification", 2, {{1, "Task/t1", bad}, {2, "Task/t2", task("t2", 2)}}));
    CHECK(client.version("Task/t2") == "2");
    CHECK(client.counters().bad_frames == 0);
    CHECK(client.counters().gaps == 0);
    CHECK(reads_of(client, "Task/t1") == 1);
    client.answer(client.read("Task/t1"), 200, bad);
    const auto snapshot = client.engine.publish();
    CHECK(snapshot->find("Task/t1")->standing == Standing::Unconfirmed);
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("event numbers are hints: what they repeat is shown all the same, and said once") {
    Client client(Dialect::R4B);
    client.become_live(0, list({task("t1", 1), task("t2", 1), task("t3", 1)}));
    for (const std::string id : {"t1", "t2", "t3"})
        client.frame(notification("event-notification", 1, {{1, "Task/" + id, task(id, 2)}}));
    for (const std::string id : {"t1", "t2", "t3"}) CHECK(client.version("Task/" + id) == "2");
    CHECK(client.logged("event numbers cannot be relied on: event 1 came again for another resource"));
    CHECK(client.asked("Task?")); // what may have been lost is searched for, once
    client.pass(10s);
    CHECK(client.counters().gaps == 0);
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("the same number and focus without content may be another change: it is read") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1)}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", ""}}));
    client.answer(client.read("Task/t1"), 200, task("t1", 2));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", ""}}));
    client.answer(client.read("Task/t1"), 200, task("t1", 3));
    CHECK(client.version("Task/t1") == "3");
}

TEST_CASE("an absurd number opens no gap and closes none") {
    Client client(Dialect::R5);
    client.become_live(3, list({task("t1", 1), task("t2", 1)}));
    std::string absurd = notification("event-notification", 4, {{4, "Task/t1", task("t1", 2)}});
    absurd.replace(absurd.find(R"("eventNumber":"4")"), 17, R"("eventNumber":"18446744073709551615")");
    client.frame(absurd);
    CHECK(client.version("Task/t1") == "2");
    CHECK(client.logged("event numbers cannot be relied on"));
    client.pass(5s);
    CHECK_FALSE(client.asked("$events"));
    client.frame(notification("event-notification", 5, {{5, "Task/t2", task("t2", 2)}}));
    CHECK(client.version("Task/t2") == "2");
}

TEST_CASE("a count that goes back begins anew, and again and again it is not believed any more") {
    Client client(Dialect::R5);
    client.become_live(50, list({task("t1", 1)}));
    for (const int count : {3, 60, 4, 60, 5}) {
        client.frame(notification("heartbeat", count));
        client.pass(100ms);
    }
    CHECK(client.logged("the server counts its events anew, from 3 instead of 50"));
    CHECK(client.logged("event numbers cannot be relied on: its count went back again and again"));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", task("t1", 2)}}));
    CHECK(client.version("Task/t1") == "2");
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("a count without events is one that is not named: it is searched for, and no gap") {
    Client client(Dialect::R5, [](Config& c) { c.dialect.content = fhir::Payload::Empty; }, {{"Tasks", "Task"}});
    client.become_live(0, list({task("t1", 1)}));
    for (int count = 1; count <= 3; ++count) {
        client.frame(notification("event-notification", count));
        client.answer(client.request("Task?"), 200, page(list({task("t1", count + 1)})));
        if (client.asked("Task/_history")) client.answer(client.request("Task/_history"), 404, "{}");
        client.pass(2s);
        CHECK(client.version("Task/t1") == std::to_string(count + 1));
    }
    CHECK(client.counters().gaps == 0);
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("a deletion that brings the last content along is a deletion") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1)}));
    std::string frame = notification("event-notification", 1, {{1, "Task/t1", task("t1", 1)}});
    frame.replace(frame.find("\"PUT\""), 5, "\"DELETE\"");
    client.frame(frame);
    CHECK(status_of(client, "Task/t1") == "deleted");
}

TEST_CASE("a history names what was deleted by its request, where it has no fullUrl") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1)}));
    client.lose_socket();
    client.bind_again(1);
    client.answer(client.request("$events"), 404, "{}");
    client.answer(client.request("Task?"), 200, page());
    client.answer(client.request("Task/_history"), 200,
                  page(R"({"request":{"method":"DELETE","url":"Task/t1"},"response":{"status":"204"}})", "history"));
    client.answer(client.read("Task/t1"), 410, "{}");
    CHECK(status_of(client, "Task/t1") == "deleted");
}

TEST_CASE("what an event names and a read does not find any more is deleted; unasked it may be hidden") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1), task("t2", 1)}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", ""}}));
    client.answer(client.read("Task/t1"), 404, "{}");
    CHECK(status_of(client, "Task/t1") == "requested"); // a proxy may say so as well
    const SendRequest confirm = client.request("Task?_id=t1");
    const std::string other = GENERATE("", "listed", "not answered");
    if (other == "listed") {
        client.answer(confirm, 200, page(found(task("t1", 1))));
        client.answer(client.read("Task/t1"), 200, task("t1", 2));
        CHECK(client.version("Task/t1") == "2");
        return;
    }
    if (other == "not answered") {
        client.answer(confirm, 404, "{}");
        CHECK(client.engine.publish()->find("Task/t1")->standing == Standing::OutOfView);
        return;
    }
    client.answer(confirm, 200, page());
    CHECK(status_of(client, "Task/t1") == "deleted");
    const auto snapshot = client.engine.publish();
    const UpdateRow& row = snapshot->updates[snapshot->updates.end() - 1];
    CHECK(row.deleted);
    CHECK(row.frame != UINT64_MAX); // it was announced by that frame
    client.in(ReadResource{"Task/t2"});
    client.answer(client.read("Task/t2"), 404, "{}");
    CHECK(status_of(client, "Task/t2") == "requested");
}

TEST_CASE("versions within moments of each other are settled by one read, when it has calmed down") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1)}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", racing("a", "010")}}));
    CHECK(reads_of(client, "Task/t1") == 0);
    client.pass(20ms);
    client.frame(notification("event-notification", 2, {{2, "Task/t1", racing("b", "040")}}));
    client.pass(20ms);
    client.frame(notification("event-notification", 3, {{3, "Task/t1", racing("c", "030")}}));
    CHECK(client.version("Task/t1") == "b");
    CHECK(client.engine.publish()->find("Task/t1")->standing == Standing::Checking);
    CHECK(reads_of(client, "Task/t1") == 0);
    client.pass(600ms);
    CHECK(reads_of(client, "Task/t1") == 1);
    client.answer(client.read("Task/t1"), 200, racing("a", "010")); // the one with the oldest time stands
    CHECK(client.version("Task/t1") == "a");
    CHECK(client.engine.publish()->find("Task/t1")->standing == Standing::Current);
    client.pass(5s);
    CHECK(reads_of(client, "Task/t1") == 0);
}

TEST_CASE("an answer to what was asked before races with what came meanwhile, like a frame") {
    Client client(Dialect::R5);
    client.become_live(0, list({task("t1", 1)}));
    const std::string first = GENERATE("010", "040"); // a stands; b was shown for moments before it
    client.in(ReadResource{"Task/t1"});
    const SendRequest asked = client.read("Task/t1");
    client.pass(20ms);
    client.frame(notification("event-notification", 1, {{1, "Task/t1", racing("b", "025")}}));
    client.answer(asked, 200, racing("a", first));
    CHECK(client.version("Task/t1") == (first == "010" ? "b" : "a"));
    CHECK(client.engine.publish()->find("Task/t1")->standing == Standing::Checking);
    client.pass(600ms);
    client.answer(client.read("Task/t1"), 200, racing("a", first));
    CHECK(client.version("Task/t1") == "a");
    CHECK(client.engine.publish()->find("Task/t1")->standing == Standing::Current);
}

TEST_CASE("where no version protects an edit, the resource is read and compared right before it is written") {
    Client client(Dialect::R4B);
    client.become_live(0, list({bare_task("t1", "")}));
    client.in(Edit{"Task/t1", {{"status", "\"accepted\""}}, EditMethod::Put});
    CHECK_FALSE(std::ranges::any_of(client.requests, [](const SendRequest& r) { return r.method == "PUT"; }));
    CHECK(client.logged("no precondition protects the write"));
    const SendRequest read = client.read("Task/t1");
    SECTION("unchanged: it is written, with the ETag as precondition where there is one") {
        const std::string etag = GENERATE("", "W/\"5\"");
        client.in(answer_with(read, bare_task("t1", ""), etag));
        const SendRequest put = client.request("Task/t1", "PUT");
        CHECK(put.if_match == etag);
        CHECK(*put.body == bare_task("t1", "", "accepted"));
        client.in(answer_with(put, bare_task("t1", "", "accepted"), etag.empty() ? "" : "W/\"6\""));
        CHECK(status_of(client, "Task/t1") == "accepted");
        CHECK(client.engine.publish()->edits.empty());
    }
    SECTION("another change of the same field: nothing is written over it") {
        client.in(answer_with(read, bare_task("t1", "", "rejected"), ""));
        CHECK_FALSE(std::ranges::any_of(client.requests, [](const SendRequest& r) { return r.method == "PUT"; }));
        CHECK(client.engine.publish()->open_conflicts == 1);
    }
    SECTION("not readable: nothing is written, and the reason is said") {
        client.answer(read, 403, "{}");
        CHECK_FALSE(std::ranges::any_of(client.requests, [](const SendRequest& r) { return r.method == "PUT"; }));
        const auto ended = client.engine.publish();
        REQUIRE(ended->ended_edits.size() == 1);
        CHECK((*ended).ended_edits[0]->problem.has(FactCode::ToBeCompared));
    }
}

TEST_CASE("a server that repeats its versions gets no write that rests on one") {
    Client client(Dialect::R4B);
    const auto stamped = [](int second) {
        return R"({"versionId":"1","lastUpdated":"2026-02-10T10:30:)" + std::to_string(second) + "Z\"}";
    };
    client.become_live(0, list({bare_task("t1", stamped(10))}));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", bare_task("t1", stamped(20), "ready")}}));
    client.in(Edit{"Task/t1", {{"status", "\"accepted\""}}, EditMethod::Put});
    CHECK_FALSE(std::ranges::any_of(client.requests, [](const SendRequest& r) { return r.method == "PUT"; }));
    client.answer(client.read("Task/t1"), 200, bare_task("t1", stamped(20), "ready"));
    CHECK(client.request("Task/t1", "PUT").url == "fhir/R4/Task/t1");
}

} // namespace fhirscope::odd_resources
