#include "gui/views/panels/panels_view.hpp"

#include "diagnosis/rules.hpp"
#include "engine/certainty.hpp"
#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/edit_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

using engine::ColumnKind;
using std::chrono::seconds;

constexpr float freshness_width = 146,
                narrow_freshness_width = 96; // width of the first column: room for what an outage says

} // namespace

bool PanelsView::split(const Context& context) const {
    return !context.layout.narrow && shown_ == 0 && panels_.size() >= 2;
}

void PanelsView::prepare(Context& context) {
    prepared_ = context.snapshot_ptr;
    const auto& definitions = context.snapshot.panels;
    if (panels_.size() != definitions.size()) {
        panels_.clear();
        for (const engine::PanelDefinition& definition : definitions) {
            auto panel = std::make_unique<Panel>();
            panel->id = definition.id;
            panel->name = "panels/" + definition.id;
            panels_.push_back(std::move(panel));
        }
        shown_ = definitions.size() >= 2 ? 0 : 1;
        shown_narrow_ = definitions.size() >= 2 ? 1 : 0;
    }
    ask_filter(context);
    bool leaving = false; // rows are about to go
    const ShownPanels visible = shown_panels(context);
    for (std::size_t i = 0; i < panels_.size(); ++i) {
        Panel& panel = *panels_[i];
        if (panel.store == SIZE_MAX || panel.store >= context.snapshot.stores.size() ||
            context.snapshot.stores[panel.store].type != definitions[i].type) {
            panel.store = SIZE_MAX;
            for (std::size_t s = 0; s < context.snapshot.stores.size(); ++s)
                if (context.snapshot.stores[s].type == definitions[i].type) panel.store = s;
        }
        if (panel.store != SIZE_MAX) {
            panel.unheard = engine::unheard_of(context.snapshot, definitions[i].type);
            const PanelSettings& settings = context.ui.panels[panel.id];
            const PanelSort sort = sort_of(definitions[i], settings);
            PanelIndex::Question question;
            question.sort_column = sort.order == SortOrder::None ? PanelIndex::unsorted : PanelIndex::by_freshness;
            for (std::size_t c = 0; c < definitions[i].columns.size(); ++c) {
                if (sort.order != SortOrder::None && definitions[i].columns[c].id == sort.column) {
                    question.sort_column = static_cast<int>(c);
                    question.sort_kind = definitions[i].columns[c].kind;
                }
            }
            question.descending = sort.order == SortOrder::Descending;
            const bool shown = std::find(visible.begin(), visible.end(), i) != visible.end();
            question.filter = shown ? in_force_ : settings.filter;
            question.range = context.ui.brush;
            question.only_changed = context.ui.only_changed;
            panel.index.update(context.snapshot_ptr, panel.store, question, context.now, context.worker);
            leaving = leaving || panel.index.any_leaving();
        }
    }
    if (leaving) context.ages_within(seconds(1));
    tasks_.update(context.snapshot_ptr);
    concerned_.update(context.findings, context.snapshot, context.ui.diagnosis.incident);
}

void PanelsView::choose_columns(const Context& context, Panel& state, const engine::PanelDefinition& definition,
                                float width) {
    state.columns.clear();
    state.places.clear();
    state.grid_columns.clear();
    const float freshness = context.layout.narrow ? narrow_freshness_width : freshness_width;
    state.grid_columns.push_back({"freshness", "Freshness", freshness, Align::Left, false, true});
    std::vector<ArrangedColumn> all = arrange(definition, context.ui.panels[definition.id]);
    const float room = width / context.theme.scale - GridStyle{}.left - GridStyle{}.right - freshness;
    hide_for_width(definition, all, context.layout.narrow ? -1 : room);
    std::size_t widest = 0;
    float most = 0;
    for (std::size_t place = 0; place < all.size(); ++place) {
        const engine::Column& column = definition.columns[all[place].column];
        if (!all[place].shown) continue;
        const bool last = place + 1 == all.size();
        const Align align = last && column.kind == ColumnKind::DateTime ? Align::Right : Align::Left;
        if (all[place].width > most && !all[place].sized) {
            most = all[place].width;
            widest = state.grid_columns.size();
        }
        state.columns.push_back(all[place].column);
        state.places.push_back(place);
        const bool derived = column.path.starts_with("derived:");
        state.grid_columns.push_back({column.id, column.title, all[place].width, align, false, !derived});
    }
    if (widest > 0) state.grid_columns[widest].stretch = true;
}

void PanelsView::select_in(Context& context, Panel& state, std::int64_t place) {
    const std::uint32_t index = state.index.order()[static_cast<std::size_t>(place)];
    const engine::Record& record = *prepared_->stores[state.store].records[index];
    if (context.ui.selection.kind != Selection::Kind::Resource || context.ui.selection.reference != record.reference) {
        select_resource(context, record.reference);
        // What the user looks at goes before other updates in the queue.
        if (!context.looking_back)
            context.send(engine::SetFocus{prepared_->stores[state.store].type, record.reference});
    }
    state.sought = record.reference;
    state.looked_in = SIZE_MAX;
    state.grid.reveal(place);
}

void PanelsView::panel(Context& context, std::size_t at, Rect area, bool title_row) {
    Panel& state = *panels_[at];
    const engine::PanelDefinition& definition = context.snapshot.panels[at];
    const PanelSettings& settings = context.ui.panels[definition.id];
    const bool filtered = !settings.filter.empty();
    const bool only_changed = context.ui.brush && context.ui.only_changed;
    if (title_row) title(context, state, definition, area.take_top(context.px(32)));
    if (state.store == SIZE_MAX) {
        empty_state(context, area, "Nothing has arrived yet.");
        return;
    }
    choose_columns(context, state, definition, area.w);
    GridStyle style;
    const PanelSort sort = sort_of(definition, settings);
    style.sorted = sort.column == PanelSort::freshness ? 0 : -1;
    for (std::size_t i = 0; i < state.columns.size(); ++i)
        if (definition.columns[state.columns[i]].id == sort.column) style.sorted = static_cast<int>(i) + 1;
    style.descending = sort.order == SortOrder::Descending;
    style.arranged = true;
    const auto rows = static_cast<std::int64_t>(state.index.order().size());
    show_selected(context, state);
    state.grid.begin(context, state.name, area, state.grid_columns, rows, style);
    for (std::int64_t i = state.grid.first(); i < state.grid.last(); ++i) row(context, state, definition, i);
    state.grid.end(context);
    if (rows == 0) {
        Rect body = state.grid.body();
        if (!state.index.complete()) {
            empty_state(context, body, "Rows are being looked at.");
        } else if (filtered && state.index.total() > 0) {
            ShortText sentence("No rows match. ");
            sentence.append(number(static_cast<std::int64_t>(state.index.total())))
                .append(only_changed ? " are hidden by the filter, or did not change in this range."
                                     : " are hidden by the filter.");
            empty_state(context, body, sentence);
        } else if (only_changed && state.index.total() > 0) {
            empty_state(context, body, "Nothing here changed in this range. Clear the range (Esc).");
        } else {
            empty_state(context, body, "The server has none that match the criteria.");
        }
    }
    header_used(context, state, definition);
    if (state.grid.clicked() >= 0) {
        select_in(context, state, state.grid.clicked());
        context.ui.inspector.overlay = context.layout.narrow && context.ui.inspector.overlay;
    }
    if (state.grid.right_clicked() >= 0) edit_menu(context, state);
    if (state.grid.double_clicked() >= 0 && !edit_cell(context, state, definition)) open_inspector(context);
}

void PanelsView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    Rect row = area.take_top(context.px(40));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), p.c().line);
    float x = row.x + context.px(16);
    if (!context.layout.narrow) {
        x = p.text(p.f().bold, x, row.y, row.h, p.c().t1,
                   context.session.title.empty() ? "Panels" : context.session.title) +
            context.px(10);
    }
    std::vector<std::string> labels;
    std::vector<SegmentItem> items;
    labels.reserve(panels_.size() + 1);
    const auto& definitions = context.snapshot.panels;
    const bool both = !context.layout.narrow && definitions.size() >= 2;
    if (both) {
        labels.push_back(definitions[0].title + " and " + uncapitalised(definitions[1].title));
        items.push_back({"both", labels.back()});
    }
    for (const engine::PanelDefinition& definition : definitions) {
        labels.push_back(definition.title);
        items.push_back({definition.id, labels.back()});
    }
    std::size_t& shown = context.layout.narrow ? shown_narrow_ : shown_;
    const int active = both || context.layout.narrow ? static_cast<int>(shown) : static_cast<int>(shown) - 1;
    const int clicked = segment(context, "panels/segment", x, row.y, row.h, items, active);
    if (clicked >= 0) shown = static_cast<std::size_t>(clicked) + (both || context.layout.narrow ? 0 : 1);
    x += segment_width(context, items, false) + context.px(10);
    if (context.layout.narrow && shown_narrow_ < panels_.size()) {
        p.put(p.f().mono, x, row.y, row.h, p.c().t3,
              number(static_cast<std::int64_t>(panels_[shown_narrow_]->index.total())));
    }
    const float w = context.px(context.layout.narrow ? 180 : 240);
    if (panels_.empty()) return;
    const ImVec2 columns_at(row.right() - context.px(12 + 24), row.y + context.px(8));
    columns_button_ = Rect{columns_at.x, columns_at.y, context.px(24), context.px(24)};
    if (icon_button(context, "panels/columns", columns_at, Icon::Panels, context.ui.overlays.columns,
                    "Columns, order and sort (Shift C)"))
        context.ui.overlays.columns = !context.ui.overlays.columns;
    const Rect field{columns_at.x - context.px(8) - w, row.y + context.px(8), w, context.px(24)};
    filter_field(context, field);
}

// One line: how many rows nobody vouches for, since when, and what can be done.
void PanelsView::strip(Context& context, Rect& area) {
    const auto& standings = context.findings.facts().standings();
    const std::size_t count = standings.unconfirmed();
    if (count == 0 || context.session.source == Source::Replay) return;
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(28));
    p.fill(row, c.tatt);
    float right = row.right() - context.px(12);
    const engine::ConnectionView& connection = context.snapshot.connection;
    if (!connection.observing && connection.phase != engine::Phase::Live) {
        float x = right - button_width(context, "Reconnect now");
        right = x - context.px(8);
        if (button(context, "panels/strip/reconnect", x, row.y, row.h, "Reconnect now"))
            context.send(engine::Connect{});
    }
    float x = p.mark(Mark::Unconfirmed, row.x + context.px(16), row.y, row.h) + context.px(7);
    ShortText text = number(static_cast<std::int64_t>(count));
    text.append(" not confirmed");
    if (const auto since = standings.unconfirmed_since())
        text.append(" since ").append(since_when(wall(*since), wall(context.now)));
    x = p.text_cut(p.f().bold, x, right, row.y, row.h, c.t1, text) + context.px(8);
    if (!context.layout.narrow && x < right) {
        ShortText why("of ");
        why.append(number(static_cast<std::int64_t>(diagnosis::shown_resources(context.snapshot))));
        if (connection.phase == engine::Phase::LoginEnded)
            why.append("; the login has ended");
        else if (connection.polling)
            why.append("; searched for every ").append(age(connection.poll_interval));
        else if (connection.phase != engine::Phase::Live)
            why.append("; the connection is not live");
        p.text_cut(p.f().body, x, right, row.y, row.h, c.t2, why);
    }
    context.target("panels/strip", row);
}

PanelsView::ShownPanels PanelsView::shown_panels(const Context& context) const {
    if (panels_.empty()) return {};
    if (split(context)) return {{0, 1}, 2};
    const std::size_t at = context.layout.narrow ? shown_narrow_ : shown_ == 0 ? 0 : shown_ - 1;
    return {{std::min(at, panels_.size() - 1)}, 1};
}

void PanelsView::draw(Context& context, Rect area) {
    const Rect window = area;
    prepare(context);
    header(context, area);
    if (!input_.valid()) input_.draw_problem(context, area.take_top(context.px(22)));
    strip(context, area);
    const ShownPanels shown = shown_panels(context);
    if (shown.count == 0) {
        empty_state(context, area, "No panel is defined for this session.");
        return;
    }
    if (shown.count == 1) {
        panel(context, shown.places[0], area, !context.layout.narrow);
    } else {
        const float least = context.px(32 + 22 + 24 * 2);
        const float upper = std::clamp(snap(area.h * split_share_), least, std::max(least, area.h - least));
        Rect first = area.take_top(upper);
        panel(context, shown.places[0], first, true);
        const Painter p(context.theme);
        p.hline(area.x, area.right(), area.y, p.c().line);
        Rect second = area;
        second.take_top(context.px(6));
        panel(context, shown.places[1], second, true);
        const float moved = horizontal_splitter(context, "panels/splitter", area.x, area.y, area.w);
        if (moved != 0) split_share_ = std::clamp((upper + moved) / (area.h + upper), 0.1F, 0.9F);
    }
    columns_box(context, window);
    std::string text(filter(context));
    const std::string before = text;
    input_.draw_list(context, text);
    if (text != before) set_filter(context, text);
}

std::size_t PanelsView::focused(const Context& context) const {
    const ShownPanels shown = shown_panels(context);
    for (const std::size_t at : shown) {
        const std::string& reference = context.ui.selection.reference;
        if (panels_[at]->store < context.snapshot.stores.size() &&
            context.ui.selection.kind == Selection::Kind::Resource &&
            fhir::type_part(reference) == context.snapshot.stores[panels_[at]->store].type)
            return at;
    }
    return shown.count == 0 ? SIZE_MAX : shown.places[0];
}

std::int64_t PanelsView::row_count(Context& context) {
    const std::size_t at = focused(context);
    const bool any = at < panels_.size() && panels_[at]->store != SIZE_MAX;
    return any ? static_cast<std::int64_t>(panels_[at]->index.order().size()) : 0;
}

std::optional<std::int64_t> PanelsView::selected_row(const Context& context) const {
    if (context.ui.selection.kind != Selection::Kind::Resource) return std::nullopt;
    const Panel& panel = *panels_[focused(context)];
    const auto& records = prepared_->stores[panel.store].records;
    const auto& order = panel.index.order();
    for (std::size_t i = 0; i < order.size(); ++i)
        if (records[order[i]]->reference == context.ui.selection.reference) return static_cast<std::int64_t>(i);
    return std::nullopt;
}

void PanelsView::select_row(Context& context, std::int64_t row) { select_in(context, *panels_[focused(context)], row); }

void PanelsView::forget_moment() {
    for (const auto& panel : panels_) {
        renew(panel->index);
        panel->sought.clear();
        panel->looked_in = 0;
    }
    prepared_ = nullptr;
    renew(tasks_);
    renew(concerned_);
}

} // namespace fhirscope::gui
