// What every view, list and link does alike: selecting, opening the inspector, what has the keys. Without a window.

#include "gui/frame/selection.hpp"

#include "gui/frame/actions/actions.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/model/edit/edit_fields.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;

namespace {

// A frame of an empty snapshot, that nothing is drawn in.
struct Moment {
    explicit Moment(bool narrow = false) : context{frame(narrow), content()} {}

    Frame frame(bool narrow) const { return {.theme = theme, .layout = {.narrow = narrow}}; }
    Content content() {
        return {.snapshot = *snapshot,
                .snapshot_ptr = snapshot,
                .whole = snapshot,
                .session = session,
                .stats = stats,
                .ui = ui,
                .now = {},
                .send = send,
                .shown = shown,
                .findings = findings,
                .whole_findings = findings};
    }

    Theme theme;
    engine::SnapshotPtr snapshot = std::make_shared<const engine::Snapshot>();
    SessionInfo session;
    FrameStats stats;
    UiState ui;
    std::vector<engine::Command> sent;
    std::function<void(engine::Command)> send = [this](engine::Command command) { sent.push_back(std::move(command)); };
    ShownLog shown;
    diagnosis::Diagnosis findings;
    Context context;
};

// A view of ten rows.
class TenRows final : public View {
public:
    ViewId id() const override { return ViewId::Log; }
    std::string_view title() const override { return "Ten"; }
    Icon icon() const override { return Icon::Log; }
    void draw(Context& /*context*/, Rect /*area*/) override {}
    std::int64_t row_count(Context& /*context*/) override { return rows; }
    std::optional<std::int64_t> selected_row(const Context& /*context*/) const override { return selected; }
    void select_row(Context& /*context*/, std::int64_t row) override { selected = row; }

    std::int64_t rows = 10;
    std::optional<std::int64_t> selected;
};

} // namespace

TEST_CASE("what is selected shows its newest version, whatever was open of the one before") {
    Moment moment;
    moment.ui.inspector.version = "7";
    select_resource(moment.context, "Task/1");
    CHECK(moment.ui.selection == Selection{Selection::Kind::Resource, "Task/1", 0});
    CHECK(moment.ui.inspector.version.empty());

    select_update(moment.context, 4);
    CHECK(moment.ui.selection == Selection{Selection::Kind::Update, "", 4});
    select_frame(moment.context, 5);
    CHECK(moment.ui.selection == Selection{Selection::Kind::Frame, "", 5});
    select_nothing(moment.context);
    CHECK(moment.ui.selection == Selection{});
}

TEST_CASE("the version that is compared with stays until another thing is selected") {
    Moment moment;
    select_resource(moment.context, "Task/1");
    moment.ui.inspector.against = "3";
    select_resource(moment.context, "Task/1");
    CHECK(moment.ui.inspector.against == "3");
    select_resource(moment.context, "Task/2");
    CHECK(moment.ui.inspector.against.empty());
}

TEST_CASE("another session takes what belonged to the one before, and layout and filters stay") {
    UiState ui;
    ui.view = ViewId::Diagnosis;
    ui.selection = {Selection::Kind::Resource, "Task/1", 0};
    ui.brush = TimeRange{LocalTime{}, LocalTime{} + std::chrono::seconds(1)};
    ui.paused = true;
    ui.inspector = {.open = false,
                    .overlay = true,
                    .width = 400,
                    .tab = InspectorTab::Diff,
                    .version = "2",
                    .against = "1",
                    .keys = {.back = true}};
    ui.timeline = {.open = false,
                   .height = 90,
                   .span = TimelineSpan::All,
                   .span_chosen = true,
                   .length = std::chrono::seconds(5),
                   .end = LocalTime{}};
    ui.log.filter = "type:Task";
    ui.conflicts.segment = ConflictSegment::Open;
    ui.conflicts.choices_for(7).resize(1);
    ui.diagnosis = {
        .explained = "Task/1", .incident = 3, .opened = true, .segment = IncidentSegment::Over, .filter = "deaf"};
    ui.demo = {.open = true, .caption_shown = 3, .caption_closed = 2, .caused_shown = 1};
    ui.overlays.palette = ui.overlays.help = true;
    ui.overlays.editing.fresh = true;

    ui.begin_session(true);
    CHECK(ui.page == Page::View);
    CHECK(ui.selection == Selection{});
    CHECK_FALSE(ui.brush);
    CHECK_FALSE(ui.paused);
    CHECK(ui.inspector.version.empty());
    CHECK(ui.inspector.against.empty());
    CHECK_FALSE(ui.inspector.overlay);
    CHECK_FALSE(ui.inspector.keys.back);
    CHECK_FALSE(ui.timeline.length);
    CHECK_FALSE(ui.timeline.end);
    CHECK(ui.conflicts.choices.empty());
    CHECK(ui.conflicts.choices_of == 0);
    CHECK(ui.diagnosis.explained.empty());
    CHECK(ui.diagnosis.incident == 0);
    CHECK(ui.diagnosis.filter.empty());
    CHECK(ui.demo.caption_shown + ui.demo.caption_closed + ui.demo.caused_shown == 0);
    CHECK_FALSE(ui.overlays.palette);
    CHECK_FALSE(ui.overlays.editing.fresh);

    CHECK(ui.view == ViewId::Diagnosis);
    CHECK_FALSE(ui.inspector.open);
    CHECK(ui.inspector.width == 400);
    CHECK(ui.inspector.tab == InspectorTab::Diff);
    CHECK_FALSE(ui.timeline.open);
    CHECK(ui.timeline.span == TimelineSpan::All);
    CHECK(ui.timeline.span_chosen);
    CHECK(ui.log.filter == "type:Task");
    CHECK(ui.conflicts.segment == ConflictSegment::Open);
    CHECK(ui.diagnosis.segment == IncidentSegment::Over);
    CHECK(ui.demo.open);
    CHECK(ui.overlays.help);

    ui.begin_session(false);
    CHECK(ui.page == Page::Start);
}

TEST_CASE("the first conflict that is selected shows its history, the next the tab that is open") {
    Moment moment;
    select_conflict(moment.context, 1);
    CHECK(moment.ui.inspector.tab == InspectorTab::History);
    moment.ui.inspector.tab = InspectorTab::Rules;
    select_conflict(moment.context, 2);
    CHECK(moment.ui.inspector.tab == InspectorTab::Rules);
}

TEST_CASE("the inspector opens beside the main area, and over it where the window is narrow") {
    for (const bool narrow : {false, true}) {
        Moment moment(narrow);
        moment.ui.inspector.open = false;
        CHECK_FALSE(inspector_shown(moment.context));
        open_inspector(moment.context);
        CHECK(inspector_shown(moment.context));
        CHECK(moment.ui.inspector.overlay == narrow);
        toggle_inspector(moment.context);
        CHECK_FALSE(inspector_shown(moment.context));
    }
}

TEST_CASE("keys walk through a view's rows and stop at its ends") {
    Moment moment;
    TenRows view;
    view.move_selection(moment.context, 1); // from nothing to the first
    CHECK(view.selected == 0);
    view.move_selection(moment.context, 3);
    CHECK(view.selected == 3);
    view.move_selection(moment.context, -5);
    CHECK(view.selected == 0);
    view.select_edge(moment.context, View::Edge::Last);
    CHECK(view.selected == 9);
    view.move_selection(moment.context, 1);
    CHECK(view.selected == 9);
    view.select_edge(moment.context, View::Edge::First);
    CHECK(view.selected == 0);

    view.rows = 0;
    view.selected.reset();
    view.move_selection(moment.context, 1);
    view.select_edge(moment.context, View::Edge::Last);
    CHECK_FALSE(view.selected.has_value());
}

TEST_CASE("the uppermost of what lies over the window has the keys") {
    Overlays overlays;
    CHECK(overlays.top(ViewId::Panels) == Overlay::None);
    overlays.columns = true;
    CHECK(overlays.top(ViewId::Panels) == Overlay::Columns);
    CHECK(overlays.top(ViewId::Log) == Overlay::None); // it is the panels' list
    overlays.editing.menu.emplace();
    CHECK(overlays.top(ViewId::Panels) == Overlay::Form);
    overlays.help = true;
    CHECK(overlays.top(ViewId::Panels) == Overlay::Help);
    overlays.palette = true;
    CHECK(overlays.top(ViewId::Panels) == Overlay::Palette);
}

TEST_CASE("choices for a conflict are gone when another one is decided") {
    ConflictState conflicts;
    conflicts.choices_for(1).push_back({"status", fhir::Side::Local, ""});
    CHECK(conflicts.choices_for(1).size() == 1);
    CHECK(conflicts.choices_for(2).empty());
    CHECK(conflicts.choices_for(1).empty());
}

TEST_CASE("commands reach a server unless another client is watched or a recording is open") {
    Moment moment;
    CHECK(can_send(moment.context));
    moment.session.source = Source::Replay;
    CHECK_FALSE(can_send(moment.context));
}

TEST_CASE("every command has an id of its own, a title, and something to do") {
    std::set<std::string_view> ids;
    for (const Action& action : all_actions()) {
        INFO(action.id);
        CHECK(ids.insert(action.id).second);
        CHECK_FALSE(action.title.empty());
        CHECK((action.run != nullptr) != (action.run_named != nullptr));
        CHECK((action.names != nullptr) == (action.run_named != nullptr));
    }
}

TEST_CASE("a known field is found by its path, whatever its place in the menu") {
    CHECK(known_field("Task", "restriction.period.end")->label == "due");
    CHECK(known_field("Task", "owner")->ask == Ask::Owner);
    CHECK(known_field("Patient", "birthDate")->label == "date of birth");
    CHECK_FALSE(known_field("Patient", "status").has_value());
}
