#include "gui/views/diagnosis/diagnosis_view.hpp"

#include "diagnosis/report.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/diagnosis/explain_chain.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

using diagnosis::Incident;
using diagnosis::IncidentPtr;
using diagnosis::Severity;

namespace {

constexpr float across = 900; // narrower, the chain is drawn downwards

} // namespace

View::Badge DiagnosisView::rail_badge(const Context& context) const {
    const Palette& c = context.theme.c;
    const IncidentPtr worst = context.findings.incidents().worst();
    return {pressing(context.findings.incidents()), worst && worst->severity == Severity::Error ? c.err : c.att};
}

void DiagnosisView::refresh(Context& context) {
    DiagnosisState& state = context.ui.diagnosis;
    list_.update(context.findings, {state.segment, state.filter, sort_});
    compared_.update(context.snapshot_ptr);
    // A selection that was made elsewhere comes into sight once.
    if (state.incident != revealed_) {
        revealed_ = state.incident;
        if (const auto place = list_.place_of(state.incident)) table_.grid().reveal(static_cast<std::int64_t>(*place));
    }
    refresh_explanation(context);
}

void DiagnosisView::refresh_explanation(Context& context) {
    const std::string& about = context.ui.diagnosis.explained;
    if (about.empty())
        explanation_.clear();
    else
        explanation_.refresh(context, about);
}

void DiagnosisView::header(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    DiagnosisState& state = context.ui.diagnosis;
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(16);
    if (!context.layout.narrow) x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Diagnosis") + context.px(14);
    const auto count = [](std::string_view word, std::uint64_t n) {
        return ShortText(word).append(" ").append(number(static_cast<std::int64_t>(n)));
    };
    const diagnosis::Incidents& incidents = context.findings.incidents();
    const ShortText going_on = count("Going on", incidents.going_on().size());
    const ShortText over = count("Over", incidents.over_count());
    const ShortText all = count("All", incidents.going_on().size() + incidents.over_count());
    const std::array<SegmentItem, 3> items = {{{"going-on", going_on}, {"over", over}, {"all", all}}};
    const int clicked = segment(context, "diagnosis/segment", x, row.y, row.h, items, static_cast<int>(state.segment));
    if (clicked >= 0) {
        state.segment = static_cast<IncidentSegment>(clicked);
        if (context.layout.narrow) {
            state.explained.clear();
            state.opened = false;
        }
        table_.grid().scroll_to_top();
    }
    x += segment_width(context, items, false) + context.px(12);

    float right = row.right() - context.px(12);
    const float room = right - x;
    const float field_w = std::min(context.px(206), snap(room * (context.layout.narrow ? 0.56F : 0.4F)));
    if (field_w < context.px(110)) return;
    const Rect field{right - field_w, row.y + context.px(8), field_w, context.px(24)};
    explain_field(context, field);
    constexpr std::string_view caption_text = "Explain";
    right = field.x - context.px(10) - Painter::width(p.f().body, caption_text);
    const bool caption = !context.layout.narrow && right - x > context.px(110);
    if (caption) p.put(p.f().body, right, row.y, row.h, c.t3, caption_text);
    right = caption ? right - context.px(12) : field.x - context.px(8);
    const float filter_w = std::min(context.px(170), right - x);
    if (filter_w < context.px(80)) return;
    filter_field(context, Rect{right - filter_w, field.y, filter_w, field.h});
}

void DiagnosisView::filter_field(Context& context, const Rect& field) {
    std::string& filter = context.ui.diagnosis.filter;
    const InputState look = filter.empty()         ? InputState::Empty
                            : list_.rows().empty() ? InputState::Invalid
                                                   : InputState::Valid;
    text_input(context, "diagnosis/filter", field, filter, "Filter", Icon::Filter, look, context.px(24),
               std::exchange(context.ui.focus_filter, false), context.theme.f.body);
    if (filter.empty())
        keycap(context, field.right() - context.px(6) - keycap_width(context, "/"), field.y, field.h, "/");
    else if (icon_button(context, "diagnosis/filter/clear", ImVec2(field.right() - context.px(24), field.y),
                         Icon::Close, false, "Clear the filter"))
        filter.clear();
}

void DiagnosisView::explain_field(Context& context, const Rect& field) {
    std::string& explained = context.ui.diagnosis.explained;
    const InputState look =
        !explanation_.empty() && explanation_.get().reference == explained && !explanation_.get().known
            ? InputState::Invalid
            : InputState::Empty;
    text_input(context, "diagnosis/explain", field, explained, "Task/id", Icon::Search, look, context.px(24), false,
               context.theme.f.mono);
    if (explained.empty())
        keycap(context, field.right() - context.px(6) - keycap_width(context, "E"), field.y, field.h, "E");
    else if (icon_button(context, "diagnosis/explain/clear", ImVec2(field.right() - context.px(24), field.y),
                         Icon::Close, false, "Back to the incident"))
        explained.clear();
}

// The statement that all is well, or that nobody knows.
void DiagnosisView::compare_strip(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    context.target("diagnosis/compared", row);
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    const CompareLine line = compare_line(compared_.result(), context.now);
    if (line.mark == Mark::Attention) p.fill(Rect{row.x, row.y, row.w, row.h - context.px(1)}, c.tatt);
    float right = row.right() - context.px(12);
    if (can_send(context)) {
        right -= button_width(context, "Compare now");
        float x = right;
        if (button(context, "diagnosis/compare", x, row.y, row.h, "Compare now")) context.send(engine::Verify{});
        right -= context.px(10);
    }
    if (compared_.running()) {
        constexpr std::string_view comparing = "comparing";
        right -= Painter::width(p.f().body, comparing);
        p.put(p.f().body, right, row.y, row.h, c.t3, comparing);
        right -= context.px(12 + 7);
        p.mark(Mark::Checking, right, row.y, row.h);
        right -= context.px(10);
    }
    if (!line.reference.empty()) {
        right = draw_link(context, "diagnosis/compared/first", right, row.y, row.h,
                          {diagnosis::Link::Kind::Resource, 0, line.reference}) -
                context.px(10);
    }
    float x = p.mark(line.mark, row.x + context.px(16), row.y, row.h) + context.px(7);
    const RichFonts fonts{p.f().body, p.f().mono};
    x = rich_line(p, fonts, x, right, row.y, row.h, c.t2, line.text) + context.px(10);
    if (!line.left_out.empty() && right - x > context.px(40))
        p.text_cut(p.f().body, x, right, row.y, row.h, c.t3, line.left_out);
    if (compared_.result().state != engine::VerifyView::State::None) context.ages_within(std::chrono::seconds(1));
    if (context.pointed_at(row) && !line.left_out.empty()) tooltip(context, capitalised(line.left_out));
}

void DiagnosisView::no_incidents(Context& context, const Rect& area) {
    const std::size_t hidden = list_.hidden();
    if (hidden > 0) {
        ShortText text("No incident matches. ");
        text.append(number(static_cast<std::int64_t>(hidden)));
        empty_state(context, area,
                    text.append(hidden == 1 ? " is hidden by the filter." : " are hidden by the filter."));
        float x = area.x + (area.w - button_width(context, "Clear")) / 2;
        if (button(context, "diagnosis/clear", x, area.y + area.h / 2 + context.px(14), context.px(24), "Clear"))
            context.ui.diagnosis.filter.clear();
        return;
    }
    const std::string_view sentence =
        context.snapshot.inputs == 0 ? "Nothing has happened yet. Incidents appear when a session runs."
        : context.ui.diagnosis.segment == IncidentSegment::GoingOn ? "No incident goes on."
        : context.ui.diagnosis.segment == IncidentSegment::Over    ? "No incident is over."
                                                                   : "No incidents.";
    context.target("diagnosis/empty/" + std::string(sentence), area);
    empty_state(context, area, sentence);
}

void DiagnosisView::list(Context& context, Rect area) {
    const std::uint64_t gone = context.findings.incidents().not_kept();
    if (gone > 0 && context.ui.diagnosis.segment != IncidentSegment::GoingOn && area.h > context.px(100)) {
        const Painter p(context.theme);
        const Rect footer = area.take_bottom(context.px(22));
        context.target("diagnosis/not-kept", footer);
        p.text(
            p.f().small, footer.x + context.px(16), footer.y, footer.h, p.c().t3,
            number(static_cast<std::int64_t>(gone))
                .append(gone == 1 ? " earlier incident is no longer kept" : " earlier incidents are no longer kept"));
    }
    table_.draw(context, area, list_.rows(), sort_);
    if (list_.rows().empty()) no_incidents(context, table_.grid().body());
    take_clicks(context, table_.grid());
}

void DiagnosisView::explanation(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const diagnosis::Explanation& e = explanation_.get();
    p.hline(area.x, area.right(), area.y, c.line);
    area.take_top(context.px(6));
    const Rect head = area.take_top(context.px(32));
    context.target("diagnosis/explained/" + e.reference, head);
    float right = head.right() - context.px(12 + 24);
    if (icon_button(context, "diagnosis/copy", ImVec2(right, head.y + context.px(4)), Icon::Copy, false,
                    "Copy the explanation as text"))
        ImGui::SetClipboardText(diagnosis::to_text(e).str().c_str());
    right -= context.px(10);
    const std::string short_name = std::string(e.reference.substr(0, e.reference.find('/') + 9));
    float x = p.text_cut(p.f().bold, head.x + context.px(16), right, head.y, head.h, c.t1, short_name) + context.px(10);
    if (e.stale) {
        ShortText text(e.stale_since != LocalTime{} ? "stale " : "stale");
        if (e.stale_since != LocalTime{}) text.append(age(context.now - e.stale_since, AgeUnits::Two));
        x = badge(context, x, head.y, head.h, Mark::Attention, text, c.att, c.tatt) + context.px(10);
    }
    // What the marks mean, where there is room behind the title.
    constexpr std::array<std::pair<diagnosis::Reached, std::string_view>, 4> legend_items = {
        {{diagnosis::Reached::Happened, "happened"},
         {diagnosis::Reached::DidNot, "did not"},
         {diagnosis::Reached::NotKnown, "not known"},
         {diagnosis::Reached::NotReached, "not reached"}}};
    float legend_w = 0;
    for (const auto& [reached, text] : legend_items)
        legend_w += context.px(12 + 5 + 14) + Painter::width(p.f().small, text);
    const bool legend = right - x > legend_w + context.px(140);
    x = p.text_cut(p.f().body, x, legend ? right - legend_w : right, head.y, head.h, c.t1, explanation_.title());
    if (legend) {
        float at = right - legend_w;
        for (const auto& [reached, text] : legend_items) {
            at = p.mark(reached_mark(reached), at, head.y, head.h) + context.px(5);
            at = p.text(p.f().small, at, head.y, head.h, c.t3, text) + context.px(14);
        }
    }
    area.take_top(context.px(4));
    const float verdict_h = context.px(86);
    Rect chain = area;
    chain.h = std::max(context.px(27) * diagnosis::station_count, area.h - verdict_h);
    const float bottom =
        area.w >= context.px(across) ? draw_chain(context, chain, e) : draw_chain_down(context, chain, e);
    area.take_top(bottom - area.y + context.px(12));
    const float end = draw_verdict(context, area, e.severity, e.verdict, e.because);
    area.take_top(end - area.y + context.px(8));
    draw_advice(context, area, e.advice, e.reference);
}

void DiagnosisView::draw(Context& context, Rect area) {
    refresh(context);
    DiagnosisState& state = context.ui.diagnosis;
    if (!offered_ && !list_.rows().empty()) { // the worst is shown unasked; once it is closed, the list has the view
        offered_ = true;
        if (state.incident == 0 && state.explained.empty() && !context.layout.narrow) select_row(context, 0);
    }
    header(context, area.take_top(context.px(40)));
    const IncidentPtr selected = selected_incident(context);
    const bool explains = !explanation_.empty();
    if (context.layout.narrow && (explains || (selected && state.opened))) {
        explains ? explanation(context, area) : episode_.draw(context, area, *selected);
        return;
    }
    compare_strip(context, area.take_top(context.px(28)));
    if (context.layout.narrow || (!explains && !selected)) {
        list(context, area);
        if (!context.layout.narrow && !list_.rows().empty() &&
            area.h > IncidentTable::height(context, list_.rows().size()) + context.px(120)) {
            empty_state(context, Rect{area.x, area.bottom() - context.px(60), area.w, context.px(40)},
                        "Select an incident, or a resource anywhere and press E.");
        }
        return;
    }
    const float rows = IncidentTable::height(context, std::max<std::size_t>(2, list_.rows().size())) + context.px(6);
    list(context, area.take_top(snap(std::min(rows, area.h * 0.30F))));
    if (explains)
        explanation(context, area);
    else
        episode_.draw(context, area, *selected);
}

bool DiagnosisView::draw_inspector(Context& context, Rect area) {
    const IncidentPtr incident = selected_incident(context);
    if (!incident) return false;
    inspector_.draw(context, area, incident);
    return true;
}

std::int64_t DiagnosisView::row_count(Context& context) {
    refresh(context);
    return static_cast<std::int64_t>(list_.rows().size());
}

std::optional<std::int64_t> DiagnosisView::selected_row(const Context& context) const {
    const auto place = list_.place_of(context.ui.diagnosis.incident);
    return place ? std::optional(static_cast<std::int64_t>(*place)) : std::nullopt;
}

void DiagnosisView::select_row(Context& context, std::int64_t row) {
    context.ui.diagnosis.incident = list_.rows()[static_cast<std::size_t>(row)]->number;
    context.ui.diagnosis.explained.clear();
    table_.grid().reveal(row);
}

// In a narrow window the episode takes the place of the list.
void DiagnosisView::open_selected(Context& context) {
    if (context.layout.narrow)
        context.ui.diagnosis.opened = true;
    else
        open_inspector(context);
}

void DiagnosisView::forget_moment() {
    renew(list_);
    renew(compared_);
    renew(episode_);
    renew(explanation_);
    renew(inspector_);
}

} // namespace fhirscope::gui
