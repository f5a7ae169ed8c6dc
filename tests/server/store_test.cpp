#include "bench.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::milliseconds;

namespace {

const Author someone{"Practitioner/1", "Someone"};
const ServerTime noon{milliseconds(1'770'724'800'000)};

rapidjson::Document content(std::string_view text) { return std::move(*fhir::parse_json(text)); }

Store make_store(StoreOptions options = {.project = "p1"}) { return Store(std::move(options), Random(7)); }

} // namespace

TEST_CASE("A version carries what Medplum adds to meta, and REST takes it out again") {
    auto store = make_store();
    auto version = store.create(
        content(
            R"({"resourceType":"Task","meta":{"tag":[{"code":"ICU"}],"author":{"reference":"forged"}},"for":{"reference":"Patient/9"}})"),
        someone, noon);
    REQUIRE(version);
    auto full = version->full_text();
    CHECK(at(full, "/meta/author/reference") == "Practitioner/1");
    CHECK(at(full, "/meta/author/display") == "Someone");
    CHECK(at(full, "/meta/project") == "p1");
    CHECK(at(full, "/meta/compartment/0/reference") == "Project/p1");
    CHECK(at(full, "/meta/compartment/1/reference") == "Patient/9");
    auto plain = version->plain_text();
    CHECK(at(plain, "/meta") == R"({"tag":[{"code":"ICU"}],"versionId":")" + version->version_id +
                                    R"(","lastUpdated":"2026-02-10T12:00:00.000Z"})");
    CHECK(at(plain, "/id") == version->id);
}

TEST_CASE("A Patient is in its own compartment") {
    auto store = make_store();
    auto version = store.create(content(R"({"resourceType":"Patient"})"), someone, noon);
    CHECK(at(version->full_text(), "/meta/compartment/1/reference") == "Patient/" + version->id);
}

TEST_CASE("A write equal to the stored content makes no version and tells nobody") {
    auto store = make_store();
    int told = 0;
    auto first =
        store.create(content(R"({"resourceType":"Task","status":"requested","intent":"order"})"), someone, noon);
    store.on_commit([&](const Commit&) { ++told; });
    auto same = store.update(content(R"({"intent":"order","status":"requested","resourceType":"Task","id":")" +
                                     first->id + R"(","meta":{"versionId":"x"}})"),
                             {"Practitioner/2", ""}, noon + milliseconds(5));
    CHECK(same == first);
    CHECK(told == 0);
    CHECK(store.commits() == 1);
}

TEST_CASE("lastUpdated of one resource always grows, even when the clock stands still") {
    auto store = make_store();
    auto first = store.create(content(R"({"resourceType":"Task","status":"requested"})"), someone, noon);
    auto second =
        store.update(content(R"({"resourceType":"Task","status":"ready","id":")" + first->id + "\"}"), someone, noon);
    auto third = store.update(content(R"({"resourceType":"Task","status":"draft","id":")" + first->id + "\"}"), someone,
                              noon - milliseconds(50));
    CHECK(second->last_updated == noon + milliseconds(1));
    CHECK(third->last_updated == noon + milliseconds(2));
}

TEST_CASE("Where ties are asked for, versions share a millisecond, as under load on a real server") {
    auto store = make_store({.project = "p1", .ties = true});
    auto first = store.create(content(R"({"resourceType":"Task","status":"requested"})"), someone, noon);
    auto second =
        store.update(content(R"({"resourceType":"Task","status":"ready","id":")" + first->id + "\"}"), someone, noon);
    CHECK(second->last_updated == first->last_updated);
    CHECK(second->version_id != first->version_id);
}

TEST_CASE("A deletion leaves a tombstone, keeps the history, and a later write brings the resource back") {
    auto store = make_store();
    auto first = store.create(content(R"({"resourceType":"Task","status":"requested"})"), someone, noon);
    auto gone = store.remove("Task", first->id, noon + milliseconds(10));
    REQUIRE(gone);
    CHECK(gone->deleted());
    CHECK(store.size() == 0);
    CHECK(store.remove("Task", first->id, noon) == nullptr);
    CHECK(store.history("Task", first->id).size() == 2);
    auto back = store.update(content(R"({"resourceType":"Task","status":"requested","id":")" + first->id + "\"}"),
                             someone, noon + milliseconds(20));
    CHECK_FALSE(back->deleted());
    CHECK(store.size() == 1);
    CHECK(store.history("Task", first->id).front() == back);
}

TEST_CASE("History is bounded: the oldest versions are forgotten first") {
    auto store = make_store({.project = "p1", .max_history = 3});
    auto first = store.create(content(R"({"resourceType":"Task","description":"0"})"), someone, noon);
    for (int i = 1; i <= 5; ++i)
        store.update(content(R"({"resourceType":"Task","description":")" + std::to_string(i) + R"(","id":")" +
                             first->id + "\"}"),
                     someone, noon);
    auto history = store.history("Task", first->id);
    REQUIRE(history.size() == 3);
    CHECK(at(history.back()->full_text(), "/description") == "3");
    CHECK(store.version("Task", first->id, first->version_id) == nullptr);
}

TEST_CASE(
    "Deleted resources are remembered up to a bound, their history to a nearer one, and one that came back is never "
    "forgotten") {
    auto store = make_store({.project = "p1", .max_deleted = 1, .max_tombstones = 1});
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(store.create(content(R"({"resourceType":"Task"})"), someone, noon)->id);
    store.remove("Task", ids[0], noon);
    store.update(content(R"({"resourceType":"Task","status":"ready","id":")" + ids[0] + "\"}"), someone, noon);
    for (int i = 1; i < 4; ++i) store.remove("Task", ids[static_cast<std::size_t>(i)], noon);
    CHECK(store.current("Task", ids[0]));
    CHECK(store.current("Task", ids[1]) == nullptr);
    REQUIRE(store.current("Task", ids[2]));
    CHECK(store.current("Task", ids[2])->deleted());
    CHECK(store.history("Task", ids[2]).size() == 1);
    REQUIRE(store.current("Task", ids[3]));
    CHECK(store.history("Task", ids[3]).size() == 2);
}

TEST_CASE("A transaction that is rolled back leaves nothing but its ghost deletes") {
    auto store = make_store();
    auto kept = store.create(content(R"({"resourceType":"Task","status":"requested"})"), someone, noon);
    std::vector<Interaction> told;
    store.on_commit([&](const Commit& commit) { told.push_back(commit.interaction); });
    store.begin();
    auto created = store.create(content(R"({"resourceType":"Task","status":"draft"})"), someone, noon);
    store.remove("Task", kept->id, noon);
    store.roll_back();
    CHECK(store.current("Task", created->id) == nullptr);
    CHECK(store.current("Task", kept->id) == kept);
    CHECK(store.size() == 1);
    CHECK(told == std::vector{Interaction::Delete});
}

TEST_CASE("A transaction that is kept tells of each write once") {
    auto store = make_store();
    std::vector<Interaction> told;
    store.on_commit([&](const Commit& commit) { told.push_back(commit.interaction); });
    store.begin();
    auto task = store.create(content(R"({"resourceType":"Task","status":"draft"})"), someone, noon);
    store.remove("Task", task->id, noon);
    CHECK(told == std::vector{Interaction::Delete});
    store.keep();
    CHECK(told == std::vector{Interaction::Delete, Interaction::Create});
}

TEST_CASE("The same seed gives the same ids and versions") {
    auto one = make_store(), two = make_store();
    auto a = one.create(content(R"({"resourceType":"Task"})"), someone, noon);
    auto b = two.create(content(R"({"resourceType":"Task"})"), someone, noon);
    CHECK(a->full_text() == b->full_text());
    CHECK(a->id.size() == 36);
    CHECK(a->id[14] == '4');
}
