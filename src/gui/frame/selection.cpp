#include "gui/frame/selection.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::gui {

void select(Context& context, Selection selection) {
    if (selection != context.ui.selection) context.ui.inspector.against.clear();
    context.ui.selection = std::move(selection);
    context.ui.inspector.version.clear();
}

void select_resource(Context& context, std::string reference) {
    select(context, Selection{Selection::Kind::Resource, std::move(reference), 0});
}

void select_update(Context& context, std::uint64_t number) {
    select(context, Selection{Selection::Kind::Update, {}, number});
}

void select_frame(Context& context, std::uint64_t number) {
    select(context, Selection{Selection::Kind::Frame, {}, number});
}

void select_conflict(Context& context, std::uint64_t number) {
    const bool fresh = context.ui.selection.kind != Selection::Kind::Conflict;
    select(context, Selection{Selection::Kind::Conflict, {}, number});
    if (fresh) context.ui.inspector.tab = InspectorTab::History;
}

void select_nothing(Context& context) { select(context, {}); }

LocalTime moment_of(const engine::Snapshot& snapshot, const engine::Version& version) {
    // It may have waited. A version that an earlier session left has a number of that one's log.
    if (!snapshot.updates.contains(version.update)) return version.received;
    const engine::UpdateRow& row = snapshot.updates[version.update];
    return row.received == version.received ? row.dequeued : version.received;
}

std::optional<LocalTime> moment_of_selection(const Context& context) {
    const engine::Snapshot& whole = *context.whole;
    const Selection& selection = context.ui.selection;
    if (context.ui.view == ViewId::Diagnosis)
        if (const diagnosis::IncidentPtr incident = selected_incident(context)) return incident->from;
    switch (selection.kind) {
        case Selection::Kind::None:
            break;
        case Selection::Kind::Resource: {
            const engine::RecordPtr record = whole.find(selection.reference);
            if (!record || record->history.empty()) break;
            const auto opened = std::ranges::find(record->history, context.ui.inspector.version,
                                                  [](const engine::VersionPtr& one) { return one->version_id(); });
            const bool newest = context.ui.inspector.version.empty() || opened == record->history.end();
            return moment_of(whole, newest ? record->current() : **opened);
        }
        case Selection::Kind::Update:
            if (whole.updates.contains(selection.number)) return whole.updates[selection.number].dequeued;
            break;
        case Selection::Kind::Frame:
            if (whole.frames.contains(selection.number)) return whole.frames[selection.number].at;
            break;
        case Selection::Kind::Conflict:
            if (const engine::ConflictPtr conflict = find_conflict(whole, selection.number)) return conflict->at;
            break;
    }
    return std::nullopt;
}

void moment_button(Context& context, std::string_view name, ImVec2 pos, LocalTime at) {
    if (context.playhead == nullptr) return;
    const bool recorded = context.session.source == Source::Replay;
    std::string tip(recorded ? "Show every view at " : "Look back to ");
    tip.append(clock_ms(wall(at)).view()).append(" (T)");
    if (icon_button(context, name, pos, Icon::Back, false, tip)) show_at(context, at);
}

bool inspector_shown(const Context& context) {
    return context.layout.narrow ? context.ui.inspector.overlay : context.ui.inspector.open;
}

void open_inspector(Context& context) {
    context.ui.inspector.open = true;
    context.ui.inspector.overlay = context.layout.narrow;
}

void toggle_inspector(Context& context) {
    bool& open = context.layout.narrow ? context.ui.inspector.overlay : context.ui.inspector.open;
    open = !open;
}

} // namespace fhirscope::gui
