#include "gui/views/diagnosis/diagnosis_view.hpp"

#include "diagnosis/report.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/finding_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/diagnosis/explain_chain.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using diagnosis::Finding;
using diagnosis::FindingPtr;
using diagnosis::Severity;
using diagnosis::Verdict;

namespace {

enum FindingColumn : std::size_t { Level, Name, Facts, Affects, Since, Confidence, Confirmed, FindingColumnCount };

constexpr std::array<GridColumn, FindingColumnCount> finding_columns = {{{"mark", "", 26},
                                                                         {"finding", "Finding", 300, Align::Left, true},
                                                                         {"facts", "Evidence", 84},
                                                                         {"affects", "Affects", 64, Align::Right},
                                                                         {"since", "Since", 90, Align::Right},
                                                                         {"confidence", "Confidence", 112},
                                                                         {"check", "Confirmed by", 116}}};
constexpr std::array<std::size_t, 4> narrow_findings = {Level, Name, Affects, Since};
constexpr float wide_findings = 820; // all columns
constexpr float across = 900;        // narrower, the chain is drawn downwards

} // namespace

View::Badge DiagnosisView::rail_badge(const Context& context) const {
    const Palette& c = context.theme.c;
    const std::size_t errors = context.findings.count(Severity::Error);
    return {errors + context.findings.count(Severity::Attention), errors > 0 ? c.err : c.att};
}

void DiagnosisView::refresh(Context& context) {
    const bool closed = context.ui.diagnosis.closed;
    if (listed_revision_ != context.findings.revision() || listed_closed_ != closed) {
        listed_revision_ = context.findings.revision();
        listed_closed_ = closed;
        if (closed)
            rows_.assign(context.findings.closed().begin(), context.findings.closed().end());
        else
            rows_ = context.findings.open();
    }
    const std::string& about = context.ui.diagnosis.explained;
    if (about.empty()) {
        explained_ = nullptr;
        about_.clear();
        return;
    }
    const double now = ImGui::GetTime();
    const bool due = now - explained_at_ >= std::chrono::duration<double>(figure_step).count();
    if (about == about_ && (explained_ == context.snapshot_ptr || !due)) {
        if (explained_ != context.snapshot_ptr) context.redraw_within(figure_step);
        return;
    }
    const auto mode = context.findings.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    explanation_ = diagnosis::explain(context.snapshot, about, mode);
    const engine::RecordPtr record = explanation_.known ? context.snapshot.find(about) : nullptr;
    title_ = record != nullptr ? title_of(context.snapshot, *record) : std::string_view();
    if (title_ == about) title_.clear();
    about_ = about;
    explained_ = context.snapshot_ptr;
    explained_at_ = now;
}

void DiagnosisView::header(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(16);
    if (!context.layout.narrow) x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Diagnosis") + context.px(14);
    const auto count = [](std::string_view word, std::uint64_t n) {
        return ShortText(word).append(" ").append(number(static_cast<std::int64_t>(n)));
    };
    const ShortText open = count("Findings", context.findings.open().size());
    const ShortText closed = count("Resolved", context.findings.closed_count());
    const std::array<SegmentItem, 2> items = {{{"open", open}, {"closed", closed}}};
    const int clicked = segment(context, "diagnosis/segment", x, row.y, row.h, items, ui.diagnosis.closed ? 1 : 0);
    if (clicked >= 0) {
        ui.diagnosis.closed = clicked == 1;
        if (context.layout.narrow) ui.diagnosis.explained.clear();
        grid_.scroll_to_top();
    }
    x += segment_width(context, items, false) + context.px(12);

    float right = row.right() - context.px(12);
    if (can_send(context) && !context.layout.narrow) {
        right -= button_width(context, "Compare all");
        float at = right;
        if (button(context, "diagnosis/compare", at, row.y, row.h, "Compare all")) context.send(engine::Verify{});
        right -= context.px(10);
    }
    const float field_w = std::min(context.px(220), right - x);
    if (field_w < context.px(120)) return;
    const Rect field{right - field_w, row.y + context.px(8), field_w, context.px(24)};
    const bool focus = ui.focus_filter;
    ui.focus_filter = false;
    const InputState state = ui.diagnosis.explained.empty()                            ? InputState::Empty
                             : about_ == ui.diagnosis.explained && !explanation_.known ? InputState::Invalid
                                                                                       : InputState::Empty;
    text_input(context, "diagnosis/explain", field, ui.diagnosis.explained, "Task/id", Icon::Search, state,
               context.px(24), focus, p.f().mono);
    if (!ui.diagnosis.explained.empty()) {
        if (icon_button(context, "diagnosis/explain/clear", ImVec2(field.right() - context.px(24), field.y),
                        Icon::Close, false, "Back to the finding"))
            ui.diagnosis.explained.clear();
    } else {
        keycap(context, field.right() - context.px(6) - keycap_width(context, "E"), field.y, field.h, "E");
    }
    constexpr std::string_view caption_text = "Explain";
    const float caption = field.x - context.px(10) - Painter::width(p.f().body, caption_text);
    if (caption > x) p.put(p.f().body, caption, row.y, row.h, c.t3, caption_text);
}

void DiagnosisView::row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Finding& finding = *rows_[static_cast<std::size_t>(place)];
    grid_.row(context, place, {has_key(finding, context.ui.diagnosis.finding), 0, 0});
    ColumnPlaces places(narrow_, narrow_findings);
    if (const auto at = places.next(Level)) {
        const Rect cell = grid_.cell(*at);
        p.mark(finding_mark(finding), cell.x + context.px(8), cell.y, cell.h);
    }
    if (const auto at = places.next(Name)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const float x = p.text_cut(p.f().body, cell.x, cell.right(), cell.y, cell.h, c.t1, finding.title);
        if (!finding.subject.empty() && cell.right() - x > context.px(48))
            p.text_cut(p.f().mono_small, x + context.px(10), cell.right(), cell.y, cell.h, c.t3, finding.subject);
    }
    if (const auto at = places.next(Facts)) {
        ShortText text = number(static_cast<std::int64_t>(finding.count));
        grid_.text(context, *at, p.f().body, c.t3, text.append(finding.count == 1 ? " fact" : " facts"));
    }
    if (const auto at = places.next(Affects)) {
        const ShortText text = finding.affects > 0 ? number(static_cast<std::int64_t>(finding.affects)) : ShortText();
        grid_.text(context, *at, p.f().mono, c.t2, text);
    }
    if (const auto at = places.next(Since)) {
        const LocalTime until = finding.open() ? context.now : finding.closed;
        const Rect cell = grid_.cell(*at);
        grid_.text(context, *at, p.f().mono, c.t3,
                   finding.open() ? age(until - finding.since, AgeUnits::Two) : clock_s(wall(finding.closed)));
        if (grid_.row_hovered() && context.pointed_at(cell)) tooltip(context, utc_full(wall(finding.since)));
    }
    if (const auto at = places.next(Confidence)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const int full = std::clamp((finding.confidence + 10) / 20, 0, 5);
        for (int i = 0; i < 5; ++i) {
            p.fill(Rect{cell.x + context.px(8) * static_cast<float>(i), cell.y + cell.h / 2 - context.px(3),
                        context.px(6), context.px(6)},
                   i < full ? c.t2 : c.line2, context.px(1));
        }
        ShortText percent = number(finding.confidence);
        p.text_right(p.f().mono, cell.x + context.px(86), cell.y, cell.h, c.t3, percent.append("\u00A0%"));
    }
    if (const auto at = places.next(Confirmed)) {
        const Rect cell = grid_.cell_inner(context, *at);
        const bool done = finding.decisive.verdict == Verdict::Passed;
        const float x = p.mark(done ? Mark::Ok : Mark::Quiet, cell.x, cell.y, cell.h) + context.px(7);
        p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h, done ? c.t2 : c.t3,
                   done ? "done" : to_string(finding.decisive.verdict));
    }
}

void DiagnosisView::list(Context& context, const Rect& area) {
    narrow_ = area.w < context.px(wide_findings);
    std::array<GridColumn, FindingColumnCount> columns = finding_columns;
    if (context.ui.diagnosis.closed) columns[Since].title = "Closed";
    GridStyle style;
    style.row_height = 26;
    grid_.begin(context, "diagnosis", area, columns_for(narrow_, columns, narrow_findings),
                static_cast<std::int64_t>(rows_.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i);
    grid_.end(context);
    if (rows_.empty()) {
        const std::string_view sentence = context.ui.diagnosis.closed ? "No finding has closed yet."
                                          : context.snapshot.inputs == 0
                                              ? "Nothing has happened yet. Findings appear when a session runs."
                                              : "No problems found.";
        context.target("diagnosis/empty/" + std::string(sentence), grid_.body());
        empty_state(context, grid_.body(), sentence);
    }
    take_clicks(context, grid_);
}

void DiagnosisView::explanation(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const diagnosis::Explanation& e = explanation_;
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
    x = p.text_cut(p.f().body, x, legend ? right - legend_w : right, head.y, head.h, c.t1, title_);
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

void DiagnosisView::finding_text(Context& context, Rect area, const Finding& finding) {
    const Painter p(context.theme);
    p.hline(area.x, area.right(), area.y, p.c().line);
    area.take_top(context.px(12));
    const Severity severity = finding.open() ? finding.severity : Severity::Info;
    const float end = draw_verdict(context, area, severity, finding.title, finding.explanation);
    area.take_top(end - area.y + context.px(8));
    const std::string reference = first_resource(finding);
    if (!reference.empty()) {
        float x = area.x + context.px(12);
        const Rect row = area.take_top(context.px(30));
        const std::string label = "Explain " + reference.substr(0, reference.find('/') + 9);
        if (button(context, "diagnosis/explain-one", x, row.y, row.h, label))
            context.ui.diagnosis.explained = reference;
    }
    if (finding.open()) draw_advice(context, area, finding.advice, reference);
}

void DiagnosisView::draw(Context& context, Rect area) {
    refresh(context);
    if (!offered_ && !rows_.empty()) { // the worst is shown unasked; once it is closed, the list has the view
        offered_ = true;
        if (context.ui.diagnosis.finding.empty() && context.ui.diagnosis.explained.empty() && !context.layout.narrow)
            select_row(context, 0);
    }
    header(context, area.take_top(context.px(40)));
    const FindingPtr finding = selected_finding(context);
    const bool explains = explained_ != nullptr;
    if (explains && context.layout.narrow) {
        explanation(context, area);
        return;
    }
    if (explains || finding) {
        const float rows = context.px(22) + context.px(26) * static_cast<float>(std::max<std::size_t>(2, rows_.size()));
        list(context, area.take_top(snap(std::min(rows + context.px(8), area.h * (explains ? 0.30F : 0.5F)))));
        if (explains)
            explanation(context, area);
        else
            finding_text(context, area, *finding);
        return;
    }
    list(context, area);
    if (!rows_.empty() && area.h > context.px(26) * static_cast<float>(rows_.size()) + context.px(120)) {
        empty_state(context, Rect{area.x, area.bottom() - context.px(60), area.w, context.px(40)},
                    "Select a finding, or a resource anywhere and press E.");
    }
}

bool DiagnosisView::draw_inspector(Context& context, Rect area) {
    const FindingPtr finding = selected_finding(context);
    if (!finding) return false;
    inspector_.draw(context, area, *finding);
    return true;
}

std::int64_t DiagnosisView::row_count(Context& context) {
    refresh(context);
    return static_cast<std::int64_t>(rows_.size());
}

std::optional<std::int64_t> DiagnosisView::selected_row(const Context& context) const {
    const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const diagnosis::FindingPtr& finding) {
        return has_key(*finding, context.ui.diagnosis.finding);
    });
    return at == rows_.end() ? std::nullopt : std::optional<std::int64_t>(at - rows_.begin());
}

void DiagnosisView::select_row(Context& context, std::int64_t row) {
    context.ui.diagnosis.finding = finding_key(*rows_[static_cast<std::size_t>(row)]);
    context.ui.diagnosis.explained.clear();
    grid_.reveal(row);
}

} // namespace fhirscope::gui
