// Editing in a panel: which cell a form lies over, and what a double click or a right click opens.

#include "gui/frame/edit_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/panels/panels_view.hpp"

namespace fhirscope::gui {

void PanelsView::edit_row(Context& context, Panel& state, const engine::PanelDefinition& definition,
                          const engine::Record& record) {
    Editing& editing = context.ui.overlays.editing;
    const bool form = editing.at(EditPlace::Panel, record.reference);
    const bool menu = editing.menu && editing.anchor.empty() && editing.menu->place == EditPlace::Panel &&
                      editing.menu->reference == record.reference;
    if (form || menu) {
        // What no column shows belongs to the row's name.
        std::size_t title = 1;
        std::optional<std::size_t> cell;
        for (std::size_t i = state.columns.size(); i-- > 0;) {
            const engine::Column& column = definition.columns[state.columns[i]];
            if (column.kind == engine::ColumnKind::Text) title = i + 1;
            if (const auto field = field_of(definition.type, column); form && field && *field == editing.form->field())
                cell = i + 1;
        }
        editing.anchor = state.grid.cell(cell.value_or(title));
    }
    // Where nothing can be edited, the row that is looked at says why.
    if (state.grid.row_hovered() && state.grid.row_selected()) {
        const std::string_view reason = edit_blocked(context, record);
        const auto at = reason.empty() ? std::nullopt : state.grid.column_at(ImGui::GetIO().MousePos.x);
        const fhir::ResourcePtr& resource = shown_resource(record);
        if (at && *at > 0 && resource) {
            const auto field = field_of(definition.type, definition.columns[state.columns[*at - 1]]);
            if (field && (field->ask == Ask::Owner || field_blocked(*resource, field->path).empty()))
                tooltip(context, reason);
        }
    }
}

bool PanelsView::edit_cell(Context& context, Panel& state, const engine::PanelDefinition& definition) {
    const auto place = static_cast<std::size_t>(state.grid.double_clicked());
    const engine::Record& record = *prepared_->stores[state.store].records[state.index.order()[place]];
    const auto at = state.grid.column_at(ImGui::GetIO().MousePos.x);
    if (!at || *at == 0 || !edit_blocked(context, record).empty()) return false;
    const auto field = field_of(definition.type, definition.columns[state.columns[*at - 1]]);
    if (!field) return false;
    const std::string path = field->ask == Ask::Owner ? "owner.display" : field->path;
    if (!field_blocked(*shown_resource(record), path).empty()) return false;
    open_form(context, record, *field, EditPlace::Panel, state.grid.cell_at(state.grid.double_clicked(), *at));
    return true;
}

void PanelsView::edit_menu(Context& context, Panel& state) {
    const std::int64_t place = state.grid.right_clicked();
    select_in(context, state, place);
    const engine::Record& record =
        *prepared_->stores[state.store].records[state.index.order()[static_cast<std::size_t>(place)]];
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    open_menu(context, record, EditPlace::Panel, Rect{mouse.x, mouse.y, 1, 1});
}

} // namespace fhirscope::gui
