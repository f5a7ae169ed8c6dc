#include "gui/frame/selection.hpp"

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
