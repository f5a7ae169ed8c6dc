// Local edits and what they meet, answered step by step.

#include "engine/panel.hpp"
#include "engine/strategy.hpp"
#include "step_client.hpp"
#include "support/wild_task.hpp"
#include "words/words.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <set>
#include <string_view>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

std::string todo(const std::string& version, const std::string& time, const std::string& status,
                 const std::string& priority, const std::string& more = "") {
    return R"({"resourceType":"Task","id":"a","meta":{"versionId":")" + version + R"(","lastUpdated":"2026-02-10T)" +
           time + R"(.000Z","author":{"display":"K. Lund"}},"status":")" + status + R"(","priority":")" + priority +
           "\"" + more + "}";
}

using Rules = std::vector<FieldPolicy>;

Config with_rules(Rules rules) {
    Config config;
    PanelDefinition panel;
    panel.id = "tasks";
    panel.type = panel.criteria = "Task";
    panel.columns = {{"status", "Status", "status"}, {"priority", "Priority", "priority"}};
    panel.conflicts = std::move(rules);
    config.panels = {panel};
    return config;
}

// Live, with Task/a at version "1": requested, routine.
struct Ward : Client {
    explicit Ward(const Rules& rules = {})
        : Client({{"tasks", "Task"}}, [&](Config& config) { config.panels = with_rules(rules).panels; }) {
        bind("s1");
        answer("Task?", 200, page({todo("1", "10:30:00", "requested", "routine")}));
    }
    void edit(std::vector<fhir::FieldEdit> fields, EditMethod method = EditMethod::Put) {
        in(Command{Edit{"Task/a", std::move(fields), method}});
    }
    // An event that comes with the version's own time.
    void say_task(const std::string& resource) {
        const auto at = resource.find("2026-02-10T") + 11;
        say("s1", "event-notification", resource.substr(at, 8), resource);
    }
    RecordPtr record() {
        const auto snapshot = engine.publish();
        return snapshot->stores.at(0).records[0];
    }
    LocalEditPtr pending() { return record()->edit; }
    LocalEdit ended() {
        const auto snapshot = engine.publish();
        REQUIRE_FALSE(snapshot->ended_edits.empty());
        return *snapshot->ended_edits[snapshot->ended_edits.end() - 1];
    }
    Conflict conflict() { // the newest
        const auto snapshot = engine.publish();
        REQUIRE_FALSE(snapshot->conflicts.empty());
        return *snapshot->conflicts[snapshot->conflicts.size() - 1];
    }
    std::size_t conflicts() { return engine.publish()->conflicts.size(); }
    void resolve(Resolve::Action action, std::vector<std::pair<std::string, fhir::Side>> choices = {}) {
        in(Command{Resolve{conflict().number, action, std::move(choices)}});
    }
};

} // namespace

TEST_CASE("an edit is shown at once as pending, and sent with the version that it was made on") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    REQUIRE(ward.pending());
    CHECK(ward.pending()->state == EditState::Sending);
    CHECK(ward.pending()->row->cells == std::vector<std::string>{"accepted", "routine"});
    CHECK(ward.pending()->changed_cells == 1);
    CHECK(ward.record()->row->cells[0] == "requested");
    const std::string sent = ward.asked("PUT fhir/R4/Task/a");
    CHECK(sent.find("If-Match W/\"1\"") != std::string::npos);
    CHECK(sent.find("accepted") != std::string::npos);
    CHECK(sent.find("K. Lund") == std::string::npos); // who wrote it is the server's to say

    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
    CHECK_FALSE(ward.pending());
    CHECK(ward.shown("Task/a") == "2");
    CHECK(ward.record()->current().channel == Channel::Local);
    CHECK(ward.ended().state == EditState::Acknowledged);
    CHECK(ward.ended().version == "2");
    CHECK(ward.ended().server_changed.empty());
    CHECK(ward.conflicts() == 0);
}

TEST_CASE("the event of our own write is no conflict, whether it comes before the answer or after") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.say_task(todo("2", "10:30:05", "accepted", "routine"));
    CHECK(ward.pending());
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
    CHECK_FALSE(ward.pending());
    CHECK(ward.conflicts() == 0);
}

TEST_CASE("what the server made of what was sent is said") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "urgent"));
    REQUIRE(ward.ended().server_changed.size() == 1);
    CHECK(ward.ended().server_changed[0].path == "priority");
    CHECK(ward.told("what the server has now differs in 1 fields from what was sent"));
}

TEST_CASE("edits of different fields merge, and are sent again on the new version without asking") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "requested", "urgent"));
    const std::string sent = ward.asked("PUT fhir/R4/Task/a");
    CHECK(sent.find("If-Match W/\"2\"") != std::string::npos);
    CHECK(sent.find("urgent") != std::string::npos);
    CHECK(sent.find("accepted") != std::string::npos);
    CHECK(ward.conflict().kind == ConflictKind::VersionConflict);
    CHECK(ward.conflict().outcome == ConflictOutcome::Merged);
    CHECK(ward.conflict().author == "K. Lund");
    ward.answer("PUT fhir/R4/Task/a", 200, todo("3", "10:30:06", "accepted", "urgent"));
    CHECK(ward.shown("Task/a") == "3");
    CHECK(ward.conflict().written == "3");
}

TEST_CASE("an overlap that asks stays open until it is decided") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "rejected", "urgent"));
    CHECK_FALSE(ward.asks("PUT"));
    CHECK(ward.pending()->state == EditState::Conflicted);
    CHECK(ward.engine.publish()->open_conflicts == 1);
    const Conflict open = ward.conflict();
    CHECK(open.outcome == ConflictOutcome::Waiting);
    CHECK(open.strategy == "ask");
    REQUIRE(open.fields.size() == 2);
    CHECK(open.fields[0].path == "status");
    CHECK(open.fields[0].base == "\"requested\"");
    CHECK(open.fields[0].local == "\"accepted\"");
    CHECK(open.fields[0].server == "\"rejected\"");

    SECTION("keeping the local side overwrites the overlap alone") {
        ward.resolve(Resolve::Action::KeepLocal);
        const std::string sent = ward.asked("PUT fhir/R4/Task/a");
        CHECK(sent.find("If-Match W/\"2\"") != std::string::npos);
        CHECK(sent.find("accepted") != std::string::npos);
        CHECK(sent.find("urgent") != std::string::npos);
        CHECK(ward.conflict().outcome == ConflictOutcome::KeptLocal);
    }
    SECTION("taking the server's side sends nothing") {
        ward.resolve(Resolve::Action::TakeServer);
        CHECK_FALSE(ward.asks("PUT"));
        CHECK_FALSE(ward.pending());
        CHECK(ward.ended().state == EditState::Dropped);
        CHECK(ward.conflict().outcome == ConflictOutcome::TookServer);
    }
    SECTION("each field can be chosen") {
        ward.resolve(Resolve::Action::Merge, {{"status", fhir::Side::Local}, {"priority", fhir::Side::Base}});
        const std::string sent = ward.asked("PUT fhir/R4/Task/a");
        CHECK(sent.find("accepted") != std::string::npos);
        CHECK(sent.find("routine") != std::string::npos);
    }
    SECTION("rolling back writes the base again") {
        ward.resolve(Resolve::Action::RollBack);
        const std::string sent = ward.asked("PUT fhir/R4/Task/a");
        CHECK(sent.find("requested") != std::string::npos);
        CHECK(sent.find("routine") != std::string::npos);
        CHECK(ward.conflict().outcome == ConflictOutcome::RolledBack);
    }
    SECTION("a still newer version joins the open conflict") {
        ward.say_task(todo("3", "10:30:07", "ready", "urgent"));
        CHECK(ward.conflicts() == 1);
        CHECK(ward.conflict().fields[0].server == "\"ready\"");
        ward.resolve(Resolve::Action::KeepLocal);
        CHECK(ward.asked("PUT fhir/R4/Task/a").find("If-Match W/\"3\"") != std::string::npos);
    }
    SECTION("the state survives a keyframe") {
        auto again = Engine::restore(ward.engine.keyframe());
        REQUIRE(again);
        CHECK(again->state_hash() == ward.engine.state_hash());
        REQUIRE(again->publish()->stores[0].records[0]->edit);
        ward.engine = std::move(*again);
        ward.resolve(Resolve::Action::KeepLocal);
        CHECK(ward.asks("PUT fhir/R4/Task/a"));
    }
}

TEST_CASE("a decision can be taken back: what it replaced is written as a new version") {
    Ward ward(Rules{{"status", "local"}});
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "rejected", "routine"));
    CHECK(ward.conflict().outcome == ConflictOutcome::KeptLocal);
    ward.answer("PUT fhir/R4/Task/a", 200, todo("3", "10:30:06", "accepted", "routine"));
    ward.resolve(Resolve::Action::RollBack);
    const std::string sent = ward.asked("PUT fhir/R4/Task/a");
    CHECK(sent.find("If-Match W/\"3\"") != std::string::npos);
    CHECK(sent.find("rejected") != std::string::npos);
    ward.answer("PUT fhir/R4/Task/a", 200, todo("4", "10:30:09", "rejected", "routine"));
    CHECK(ward.shown("Task/a") == "4");
    CHECK(ward.conflict().outcome == ConflictOutcome::RolledBack);
    CHECK(ward.conflict().written == "4");
    CHECK(ward.conflict().fields.at(0).choice == fhir::Side::Server);
}

TEST_CASE("a server's side that was taken is taken back: the edit is written, and the server's other changes stay") {
    const std::string rule = GENERATE(as<std::string>{}, "ask", "server");
    Ward ward(Rules{{"status", rule}});
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "rejected", "urgent"));
    if (ward.conflict().open()) ward.resolve(Resolve::Action::TakeServer);
    CHECK(ward.conflict().outcome == ConflictOutcome::TookServer);
    const auto side_of = [&](std::string_view path) {
        const Conflict conflict = ward.conflict();
        const auto field = std::ranges::find(conflict.fields, path, &fhir::MergeField::path);
        REQUIRE(field != conflict.fields.end());
        return field->choice;
    };
    ward.resolve(Resolve::Action::RollBack);
    const std::string sent = ward.asked("PUT fhir/R4/Task/a");
    CHECK(sent.find("If-Match W/\"2\"") != std::string::npos);
    CHECK(sent.find("accepted") != std::string::npos);
    CHECK(sent.find("urgent") != std::string::npos);
    CHECK(ward.conflict().outcome == ConflictOutcome::RolledBack);
    CHECK(side_of("status") == fhir::Side::Local);
    CHECK(side_of("priority") == fhir::Side::Server);
}

TEST_CASE("taking a decision back leaves what others changed since") {
    Ward ward(Rules{{"status", "local"}});
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "rejected", "routine"));
    const std::uint64_t number = ward.conflict().number;
    ward.answer("PUT fhir/R4/Task/a", 200, todo("3", "10:30:06", "accepted", "routine"));
    SECTION("another field: it stays") {
        ward.say_task(todo("4", "10:30:08", "accepted", "urgent"));
        ward.in(Command{Resolve{number, Resolve::Action::RollBack, {}}});
        const std::string sent = ward.asked("PUT fhir/R4/Task/a");
        CHECK(sent.find("If-Match W/\"4\"") != std::string::npos);
        CHECK(sent.find("rejected") != std::string::npos);
        CHECK(sent.find("urgent") != std::string::npos);
        CHECK(ward.conflict().outcome == ConflictOutcome::Merged);
    }
    SECTION("the same field: the rule of the field decides again") {
        ward.say_task(todo("4", "10:30:08", "completed", "routine"));
        ward.in(Command{Resolve{number, Resolve::Action::RollBack, {}}});
        CHECK(ward.asked("PUT fhir/R4/Task/a").find("rejected") != std::string::npos);
        CHECK(ward.conflict().outcome == ConflictOutcome::KeptLocal);
        CHECK(ward.conflict().server->version_id() == "4");
    }
    SECTION("its version is not held any more: nothing is written") {
        for (int i = 4; i < 50; ++i)
            ward.say_task(todo(std::to_string(i), "10:31:" + std::to_string(10 + i), "accepted", "urgent",
                               R"(,"description":")" + std::to_string(i) + '"'));
        ward.in(Command{Resolve{number, Resolve::Action::RollBack, {}}});
        CHECK_FALSE(ward.asks("PUT fhir/R4/Task/a"));
    }
}

TEST_CASE("rules decide overlaps of their fields") {
    const auto decided = [](const std::string& strategy, const std::string& theirs) {
        Ward ward(Rules{{"status", strategy}, {"*", "ask"}});
        ward.edit({{"status", "\"accepted\""}});
        ward.answer("PUT fhir/R4/Task/a", 412, "{}");
        ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", theirs, "routine"));
        return ward.conflict().outcome;
    };
    CHECK(decided("server", "rejected") == ConflictOutcome::TookServer);
    CHECK(decided("local", "rejected") == ConflictOutcome::KeptLocal);
    CHECK(decided("ask", "rejected") == ConflictOutcome::Waiting);
    CHECK(decided("furthest", "received") == ConflictOutcome::KeptLocal);
    CHECK(decided("furthest", "in-progress") == ConflictOutcome::TookServer);
    CHECK(decided("newest", "rejected") == ConflictOutcome::Waiting); // the server has not said what time it is
    const Strategy* newest = find_strategy("newest");
    REQUIRE(newest);
    const fhir::MergeField field;
    const ServerTime earlier(std::chrono::seconds(1)), later(std::chrono::seconds(2));
    CHECK(newest->decide({field, "Task", later, earlier}) == fhir::Side::Local);
    CHECK(newest->decide({field, "Task", earlier, later}) == fhir::Side::Server);
}

TEST_CASE("the newest wins by the time of the field's last edit, though an earlier one was joined") {
    const auto decided = [](bool theirs_is_first) {
        Ward ward(Rules{{"status", "newest"}, {"*", "ask"}});
        ward.in(SocketClosed{1, 1006, "gone"});
        ward.in(Tick{}, std::chrono::seconds(60));
        ward.bind("s2", true);
        REQUIRE(ward.engine.publish()->connection.clock_known);
        ward.edit({{"status", "\"accepted\""}});
        ward.in(Tick{}, std::chrono::seconds(2));
        const std::string between = ward.server_time();
        ward.in(Tick{}, std::chrono::seconds(2));
        ward.edit({{"status", "\"completed\""}});
        ward.in(Tick{}, std::chrono::seconds(2));
        ward.answer("PUT fhir/R4/Task/a", 412, "{}");
        ward.answer("GET fhir/R4/Task/a", 200,
                    todo("3", theirs_is_first ? between : ward.server_time(), "rejected", "routine"));
        return ward.conflict().outcome;
    };
    CHECK(decided(true) == ConflictOutcome::KeptLocal);
    CHECK(decided(false) == ConflictOutcome::TookServer);
}

TEST_CASE("a rule names a strategy of the table, and an unknown name is answered by the names that there are") {
    std::set<std::string_view> names, titles;
    for (const Strategy& strategy : all_strategies()) {
        const std::string name(strategy.name);
        CAPTURE(name);
        CHECK(names.insert(strategy.name).second);
        CHECK(titles.insert(strategy.title).second); // the window's commands name it so
        CHECK(find_strategy(name) == &strategy);
        CHECK(parse_panel(
            R"({"id":"t","type":"Task","columns":[{"id":"s","path":"status"}],"conflicts":{"*":")" + name + "\"}}",
            "t.json"));
    }
    CHECK(names.size() == 6);
    CHECK(find_strategy("coin") == nullptr);
    const auto unknown = parse_panel(
        R"({"id":"t","type":"Task","columns":[{"id":"s","path":"status"}],"conflicts":{"status":"coin"}})", "t.json");
    REQUIRE_FALSE(unknown);
    for (const std::string_view name : names) CHECK(unknown.error().message.find(name) != std::string::npos);
}

TEST_CASE("a conflict names the strategy that decided, and one that is not there is refused as the default") {
    Ward ward(Rules{{"status", "local"}});
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 412, "{}");
    ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "rejected", "routine"));
    CHECK(ward.conflict().outcome == ConflictOutcome::KeptLocal);
    CHECK(ward.conflict().strategy == "local");
    ward.in(Command{SetDefaultStrategy{"furthest"}});
    CHECK(ward.engine.publish()->default_strategy == "furthest");
    ward.in(Command{SetDefaultStrategy{"coin"}});
    CHECK(ward.engine.publish()->default_strategy == "furthest");
}

TEST_CASE("a refused edit returns to the server's version, visibly") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 403,
                R"({"resourceType":"OperationOutcome","issue":[{"code":"forbidden","details":{"text":"Forbidden"}}]})");
    CHECK_FALSE(ward.pending());
    CHECK(ward.ended().state == EditState::Refused);
    CHECK(words::text(ward.ended().problem).find("Forbidden") != std::string::npos);
    CHECK(ward.ended().fields.size() == 1); // what was typed is kept
    CHECK(ward.conflict().kind == ConflictKind::RefusedEdit);
    CHECK(ward.conflict().outcome == ConflictOutcome::RolledBack);
    CHECK(ward.shown("Task/a") == "1");
}

TEST_CASE("a patch is guarded by a test of the version, because servers ignore If-Match there") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}}, EditMethod::Patch);
    const std::string sent = ward.asked("PATCH fhir/R4/Task/a");
    CHECK(sent.find(R"("op":"test","path":"/meta/versionId","value":"1")") != std::string::npos);
    ward.answer("PATCH fhir/R4/Task/a", 400, "{}");
    SECTION("a failed test is a conflict where the version is another") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "requested", "urgent"));
        CHECK(ward.conflict().kind == ConflictKind::VersionConflict);
        CHECK(ward.conflict().outcome == ConflictOutcome::Merged);
        CHECK(ward.asks("PATCH fhir/R4/Task/a"));
    }
    SECTION("where it is the same, the patch itself was wrong") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("1", "10:30:00", "requested", "routine"));
        CHECK(ward.ended().state == EditState::Refused);
    }
}

TEST_CASE("what cannot be sent whole, because a part of it is hidden, is sent as a patch of the edited fields") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.fail("PUT fhir/R4/Task/a", Failure::Hidden);
    CHECK(ward.told("only the edited fields are written, by PATCH"));
    CHECK(ward.pending()->method == EditMethod::Patch);
    const std::string sent = ward.asked("PATCH fhir/R4/Task/a");
    CHECK(sent.find(R"({"op":"replace","path":"/status","value":"accepted"})") != std::string::npos);
    SECTION("and ends as any other") {
        ward.answer("PATCH fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
        CHECK(ward.ended().state == EditState::Acknowledged);
        CHECK(ward.ended().attempts == 1);
    }
    SECTION("and where that cannot be sent either, the edit is refused with the reason") {
        ward.fail("PATCH fhir/R4/Task/a", Failure::Hidden);
        CHECK(ward.ended().state == EditState::Refused);
        CHECK(words::text(ward.ended().problem).starts_with("it cannot be written as it was"));
        CHECK(ward.ended().attempts == 0); // nothing was sent
        CHECK(ward.shown("Task/a") == "1");
    }
}

TEST_CASE("a value that names a hidden text of another resource is not written") {
    Ward ward;
    ward.edit({{"description", R"("see <foreign-1>")"}});
    CHECK(ward.ended().state == EditState::Refused);
    CHECK(words::text(ward.ended().problem).find("names a hidden text") != std::string::npos);
    ward.edit({{"description", R"("see \u003cforeign-1>")"}});
    CHECK(ward.ended().state == EditState::Refused);
    CHECK_FALSE(ward.asks("PUT"));
    ward.edit({{"description", R"("see <=foreign-1> and <jwt-1>")"}});
    CHECK(ward.asks("PUT"));
}

TEST_CASE("the whole resource is sent as the server wrote it, but for what it alone sets and what was edited") {
    Ward ward;
    tests::WildTasks tasks(4);
    for (int i = 0; i < 300; ++i) {
        const std::string id = "w" + std::to_string(i);
        const tests::WildTask task = tasks.next(id);
        ward.say("s1", "event-notification", "10:31:00", task.text("1", "2026-02-10T10:31:00.000Z", "requested"));
        REQUIRE(ward.shown("Task/" + id) == "1");
        ward.in(Command{Edit{"Task/" + id, {{"status", "\"accepted\""}}}});
        const std::string sent = ward.asked("PUT fhir/R4/Task/" + id + " ");
        const std::string whole = task.written("accepted");
        REQUIRE(sent.ends_with(" " + whole.substr(whole.find('{'), whole.rfind('}') - whole.find('{') + 1)));
        ward.answer("PUT fhir/R4/Task/" + id + " ", 200, task.text("2", "2026-02-10T10:31:01.000Z", "accepted"));
        REQUIRE(ward.ended().version == "2");
        REQUIRE(ward.ended().server_changed.empty());
    }
}

TEST_CASE("the version is named as it reads, however the server spells it") {
    Ward ward;
    ward.say_task(todo(R"(a\u002db)", "10:30:05", "requested", "routine"));
    ward.edit({{"status", "\"accepted\""}});
    CHECK(ward.asks("If-Match W/\"a-b\""));
}

TEST_CASE("an edit whose answer was lost is looked up, never guessed") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.fail("PUT fhir/R4/Task/a", Failure::ClosedEarly);
    CHECK(ward.pending()->state == EditState::Checking);
    SECTION("the server has it") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine", R"(,"factor":1)"));
        CHECK(ward.ended().state == EditState::Acknowledged);
        REQUIRE(ward.ended().server_changed.size() == 1);
        CHECK(ward.ended().server_changed[0].path == "factor");
        CHECK(ward.conflicts() == 0);
    }
    SECTION("the server has it not: it is sent again") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("1", "10:30:00", "requested", "routine"));
        ward.wait(std::chrono::seconds(2));
        CHECK(ward.asked("PUT fhir/R4/Task/a").find("If-Match W/\"1\"") != std::string::npos);
    }
    SECTION("somebody wrote since, and perhaps over it: a person decides") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("3", "10:30:05", "requested", "urgent"));
        CHECK(ward.conflict().open());
        CHECK(words::text(ward.conflict().note).find("lost") != std::string::npos);
    }
}

TEST_CASE("what is edited while an edit is on its way follows it") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.edit({{"priority", "\"urgent\""}});
    CHECK(ward.pending()->row->cells == std::vector<std::string>{"accepted", "urgent"});
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
    const std::string sent = ward.asked("PUT fhir/R4/Task/a");
    CHECK(sent.find("If-Match W/\"2\"") != std::string::npos);
    CHECK(sent.find("urgent") != std::string::npos);
    ward.answer("PUT fhir/R4/Task/a", 200, todo("3", "10:30:06", "accepted", "urgent"));
    CHECK_FALSE(ward.pending());
    CHECK(ward.shown("Task/a") == "3");
}

TEST_CASE("an edit that has ended names what was written with it, and not what follows") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.edit({{"priority", "\"urgent\""}});
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
    REQUIRE(ward.ended().fields.size() == 1);
    CHECK(ward.ended().fields[0].path == "status");
    CHECK(ward.ended().local->text().find("urgent") == std::string::npos);
    REQUIRE(ward.pending()->fields.size() == 1);
    CHECK(ward.pending()->fields[0].path == "priority");
}

TEST_CASE("what the server makes of an edit is no answer to a second edit of the same field") {
    Ward ward;
    ward.edit({{"priority", "\"asap\""}});
    ward.edit({{"priority", "\"stat\""}});
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "requested", "urgent"));
    CHECK(ward.asked("PUT fhir/R4/Task/a").find("stat") != std::string::npos);
}

TEST_CASE("what is edited again after a deletion became known is not written before a read has told which came last") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.edit({{"priority", "\"urgent\""}});
    ward.say_task(todo("1", "10:30:00", "requested", "routine")); // a version that is known: deleted, perhaps
    ward.answer("GET fhir/R4/Task/a", 410, "{}");
    CHECK_FALSE(ward.record()->resource());
    ward.answer("PUT fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
    CHECK(ward.ended().version == "2");
    CHECK_FALSE(ward.asks("PUT"));
    SECTION("the deletion") {
        ward.answer("GET fhir/R4/Task/a", 410, "{}");
        CHECK_FALSE(ward.asks("PUT"));
        CHECK(ward.conflict().kind == ConflictKind::DeleteVersusEdit);
        CHECK(ward.conflict().open());
    }
    SECTION("the write") {
        ward.answer("GET fhir/R4/Task/a", 200, todo("2", "10:30:05", "accepted", "routine"));
        ward.in(Tick{}, std::chrono::seconds(2));
        CHECK(ward.asked("PUT fhir/R4/Task/a").find("If-Match W/\"2\"") != std::string::npos);
    }
}

TEST_CASE("an attempt that came to nothing, while the deletion became known, is not made again without a decision") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.say_task(todo("1", "10:30:00", "requested", "routine")); // a version that is known: deleted, perhaps
    ward.answer("GET fhir/R4/Task/a", 410, "{}");
    CHECK_FALSE(ward.record()->resource());
    ward.answer("PUT fhir/R4/Task/a", 429, "{}");
    for (int i = 0; i < 4; ++i) ward.in(Tick{}, std::chrono::seconds(20));
    CHECK_FALSE(ward.asks("PUT"));
    CHECK(ward.conflict().kind == ConflictKind::DeleteVersusEdit);
    CHECK(ward.conflict().open());
}

TEST_CASE("a deletion that meets an edit is a person's to decide") {
    Ward ward;
    ward.edit({{"status", "\"accepted\""}});
    ward.answer("PUT fhir/R4/Task/a", 410, "{}");
    ward.answer("GET fhir/R4/Task/a", 410, "{}");
    CHECK(ward.conflict().kind == ConflictKind::DeleteVersusEdit);
    CHECK(ward.conflict().open());
    SECTION("the deletion stands") {
        ward.resolve(Resolve::Action::TakeServer);
        CHECK(ward.ended().state == EditState::Dropped);
        CHECK_FALSE(ward.record()->resource());
    }
    SECTION("the edit brings it back") {
        ward.resolve(Resolve::Action::KeepLocal);
        ward.answer("PUT fhir/R4/Task/a", 200, todo("4", "10:30:09", "accepted", "routine"));
        CHECK(ward.shown("Task/a") == "4");
        CHECK(ward.ended().state == EditState::Acknowledged);
        CHECK_FALSE(ward.pending());
    }
}

TEST_CASE("an edit that was made without a connection is sent when it is back") {
    Ward ward;
    ward.in(SocketClosed{1, 1006, "gone"});
    ward.edit({{"status", "\"accepted\""}});
    CHECK(ward.pending()->state == EditState::Waiting);
    CHECK_FALSE(ward.asks("PUT"));
    SECTION("it can be taken back till then") {
        ward.in(Command{DiscardEdit{"Task/a"}});
        CHECK_FALSE(ward.pending());
        CHECK(ward.ended().state == EditState::Dropped);
    }
    SECTION("and it is not lost") {
        ward.in(Tick{}, std::chrono::seconds(60));
        ward.bind("s2");
        CHECK(ward.asks("PUT fhir/R4/Task/a"));
    }
}

TEST_CASE("an edit that cannot be made is said to be, and nothing is sent") {
    Ward ward;
    const auto refused = [&](const std::string& reference, const std::string& path, const std::string& value) {
        ward.in(Command{Edit{reference, {{path, value}}, EditMethod::Put}});
        CHECK_FALSE(ward.asks("PUT"));
        CHECK_FALSE(ward.pending());
        return ward.ended().state == EditState::Refused ? words::text(ward.ended().problem) : "";
    };
    CHECK(refused("Task/zz", "status", "\"accepted\"") == "it is not loaded");
    CHECK_FALSE(refused("Task/a", "no.such.field", "\"x\"").empty());
    CHECK_FALSE(refused("Task/a", "status", "\"finished\"").empty());
    CHECK_FALSE(refused("Task/a", "status", "7").empty());
    CHECK_FALSE(refused("Task/a", "restriction.period.end", "\"2026-02-30\"").empty());
    CHECK_FALSE(refused("Task/a", "meta.versionId", "\"9\"").empty());
    CHECK_FALSE(refused("Task/a", "id", "\"b\"").empty());
}

TEST_CASE("versions that arrive out of order or tied, and what was undeleted, are conflict events") {
    Ward ward;
    ward.say_task(todo("3", "10:30:08", "accepted", "routine"));
    ward.say("s1", "event-notification", "10:30:08", todo("2", "10:30:07", "requested", "urgent"));
    CHECK(ward.conflict().kind == ConflictKind::OutOfOrder);
    CHECK(ward.conflict().outcome == ConflictOutcome::OlderDropped);
    CHECK(ward.conflict().members == std::vector<std::string>{"status", "priority"});
    ward.say_task(todo("4", "10:30:08", "ready", "routine"));
    CHECK(ward.conflict().kind == ConflictKind::Tie);
    ward.answer("GET fhir/R4/Task/a", 410, "{}");
    ward.say_task(todo("5", "10:30:20", "ready", "routine"));
    CHECK(ward.conflict().kind == ConflictKind::Tie); // it may have been on its way before the deletion
    ward.answer("GET fhir/R4/Task/a", 200, todo("5", "10:30:20", "ready", "routine"));
    CHECK(ward.conflict().kind == ConflictKind::Undelete);
    CHECK(ward.conflicts() == 3);
}
