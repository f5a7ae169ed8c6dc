#include "bench.hpp"
#include "fhir/path.hpp"
#include "fhir/validate.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const ServerTime start{milliseconds(1'770'719'400'000)};

struct Day {
    Store store{{.project = "p1"}, Random(3)};
    Clinic clinic;
    std::vector<Commit> commits;

    explicit Day(std::uint64_t seed, std::size_t patients = 30, std::size_t tasks = 120, double rate = 10)
        : clinic({.seed = seed, .patients = patients, .tasks = tasks, .rate = rate}, store) {
        clinic.populate(start);
        store.on_commit([this](const Commit& commit) { commits.push_back(commit); });
    }
    void work(seconds time) {
        for (auto now = start; now <= start + time; now += milliseconds(20)) clinic.step(now);
    }
};

std::string field(const Version& version, const char* path) { return fhir::Path::parse(path)->text(*version.resource); }

} // namespace

TEST_CASE("The clinic opens with the people and tasks asked for, all of them valid") {
    Day day(1);
    CHECK(day.store.all("Patient").size() == 30);
    CHECK(day.store.all("Task").size() == 120);
    CHECK(day.store.all("Practitioner").size() == 8);
    CHECK(day.store.all("Basic").size() == 5);
    for (const auto& type : day.store.types())
        for (const auto& version : day.store.all(type)) {
            INFO(version->full_text());
            CHECK(fhir::validate(*version->resource).empty());
            CHECK(version->last_updated < start);
        }
}

TEST_CASE("A task has what the panel shows") {
    Day day(1);
    std::set<std::string> statuses, patients;
    for (const auto& task : day.store.all("Task")) {
        CHECK_FALSE(field(*task, "description").empty());
        CHECK_FALSE(field(*task, "priority").empty());
        CHECK_FALSE(field(*task, "for.display").empty());
        CHECK(day.store.current("Patient", field(*task, "for.reference").substr(8)));
        CHECK(fhir::parse_instant(field(*task, "restriction.period.end")));
        statuses.insert(field(*task, "status"));
        patients.insert(field(*task, "for.display"));
    }
    CHECK(statuses.size() >= 6);
    CHECK(patients.size() >= 20);
}

TEST_CASE("A device alert has its five fields and its patient") {
    Day day(1);
    for (const auto& alert : day.store.all("Basic")) {
        CHECK(field(*alert, "code.coding.code") == "device-alert");
        CHECK_FALSE(field(*alert, "subject.display").empty());
        for (const char* name : {"severity", "state", "device", "message"}) {
            auto path = "extension.where(url = 'https://fhirscope.example/StructureDefinition/device-alert-" +
                        std::string(name) + "').value";
            CHECK_FALSE(field(*alert, path.c_str()).empty());
        }
    }
}

TEST_CASE("The same seed works the same day, and another seed another one") {
    Day one(42), two(42), other(43);
    for (auto* day : {&one, &two, &other}) day->work(seconds(60));
    REQUIRE(one.commits.size() == two.commits.size());
    for (std::size_t i = 0; i < one.commits.size(); ++i) {
        CHECK(one.commits[i].interaction == two.commits[i].interaction);
        CHECK(one.commits[i].current->version_id == two.commits[i].current->version_id);
        if (!one.commits[i].current->deleted())
            CHECK(one.commits[i].current->full_text() == two.commits[i].current->full_text());
    }
    REQUIRE(one.commits.size() > 10);
    REQUIRE(other.commits.size() > 10);
    CHECK(one.commits[5].current->id != other.commits[5].current->id);
}

TEST_CASE("The rate is kept, and a rate of nothing rests") {
    Day day(5, 30, 120, 10);
    day.work(seconds(100));
    CHECK(day.commits.size() > 900);
    CHECK(day.commits.size() < 1100);
    day.clinic.set_rate(0, start + seconds(100));
    CHECK_FALSE(day.clinic.next_due());
    CHECK(day.clinic.step(start + seconds(200)) == 0);
}

TEST_CASE("After a pause the clinic goes on without making up for it") {
    Day day(5);
    day.clinic.set_paused(true, start);
    CHECK_FALSE(day.clinic.next_due());
    CHECK(day.clinic.step(start + seconds(30)) == 0);
    day.clinic.set_paused(false, start + seconds(30));
    CHECK(day.clinic.step(start + seconds(31)) < 30);
}

TEST_CASE("Tasks go along the edges of the state machine, and come to an end") {
    const std::map<std::string, std::set<std::string>> edges{
        {"draft", {"ready", "requested", "cancelled"}},
        {"requested", {"received", "accepted", "rejected", "cancelled"}},
        {"received", {"accepted", "rejected", "cancelled"}},
        {"accepted", {"in-progress", "cancelled"}},
        {"ready", {"in-progress", "cancelled"}},
        {"in-progress", {"on-hold", "completed", "failed"}},
        {"on-hold", {"in-progress"}},
    };
    Day day(9);
    day.work(seconds(300));
    std::map<std::string, int> reached;
    std::set<Interaction> interactions;
    std::set<std::string> types;
    for (const auto& commit : day.commits) {
        interactions.insert(commit.interaction);
        types.insert(commit.current->type);
        if (commit.current->type != "Task" || commit.interaction != Interaction::Update) continue;
        auto from = field(*commit.previous, "status"), to = field(*commit.current, "status");
        if (from == to) continue;
        ++reached[to];
        INFO(from + " -> " + to);
        REQUIRE(edges.count(from) == 1);
        CHECK(edges.at(from).count(to) == 1);
    }
    CHECK(reached["completed"] > 25);
    CHECK(reached["on-hold"] > 5);
    CHECK(reached["failed"] > 0);
    CHECK(interactions.size() == 3);
    CHECK(types == std::set<std::string>{"Basic", "Patient", "Task"});
}

TEST_CASE("A long day does not fill the memory: open tasks and the archive stay bounded") {
    Day day(11, 10, 40, 50);
    day.work(seconds(200));
    CHECK(day.store.all("Patient").size() == 10);
    std::size_t live = 0;
    for (const auto& task : day.store.all("Task")) live += task->deleted() ? 0 : 1;
    CHECK(live <= 40 + 51);
    CHECK(live > 0);
    for (const auto& task : day.store.all("Task"))
        if (!task->deleted()) CHECK(task->full_text().size() < 6000);
}

TEST_CASE("Staff cope with what other clients do to their tasks") {
    Day day(13, 10, 20, 10);
    for (const auto& task : day.store.all("Task")) day.store.remove("Task", task->id, start);
    day.work(seconds(30));
    CHECK(day.commits.size() > 200);
    Store empty({.project = "p1"}, Random(1));
    Clinic nobody({.seed = 1, .patients = 0, .tasks = 0, .rate = 100}, empty);
    nobody.populate(start);
    CHECK(nobody.step(start + milliseconds(500)) == 0);
}
