// The conflicts view: which rows it lists, what it says, and which decisions it sends.

#include "gui/inspector/conflict.hpp"
#include "gui/model/conflicts/conflict_index.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "support/synthetic_conflicts.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <variant>

using namespace fhirscope;
using namespace fhirscope::gui;
using engine::Conflict;
using engine::ConflictKind;
using engine::ConflictOutcome;
using fhir::Side;
using fhirscope::tests::clock_time;
using fhirscope::tests::EditedTask;
using fhirscope::tests::Synthetic;
using fhirscope::tests::SyntheticConflicts;
using fhirscope::tests::WindowDriver;

namespace {

Conflict edited_task() {
    const EditedTask task;
    Conflict conflict;
    conflict.number = 1;
    conflict.reference = "Task/" + task.id;
    conflict.at = clock_time(14, 31, 2, 512);
    conflict.base = task.base();
    conflict.local = task.local();
    conflict.server = task.server();
    conflict.fields = task.fields();
    conflict.author = "K. Lund";
    conflict.strategy = "ask";
    conflict.edited_at = clock_time(14, 30, 58, 27);
    return conflict;
}

std::string explained(const Conflict& conflict) {
    setenv("TZ", "UTC", 1);
    return explain(conflict, fields_of(conflict));
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

template <class T>
const T* sent(const WindowDriver& window) {
    for (auto it = window.commands.rbegin(); it != window.commands.rend(); ++it)
        if (const T* found = std::get_if<T>(&*it)) return found;
    return nullptr;
}

std::optional<Side> choice(const engine::Resolve& resolve, std::string_view path) {
    for (const auto& [at, side] : resolve.choices)
        if (at == path) return side;
    return std::nullopt;
}

std::size_t rows(const WindowDriver& window) {
    return static_cast<std::size_t>(std::count_if(
        window.targets.begin(), window.targets.end(),
        [](const auto& entry) { return entry.first.starts_with("conflicts/row/"); }));
}

bool says(const WindowDriver& window, std::string_view sentence) {
    return window.has("conflicts/empty/" + std::string(sentence));
}

struct OpenView {
    Synthetic data;
    WindowDriver window{tests::publish_with_conflicts(data)};
    OpenView() { window.key(ImGuiKey_4, true); }
    void select(std::uint64_t number) {
        window.shell.ui().selection = Selection{Selection::Kind::Conflict, {}, number};
        window.frame();
        window.frame();
    }
    void select_edited() { select(SyntheticConflicts::edited); }
};

} // namespace

TEST_CASE("a concurrent modification is explained by who changed what when, and what is unsent") {
    CHECK(explained(edited_task()) ==
          "You changed priority and added a note at 14:30:58, starting from version `e8a3f2`. K. Lund saved version "
          "`5d17c4` at 14:31:02 with another priority and owner. Your edit has not been sent.");
}

TEST_CASE("without an author it is the version that was saved") {
    Conflict conflict = edited_task();
    conflict.author.clear();
    CHECK(contains(explained(conflict), "Version `5d17c4` was saved at 14:31:02 with another priority and owner."));
}

TEST_CASE("a decision says when, by what and as which version") {
    Conflict conflict = edited_task();
    conflict.outcome = ConflictOutcome::Merged;
    conflict.strategy = "merge";
    conflict.decided_at = clock_time(14, 31, 20, 0);
    conflict.written = "b04f7e00-1";
    CHECK(contains(explained(conflict),
                   "The rule “merge” decided it at 14:31:20: both sides’ fields are kept, written "
                   "as version `b04f7e`."));
    conflict.strategy = "ask";
    conflict.outcome = ConflictOutcome::TookServer;
    CHECK(contains(explained(conflict), "It was decided by hand at 14:31:20: the server’s version stands"));
    conflict.outcome = ConflictOutcome::Failed;
    conflict.note = {.code = engine::FactCode::Answered, .words = "Precondition Failed", .status = 412};
    CHECK(contains(explained(conflict),
                   "It could not be written; the server’s version stands. HTTP 412: Precondition Failed."));
    CHECK(outcome_text(conflict) == "send failed, 412");
}

TEST_CASE("every kind of conflict has its own explanation") {
    Conflict conflict = edited_task();
    conflict.kind = ConflictKind::VersionConflict;
    CHECK(contains(explained(conflict), "The server refused the edit, because it was made on an older version."));
    conflict.kind = ConflictKind::DeleteVersusEdit;
    conflict.server = nullptr;
    conflict.fields.clear();
    CHECK(contains(explained(conflict), "deleted on the server meanwhile; keeping your edit would bring it back."));
    conflict = edited_task();
    conflict.kind = ConflictKind::RefusedEdit;
    conflict.note = {.code = engine::FactCode::Answered, .words = "priority is not known", .status = 422};
    CHECK(
        contains(explained(conflict), "The server refused it, so its own version is shown again. HTTP 422: priority"));
    Conflict order = edited_task();
    order.base = nullptr;
    order.fields.clear();
    order.members = {"status"};
    order.outcome = ConflictOutcome::OlderDropped;
    order.kind = ConflictKind::OutOfOrder;
    CHECK(contains(explained(order), "They differ in status. The older one went into the history."));
    order.kind = ConflictKind::Tie;
    order.outcome = ConflictOutcome::ReadAgain;
    CHECK(contains(explained(order), "only the server can tell which is newer"));
    order.kind = ConflictKind::Drift;
    CHECK(contains(explained(order), "A comparison at 14:31:02 found that the copy held here, version `e8a3f2`"));
    order.kind = ConflictKind::Undelete;
    CHECK(
        contains(explained(order), "The resource was deleted, and then version `5d17c4` was saved at 14:31:02 by K."));
}

TEST_CASE("an undecided overlap proposes the local side, and fields of one group are chosen together") {
    const std::vector<ConflictField> fields = fields_of(edited_task());
    REQUIRE(fields.size() == 4);
    std::vector<FieldChoice> choices;
    CHECK(choice_of(fields[0], choices) == Side::Local);
    CHECK(choice_of(fields[1], choices) == Side::Server);
    CHECK(fields_to_send(fields, ResolveAction::Merge, choices) == 2);
    choose(fields, 2, Side::Local, choices);
    CHECK(choice_of(fields[1], choices) == Side::Local);
    CHECK(choice_of(fields[0], choices) == Side::Local);
    CHECK(fields_to_send(fields, ResolveAction::Merge, choices) == 4);
    CHECK(fields_to_send(fields, ResolveAction::KeepLocal, choices) == 2);
    CHECK(fields_to_send(fields, ResolveAction::TakeServer, choices) == 0);
    CHECK(fields_to_send(fields, ResolveAction::RollBack, choices) == 3);
}

TEST_CASE("a decided conflict shows what was decided, whatever was proposed or chosen before") {
    Conflict conflict = edited_task();
    const auto sides = [&](engine::ConflictOutcome outcome) {
        conflict.outcome = outcome;
        std::vector<Side> all;
        for (const ConflictField& field : fields_of(conflict)) all.push_back(field.proposed);
        return all;
    };
    const auto all_are = [](Side side) { return [side](Side one) { return one == side; }; };
    const auto proposed = sides(engine::ConflictOutcome::Waiting);
    REQUIRE(std::any_of(proposed.begin(), proposed.end(), all_are(Side::Local)));
    const auto server = sides(engine::ConflictOutcome::TookServer);
    CHECK(std::all_of(server.begin(), server.end(), all_are(Side::Server)));
    const auto local = sides(engine::ConflictOutcome::KeptLocal);
    CHECK(std::any_of(local.begin(), local.end(), all_are(Side::Local)));
    conflict.undo = conflict.server;
    const auto back = sides(engine::ConflictOutcome::RolledBack);
    CHECK(std::all_of(back.begin(), back.end(), all_are(Side::Base)));
    // The decision itself, taken back: its fields say whose values were written then.
    conflict.undo = nullptr;
    for (std::size_t i = 0; i < conflict.fields.size(); ++i) {
        conflict.fields[i].decided = true;
        conflict.fields[i].choice = i == 0 ? Side::Local : Side::Server;
    }
    const auto again = sides(engine::ConflictOutcome::RolledBack);
    CHECK(again.front() == Side::Local);
    CHECK(std::all_of(again.begin() + 1, again.end(), all_are(Side::Server)));
}

TEST_CASE("a choice is taken back when the server's value changes again") {
    std::vector<ConflictField> fields = fields_of(edited_task());
    std::vector<FieldChoice> choices;
    choose(fields, 0, Side::Server, choices);
    CHECK(choice_of(fields[0], choices) == Side::Server);
    fields[0].server = R"("stat")";
    CHECK(choice_of(fields[0], choices) == Side::Local);
}

TEST_CASE("a conflict without fields of its own compares the versions at hand") {
    Conflict conflict = edited_task();
    conflict.fields.clear();
    const auto path = [](const auto& fields, std::string_view name) {
        return std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.path == name; });
    };
    std::vector<ConflictField> fields = fields_of(conflict);
    const auto priority = path(fields, "priority");
    REQUIRE(priority != fields.end());
    CHECK(priority->overlap);
    CHECK(priority->base == R"("routine")");
    CHECK(priority->local == R"("urgent")");
    CHECK(priority->server == R"("asap")");
    conflict.base = nullptr;
    fields = fields_of(conflict);
    REQUIRE(path(fields, "priority") != fields.end());
    CHECK(path(fields, "priority")->local == R"("urgent")");
    CHECK(path(fields, "meta.lastUpdated") == fields.end());
    conflict = edited_task();
    conflict.fields.clear();
    conflict.server = nullptr;
    fields = fields_of(conflict);
    REQUIRE(path(fields, "priority") != fields.end());
    CHECK(path(fields, "priority")->server.empty());
}

TEST_CASE("fields that are the same in all three are counted by their leaves") {
    const std::vector<SameField> same = same_fields(edited_task());
    const auto has = [&](std::string_view path) {
        return std::any_of(same.begin(), same.end(), [&](const SameField& field) { return field.path == path; });
    };
    CHECK(has("status"));
    CHECK(has("code.coding[0].code"));
    CHECK(has("note[0].text"));
    CHECK_FALSE(has("priority"));
    CHECK_FALSE(has("id"));
    CHECK_FALSE(has("note[1].text"));
}

TEST_CASE("what each choice does follows the choices") {
    const Conflict conflict = edited_task();
    const std::vector<ConflictField> fields = fields_of(conflict);
    std::vector<FieldChoice> choices;
    Effects effects = effects_of(conflict, fields, choices);
    CHECK(effects[0] == "Keeps your priority and note, takes the new owner. One PUT.");
    CHECK(effects[1] == "Drops 2 fields of yours. Nothing is sent.");
    CHECK(effects[2] == "Sends 2 fields over version `5d17c4`. K. Lund’s priority is lost, the owner stays.");
    CHECK(effects[3] == "Sends version `e8a3f2` again. K. Lund’s priority and owner are lost.");
    choose(fields, 0, Side::Server, choices);
    choose(fields, 3, Side::Server, choices);
    effects = effects_of(conflict, fields, choices);
    CHECK(contains(effects[0], "Nothing is sent."));
}

TEST_CASE("the graph of versions leads from the base over both sides to what comes next") {
    setenv("TZ", "UTC", 1);
    const Conflict conflict = edited_task();
    const auto record = EditedTask().record(0);
    const std::vector<HistoryNode> nodes = history_of(conflict, fields_of(conflict), record.get());
    REQUIRE(nodes.size() == 5);
    CHECK(nodes[0].title == "created, 11:02:19");
    CHECK(nodes[1].kind == HistoryNode::Kind::Base);
    CHECK(nodes[2].title == "priority, note");
    CHECK(nodes[2].detail == "you, 14:30:58.027, held");
    CHECK(nodes[3].detail == "K. Lund, 14:31:02.140, socket");
    CHECK(nodes[4].kind == HistoryNode::Kind::Next);
    CHECK(history_of(conflict, fields_of(conflict), nullptr).size() == 4);
}

TEST_CASE("the next open conflict goes round") {
    Synthetic data;
    const auto snapshot = tests::publish_with_conflicts(data);
    CHECK(next_open_conflict(*snapshot, 0, 1) == 642U);
    CHECK(next_open_conflict(*snapshot, 642, 1) == 641U);
    CHECK(next_open_conflict(*snapshot, 640, 1) == 642U);
    CHECK(next_open_conflict(*snapshot, 642, -1) == 640U);
    CHECK_FALSE(next_open_conflict(*empty_snapshot(), 0, 1).has_value());
}

TEST_CASE("from one snapshot to the next only changed chunks are looked at") {
    engine::Chunked<engine::ConflictPtr> kept;
    for (std::uint64_t i = 1; i <= 640; ++i) {
        Conflict conflict = edited_task();
        conflict.number = i;
        kept.push_back(std::make_shared<const Conflict>(conflict));
    }
    const auto publish = [&] {
        auto snapshot = std::make_shared<engine::Snapshot>();
        snapshot->conflicts = kept.publish();
        return snapshot;
    };
    ConflictIndex index;
    index.update(publish(), {});
    CHECK(index.examined() == 640);
    CHECK(index.size() == 640);
    CHECK(index.at(0)->number == 640);
    CHECK(index.place_of(1) == 639U);
    Conflict decided = edited_task();
    decided.number = 100;
    decided.outcome = ConflictOutcome::Merged;
    kept.set(99, std::make_shared<const Conflict>(decided));
    index.update(publish(), {});
    CHECK(index.examined() == 64);
    CHECK(index.open() == 639);
    CHECK(index.resolved() == 1);
    decided.number = 641;
    kept.push_back(std::make_shared<const Conflict>(decided));
    index.update(publish(), {});
    CHECK(index.examined() == 1);
    CHECK(index.at(0)->number == 641);
    index.update(publish(), {ConflictSegment::Resolved, "", std::nullopt});
    CHECK(index.size() == 2);
    CHECK(index.place_of(100) == 1U);
    CHECK_FALSE(index.place_of(99).has_value());
    CHECK(index.open_before(600) == 40);
}

TEST_CASE("the segments show open, decided or all conflicts, newest first") {
    OpenView view;
    WindowDriver& window = view.window;
    CHECK(window.shell.ui().view == ViewId::Conflicts);
    window.click("conflicts/segment/open");
    CHECK(rows(window) == 3);
    window.click("conflicts/row/0");
    CHECK(window.shell.ui().selection.number == 642);
    CHECK(window.shell.ui().inspector.tab == InspectorTab::History);
    window.click("conflicts/segment/resolved");
    window.click("conflicts/row/0");
    CHECK(window.shell.ui().selection.number == 639);
}

TEST_CASE("the filter looks at kind, resource and field, and says when nothing matches") {
    OpenView view;
    WindowDriver& window = view.window;
    window.key(ImGuiKey_Slash);
    window.type("drift telecom");
    CHECK(rows(window) == 1);
    window.type(" nothing");
    CHECK(rows(window) == 0);
    CHECK(says(window, "No rows match. 642 rows are hidden by the filter."));
    window.click("conflicts/clear");
    CHECK(rows(window) > 10);
}

TEST_CASE("the list follows the brush and says when the range has none") {
    OpenView view;
    WindowDriver& window = view.window;
    window.shell.ui().brush = TimeRange{clock_time(14, 31, 0, 0), clock_time(14, 31, 30, 0)};
    window.frame();
    window.frame();
    CHECK(rows(window) == 1);
    window.shell.ui().brush = TimeRange{clock_time(14, 31, 50, 0), clock_time(14, 31, 55, 0)};
    window.frame();
    window.frame();
    CHECK(says(window, "No conflicts in this range. Clear the range (Esc)."));
    window.key(ImGuiKey_Escape);
    CHECK(rows(window) > 10);
}

TEST_CASE("without any conflict the view says so") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_4, true);
    CHECK(says(window, "No conflicts. Edits that meet another change will be listed here."));
    for (const ImGuiKey key : {ImGuiKey_N, ImGuiKey_M, ImGuiKey_S, ImGuiKey_L, ImGuiKey_R, ImGuiKey_J}) window.key(key);
    CHECK(window.commands.empty());
    CHECK(window.shell.ui().selection.kind == Selection::Kind::None);
}

TEST_CASE("J, K, Home, End and N walk through the conflicts") {
    OpenView view;
    WindowDriver& window = view.window;
    const auto number = [&] { return window.shell.ui().selection.number; };
    window.key(ImGuiKey_J);
    CHECK(number() == 642);
    window.key(ImGuiKey_J);
    CHECK(number() == 641);
    window.key(ImGuiKey_K);
    CHECK(number() == 642);
    window.key(ImGuiKey_End);
    CHECK(number() == 1);
    window.key(ImGuiKey_N);
    CHECK(number() == 642);
    window.key(ImGuiKey_N);
    window.key(ImGuiKey_N);
    CHECK(number() == 640);
    window.key(ImGuiKey_Home);
    CHECK(number() == 642);
}

TEST_CASE("M sends the merge with the choices that are shown") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select_edited();
    window.key(ImGuiKey_M);
    const auto* merge = sent<engine::Resolve>(window);
    REQUIRE(merge != nullptr);
    CHECK(merge->conflict == SyntheticConflicts::edited);
    CHECK(merge->action == engine::Resolve::Action::Merge);
    CHECK(choice(*merge, "priority") == Side::Local);
    CHECK(choice(*merge, "owner.reference") == Side::Server);
    CHECK(choice(*merge, "note[1].text") == Side::Local);
}

TEST_CASE("radio buttons change the choice, for a group as a whole") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select_edited();
    window.click("conflicts/server/0");
    window.click("conflicts/local/2");
    window.click("conflicts/merge");
    const auto* merge = sent<engine::Resolve>(window);
    REQUIRE(merge != nullptr);
    CHECK(choice(*merge, "priority") == Side::Server);
    CHECK(choice(*merge, "owner.reference") == Side::Local);
    CHECK(choice(*merge, "owner.display") == Side::Local);
    // Another conflict starts without them.
    view.select(642);
    CHECK(window.shell.ui().conflicts.choices.empty());
}

TEST_CASE("take server, keep local and roll back are sent by button and by key") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select_edited();
    using Action = engine::Resolve::Action;
    for (const auto& [button, key, action] : {std::tuple{"conflicts/server", ImGuiKey_S, Action::TakeServer},
                                              {"conflicts/local", ImGuiKey_L, Action::KeepLocal},
                                              {"conflicts/rollback", ImGuiKey_R, Action::RollBack}}) {
        window.commands.clear();
        window.click(button);
        REQUIRE(sent<engine::Resolve>(window) != nullptr);
        CHECK(sent<engine::Resolve>(window)->action == action);
        CHECK(sent<engine::Resolve>(window)->choices.empty());
        window.commands.clear();
        window.key(key);
        REQUIRE(sent<engine::Resolve>(window) != nullptr);
        CHECK(sent<engine::Resolve>(window)->action == action);
    }
}

TEST_CASE("a decision is offered only where it makes sense") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select(640); // deleted on the server
    CHECK_FALSE(window.has("conflicts/merge"));
    CHECK(window.has("conflicts/local"));
    window.key(ImGuiKey_M);
    CHECK(window.commands.empty());
    view.select(633); // decided, and nothing to take back
    CHECK_FALSE(window.has("conflicts/rollback"));
    window.key(ImGuiKey_R);
    window.key(ImGuiKey_S);
    CHECK(window.commands.empty());
    view.select(637); // decided, and can be taken back
    REQUIRE(window.has("conflicts/rollback"));
    window.key(ImGuiKey_R);
    REQUIRE(sent<engine::Resolve>(window) != nullptr);
    CHECK(sent<engine::Resolve>(window)->conflict == 637);
    window.commands.clear();
    window.input.session.source = Source::Replay;
    view.select_edited();
    window.key(ImGuiKey_M);
    CHECK_FALSE(window.has("conflicts/merge"));
    CHECK(window.commands.empty());
}

TEST_CASE("in another view the letters of decisions do nothing") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select_edited();
    window.key(ImGuiKey_2, true);
    window.key(ImGuiKey_S);
    window.key(ImGuiKey_M);
    CHECK(window.commands.empty());
}

TEST_CASE("the default strategy is chosen from a list") {
    OpenView view;
    WindowDriver& window = view.window;
    window.click("conflicts/strategy");
    REQUIRE(window.has("conflicts/strategy/newest"));
    window.click("conflicts/strategy/newest");
    const auto* strategy = sent<engine::SetDefaultStrategy>(window);
    REQUIRE(strategy != nullptr);
    CHECK(strategy->name == "newest");
    CHECK_FALSE(window.has("conflicts/strategy/newest"));
}

TEST_CASE("the top bar counts open conflicts and leads to them") {
    Synthetic data;
    WindowDriver window(tests::publish_with_conflicts(data));
    window.click("top/conflicts");
    CHECK(window.shell.ui().view == ViewId::Conflicts);
    CHECK(window.shell.ui().conflicts.segment == ConflictSegment::Open);
    WindowDriver calm(data.publish());
    CHECK_FALSE(calm.has("top/conflicts"));
}

TEST_CASE("a marker of the timeline selects its conflict and keeps the brush") {
    Synthetic data;
    WindowDriver window(tests::publish_with_conflicts(data));
    window.shell.ui().brush = TimeRange{clock_time(14, 25, 0, 0), clock_time(14, 32, 0, 0)};
    window.frame();
    window.click("timeline/conflict/637");
    CHECK(window.shell.ui().selection == Selection{Selection::Kind::Conflict, {}, 637});
    CHECK(window.shell.ui().brush.has_value());
    CHECK(window.has("inspector/tab/history"));
}

TEST_CASE("every tab of the inspector draws for every kind of conflict") {
    OpenView view;
    for (std::uint64_t number = 630; number <= 642; ++number) {
        view.select(number);
        for (const char* tab : {"trace", "rules", "json", "history"})
            view.window.click("inspector/tab/" + std::string(tab));
    }
    view.select(99999); // not kept any more
    CHECK_FALSE(view.window.has("inspector/tab/history"));
    CHECK_FALSE(view.window.has("conflicts/merge"));
}

TEST_CASE("fields that are the same unfold") {
    OpenView view;
    WindowDriver& window = view.window;
    view.select_edited();
    const auto lines = [&] {
        return std::count_if(window.targets.begin(), window.targets.end(),
                             [](const auto& entry) { return entry.first.starts_with("conflicts/diff/row/"); });
    };
    const auto before = lines();
    window.click("conflicts/same");
    CHECK(lines() > before);
}

TEST_CASE("at 800 by 600 the selected conflict takes the view's width, and Esc leads back to the list") {
    Synthetic data;
    WindowDriver window(tests::publish_with_conflicts(data), 800, 600);
    window.key(ImGuiKey_4, true);
    CHECK(rows(window) > 5);
    window.click("conflicts/row/1");
    CHECK(rows(window) == 0);
    CHECK(window.has("conflicts/merge"));
    CHECK(window.rect("conflicts/rollback").right() < 800);
    window.key(ImGuiKey_Escape);
    CHECK(rows(window) > 5);
    window.key(ImGuiKey_J);
    window.click("conflicts/back");
    CHECK(rows(window) > 5);
}
