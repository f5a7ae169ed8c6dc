// A panel's rows, and how a cell that has just changed flashes.

#include "gui/frame/colors.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/panels/cells.hpp"
#include "gui/views/panels/panels_view.hpp"

namespace fhirscope::gui {

namespace {

using engine::ColumnKind;
using engine::Standing;
using std::chrono::seconds;

constexpr std::chrono::milliseconds flash{900};
constexpr std::chrono::milliseconds flash_step{100}; // it fades in steps of

// Did more than eight versions arrive within the last second? Then a fade would only flicker.
bool busy(const engine::Record& record, LocalTime now) {
    constexpr std::size_t many = 8;
    return record.history.size() > many &&
           now - record.history[record.history.size() - 1 - many]->received < seconds(1);
}

// The same resource in all that is known, where an earlier moment is shown: what became of it. Null: nothing, or its
// place was taken by another one.
const engine::Row* later_row(const Context& context, std::size_t store, std::uint32_t index,
                             const engine::Record& record) {
    if (context.whole == context.snapshot_ptr || store >= context.whole->stores.size()) return nullptr;
    const auto& records = context.whole->stores[store].records;
    return index < records.size() && records[index]->reference == record.reference ? records[index]->row.get()
                                                                                   : nullptr;
}

} // namespace

// What was selected elsewhere (a demo's cause, a link) comes into view once it is among the rows.
void PanelsView::show_selected(const Context& context, Panel& state) {
    const Selection& selection = context.ui.selection;
    const auto& store = prepared_->stores[state.store];
    if (selection.kind != Selection::Kind::Resource || !selection.reference.starts_with(store.type + "/")) return;
    if (selection.reference != state.sought) {
        state.sought = selection.reference;
        state.looked_in = 0;
    }
    const auto& order = state.index.order();
    if (state.looked_in == SIZE_MAX || state.looked_in == order.size()) return;
    for (std::size_t place = 0; place < order.size(); ++place) {
        if (store.records[order[place]]->reference == state.sought) {
            state.looked_in = SIZE_MAX;
            state.grid.reveal(static_cast<std::int64_t>(place));
            return;
        }
    }
    state.looked_in = order.size();
}

void PanelsView::row(Context& context, Panel& state, const engine::PanelDefinition& definition, std::int64_t place) {
    const Palette& c = context.theme.c;
    const std::uint32_t index = state.index.order()[static_cast<std::size_t>(place)];
    const engine::RecordPtr& pointer = prepared_->stores[state.store].records[index];
    const engine::Record& record = *pointer;
    const bool selected =
        context.ui.selection.kind == Selection::Kind::Resource && context.ui.selection.reference == record.reference;
    const bool conflict = in_conflict(record);
    // Of what may be stale nobody knows that it is: no bar.
    const diagnosis::IncidentPtr incident = concerned_.by(record.reference);
    const ImU32 concerned = incident == nullptr ? 0
                            : incident->open()  ? severity_color(c, incident->severity)
                                                : c.line3;
    const ImU32 bar = conflict ? c.con : record.server_side ? c.att : concerned;
    const bool in_range = context.ui.brush && changed_in(record, *context.ui.brush) == InRange::Changed;
    state.grid.row(context, place,
                   {selected,
                    conflict   ? c.tcon
                    : in_range ? c.bg2
                               : 0,
                    bar == 0 && in_range ? c.t3 : bar});
    if (in_range)
        context.target("panels/" + definition.id + "/in-range/" + std::to_string(place), state.grid.row_rect());
    draw_row_incident(context, state.grid, "panels/" + definition.id, place, context.px(3), incident);
    const bool removed = record.standing == Standing::Deleted && !record.edit;
    const engine::Row* cells = state.index.row(index, record);
    // What the first search brought did not change: it was there before us.
    const auto since = context.now - record.changed_at;
    const bool flashing = cells != nullptr && !removed && since >= std::chrono::milliseconds(0) && since < flash &&
                          record.versions_seen > 1 && record.current().channel != engine::Channel::Baseline;
    if (flashing) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(flash - since);
        context.ages_within(context.ui.look.reduced_motion ? left : flash_step);
    }
    const std::uint64_t edited = record.edit && record.edit->row ? record.edit->changed_cells : 0;
    const auto marked = [](std::uint64_t bits, std::size_t column) {
        return column < 64 && ((bits >> column) & 1U) != 0;
    };
    // The fills under the cells: they fade while the cells stay as they are.
    for (std::size_t i = 0; cells != nullptr && (flashing || edited != 0) && i < state.columns.size(); ++i) {
        const std::size_t column = state.columns[i];
        if (column >= cells->cells.size()) continue;
        if (marked(edited, column)) {
            state.grid.cell_fill(context, i + 1, c.sel);
            if (selected) // the row has that fill already
                Painter(context.theme).outline(state.grid.cell(i + 1), c.line3);
        } else if (flashing && marked(record.changed_cells, column)) {
            const float left = 1.0F - std::chrono::duration<float>(since) / std::chrono::duration<float>(flash);
            const bool steady = context.ui.look.reduced_motion || busy(record, context.now);
            state.grid.cell_fill(context, i + 1, steady ? c.tlive2 : with_alpha(c.tlive, left));
        }
    }
    draw_freshness(context, state.grid, record, state.unheard);
    if (record.resource() != nullptr && !record.key_only())
        draw_flaws(context, state.grid, state.flaws.of(index, record.history.back()->resource));
    const engine::Row* later = selected ? later_row(context, state.store, index, record) : nullptr;
    bool first_text = true;
    for (std::size_t i = 0; cells != nullptr && i < state.columns.size(); ++i) {
        const std::size_t column = state.columns[i];
        if (column >= cells->cells.size()) continue;
        const bool bright = marked(edited, column) || (flashing && marked(record.changed_cells, column));
        const bool text_column = definition.columns[column].kind == ColumnKind::Text;
        draw_cell(context, state.grid, i + 1, tasks_, definition.columns[column], record, cells->cells[column],
                  {text_column && first_text, bright, removed});
        // An empty cell may be one that was not listed.
        const engine::Row* there = record.server_side ? record.server_side->row.get() : nullptr;
        if (there != nullptr && column < there->cells.size() && !there->cells[column].empty() &&
            there->cells[column] != cells->cells[column]) {
            draw_server_cell(context, state.grid, i + 1, definition.columns[column], cells->cells[column],
                             there->cells[column]);
        }
        if (there == nullptr && later != nullptr && column < later->cells.size() &&
            later->cells[column] != cells->cells[column])
            draw_later_cell(context, state.grid, i + 1, definition.columns[column], cells->cells[column],
                            later->cells[column]);
        first_text = first_text && !text_column;
    }
    if (cells != nullptr) edit_row(context, state, definition, record);
}

} // namespace fhirscope::gui
