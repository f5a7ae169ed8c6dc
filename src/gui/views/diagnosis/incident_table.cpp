#include "gui/views/diagnosis/incident_table.hpp"

#include "diagnosis/incident_text.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/colors.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using diagnosis::Incident;
using diagnosis::IncidentPtr;
using diagnosis::Severity;

namespace {

// In the order of IncidentKey.
enum IncidentColumn : std::size_t {
    Headline,
    Scope,
    From,
    To,
    Missed,
    Recovered,
    Deleted,
    Confidence,
    State,
    IncidentColumnCount
};

constexpr std::array<GridColumn, IncidentColumnCount> incident_columns = {
    {{"incident", "Incident", 320, Align::Left, true, true},
     {"scope", "Scope", 62, Align::Left, false, true},
     {"from", "From", 70, Align::Left, false, true},
     {"to", "To", 70, Align::Left, false, true},
     {"missed", "Missed", 52, Align::Right, false, true},
     {"recovered", "Recovered", 72, Align::Right, false, true},
     {"deleted", "Deleted", 56, Align::Right, false, true},
     {"confidence", "Confidence", 86, Align::Left, false, true},
     {"state", "State", 122, Align::Left, false, true}}};
constexpr std::array<std::size_t, 3> narrow_incidents = {Headline, From, State};
constexpr float wide_incidents = 820; // all columns
constexpr float incident_row = 24;
constexpr float incident_header = 22;

} // namespace

float IncidentTable::height(const Context& context, std::size_t rows) {
    return context.px(incident_header) + context.px(incident_row) * static_cast<float>(rows);
}

void IncidentTable::tell(Context& context, const Incident& incident) const {
    std::string text = incident.headline + "\n" + std::string(utc_full(wall(incident.from)).view());
    if (!incident.open()) text += " – " + std::string(utc_full(wall(incident.to)).view());
    if (incident.times > 1) text += "\n" + std::to_string(incident.times) + " times in a row";
    for (const auto& [what, count] :
         {std::pair("missed", incident.missed), {"recovered", incident.recovered}, {"deleted", incident.deleted}})
        if (!count) text += std::string("\nHow many were ") + what + " cannot be known.";
    tooltip(context, text);
}

void IncidentTable::row(Context& context, std::int64_t place, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const bool selected = incident.number == context.ui.diagnosis.incident;
    grid_.row(context, place, {selected, 0, 0});
    const bool open = incident.open();
    ColumnPlaces places(narrow_, narrow_incidents);
    if (const auto at = places.next(Headline)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const ShortText times =
            incident.times > 1 ? number(static_cast<std::int64_t>(incident.times)).append(" times") : ShortText();
        const float times_w = times.empty() ? 0 : Painter::width(p.f().small, times) + context.px(10);
        float x = cell.x;
        if (narrow_) x = p.mark(state_mark(incident), x, cell.y, cell.h) + context.px(7);
        x = p.text_cut(p.f().body, x, cell.right() - times_w, cell.y, cell.h, open || selected ? c.t1 : c.t2,
                       incident.headline);
        if (!times.empty()) p.put(p.f().small, x + context.px(10), cell.y, cell.h, c.t3, times);
    }
    if (const auto at = places.next(Scope))
        grid_.text(context, *at, p.f().mono, c.t3, scope_text(incident, context.snapshot.subscriptions.size()));
    if (const auto at = places.next(From)) grid_.text(context, *at, p.f().mono, c.t3, clock_s(wall(incident.from)));
    if (const auto at = places.next(To))
        grid_.text(context, *at, p.f().mono, open ? c.t1 : c.t3, open ? ShortText("now") : clock_s(wall(incident.to)));
    for (const auto& [column, count] :
         {std::pair(Missed, incident.missed), {Recovered, incident.recovered}, {Deleted, incident.deleted}}) {
        if (const auto at = places.next(column))
            grid_.text(context, *at, p.f().mono, count && *count > 0 ? c.t2 : c.t3,
                       count ? number(static_cast<std::int64_t>(*count)) : ShortText("?"));
    }
    if (const auto at = places.next(Confidence)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const int full = std::clamp((incident.confidence + 10) / 20, 0, 5);
        for (int i = 0; i < 5; ++i) {
            p.fill(Rect{cell.x + context.px(6) * static_cast<float>(i), cell.y + cell.h / 2 - context.px(3),
                        context.px(4), context.px(6)},
                   i < full ? c.t2 : c.line2, context.px(1));
        }
        ShortText percent = number(incident.confidence);
        p.text_right(p.f().mono, cell.right(), cell.y, cell.h, c.t3, percent.append("\u00A0%"));
    }
    if (const auto at = places.next(State)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const float x = narrow_ ? cell.x : p.mark(state_mark(incident), cell.x, cell.y, cell.h) + context.px(7);
        const bool going = open && incident.severity > Severity::Info;
        p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h,
                   going  ? severity_color(c, incident.severity)
                   : open ? c.t2
                          : c.t3,
                   diagnosis::state_text(incident.state));
    }
    if (grid_.row_hovered() && context.pointed_at(grid_.row_rect())) tell(context, incident);
}

void IncidentTable::draw(Context& context, const Rect& area, const std::vector<IncidentPtr>& rows, IncidentSort& sort) {
    narrow_ = area.w < context.px(wide_incidents);
    std::array<GridColumn, IncidentColumnCount> columns = incident_columns;
    GridStyle style;
    style.row_height = incident_row;
    const auto key = static_cast<std::size_t>(sort.key);
    const auto narrow_place = std::find(narrow_incidents.begin(), narrow_incidents.end(), key);
    style.sorted = !narrow_                                 ? static_cast<int>(key)
                   : narrow_place == narrow_incidents.end() ? -1
                                                            : static_cast<int>(narrow_place - narrow_incidents.begin());
    style.descending = sort.descending;
    grid_.begin(context, "diagnosis", area, columns_for(narrow_, columns, narrow_incidents),
                static_cast<std::int64_t>(rows.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i, *rows[static_cast<std::size_t>(i)]);
    grid_.end(context);
    if (const int clicked = grid_.header_clicked(); clicked >= 0) {
        const auto column = static_cast<std::size_t>(clicked);
        sort = next_sort(sort, static_cast<IncidentKey>(narrow_ ? narrow_incidents[column] : column));
        grid_.scroll_to_top();
    }
}

} // namespace fhirscope::gui
