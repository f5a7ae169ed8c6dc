#include "gui/views/log/sheets.hpp"

#include "gui/base/format.hpp"
#include "gui/views/log/colors.hpp"
#include "gui/views/log/columns.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr float sheet_head = 32, sheet_line = 24, rule_height = 32, pad = 14;
constexpr double notice_seconds = 20;

// A line with a tick box; true when it was clicked.
bool tick_line(Context& context, const std::string& name, const Rect& row, bool on, std::string_view label) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Hit state = hit(context, name, row);
    if (state.hovered) p.fill(row, c.hover);
    if (on) p.mark(Mark::Applied, row.x + context.px(pad), row.y, row.h);
    p.put(p.f().body, row.x + context.px(pad + 20), row.y, row.h, on ? c.t1 : c.t3, label);
    return state.clicked;
}

void head(const Context& context, Rect& rest, std::string_view title) {
    section_title(context, rest.take_top(context.px(sheet_head)), context.px(pad), title);
}

void explain(const Context& context, const Rect& row, std::string_view text, ImU32 color) {
    const Painter p(context.theme);
    p.text_cut(p.f().small, row.x + context.px(pad), row.right() - context.px(pad), row.y, row.h, color, text);
}

bool enter_pressed() {
    return ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false);
}

std::string shown_rows(std::size_t rows) {
    return std::string(number(static_cast<std::int64_t>(rows)).view()) + (rows == 1 ? " row" : " rows");
}

} // namespace

Rect LogSheets::place(const Context& context, const Rect& area, float width, float tall) const {
    const float w = std::min(context.px(width), area.w - context.px(16));
    const float h = std::min(tall, area.h - context.px(4));
    return {snap(area.right() - context.px(12) - w), area.y, w, h};
}

float LogSheets::height(const Context& context) const {
    const LogSettings& log = context.ui.log.settings;
    switch (context.ui.log.sheet) {
        case LogSheet::Menu:
            return context.px(sheet_head +
                              sheet_line * static_cast<float>(std::max<std::size_t>(1, log.filters.size()) + 4) + 16);
        case LogSheet::Save:
            return context.px(sheet_head + 32 + 20 + 36);
        case LogSheet::Rules:
            return context.px(sheet_head + rule_height * static_cast<float>(log.rules.size()) + 20 + 36 + 8);
        case LogSheet::Columns:
            return context.px(sheet_head + sheet_line * static_cast<float>(log_column_count) + 8);
        default:
            return context.px(sheet_head + 36 + 32 + 20 + 36);
    }
}

void LogSheets::draw(Context& context, const Shown& shown) {
    UiState& ui = context.ui;
    const LogExport::State now = export_.state();
    if (now == LogExport::State::Running) {
        context.redraw_within(std::chrono::milliseconds(50));
    } else if (seen_ == LogExport::State::Running) {
        ended_ = ImGui::GetTime();
        if (now == LogExport::State::Done && ui.log.sheet == LogSheet::SaveRows) ui.log.sheet = LogSheet::None;
    }
    seen_ = now;
    just_opened_ = ui.log.sheet != open_;
    open_ = ui.log.sheet;
    if (open_ == LogSheet::None) return;
    if (just_opened_ && open_ == LogSheet::SaveRows) path_ = folder_ + "/" + export_name(context.now, format_);
    if (just_opened_ && open_ == LogSheet::Save) name_.clear();
    const bool lists =
        std::any_of(inputs_.begin(), inputs_.end(), [](const auto& input) { return input->list_open(); });
    const float width = open_ == LogSheet::Rules ? 620.0F : open_ == LogSheet::Columns ? 240.0F : 440.0F;
    const Rect box = place(context, shown.area, width, height(context));
    context.target("log/sheet", box);
    begin_region("log-sheet", box);
    const Painter p(context.theme);
    p.fill(box, p.c().bg1, context.px(4));
    p.outline(box, p.c().line2, context.px(4));
    switch (open_) {
        case LogSheet::Menu:
            menu(context, box, shown);
            break;
        case LogSheet::Save:
            save(context, box, shown);
            break;
        case LogSheet::Rules:
            rules(context, box);
            break;
        case LogSheet::Columns:
            columns(context, box);
            break;
        default:
            save_rows(context, box, shown);
            break;
    }
    end_region();
    for (std::size_t i = 0; open_ == LogSheet::Rules && i < ui.log.settings.rules.size() && i < inputs_.size(); ++i)
        inputs_[i]->draw_list(context, ui.log.settings.rules[i].filter);
    // The frame in which it opened had the press that opened it; a rule's list may hang out of the box.
    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere = io.MouseClicked[0] && !box.contains(io.MousePos) && !lists;
    if (!just_opened_ && ui.log.sheet == open_ && (elsewhere || (ImGui::IsKeyPressed(ImGuiKey_Escape) && !lists)))
        ui.log.sheet = LogSheet::None;
}

void LogSheets::menu(Context& context, Rect rest, const Shown& shown) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    head(context, rest, "Saved filters");
    if (ui.log.settings.filters.empty())
        explain(context, rest.take_top(context.px(sheet_line)), "None yet. Save gives the filter above a name.", c.t3);
    std::size_t forget = SIZE_MAX;
    for (std::size_t i = 0; i < ui.log.settings.filters.size(); ++i) {
        const SavedFilter& saved = ui.log.settings.filters[i];
        const Rect row = rest.take_top(context.px(sheet_line));
        Rect name = row;
        const Rect cross = name.take_right(context.px(30));
        const Hit state = hit(context, "log/saved/" + saved.name, name);
        if (state.hovered) p.fill(row.inset(context.px(1)), c.hover);
        const bool on = ui.log.filter == saved.filter;
        if (on) p.mark(Mark::Applied, row.x + context.px(pad - 2), row.y, row.h);
        const float x = p.text_cut(p.f().body, row.x + context.px(pad + 18), row.x + row.w * 0.55F, row.y, row.h,
                                   on ? c.t1 : c.t2, saved.name);
        p.text_cut(p.f().mono_small, x + context.px(12), name.right(), row.y, row.h, c.t3, saved.filter);
        if (icon_button(context, "log/saved/" + saved.name + "/delete",
                        ImVec2(cross.x, row.y + (row.h - context.px(24)) / 2), Icon::Close, false,
                        "Delete this filter"))
            forget = i;
        if (state.clicked) {
            ui.log.filter = saved.filter;
            ui.log.sheet = LogSheet::None;
        }
    }
    if (forget < ui.log.settings.filters.size())
        ui.log.settings.filters.erase(ui.log.settings.filters.begin() + static_cast<std::ptrdiff_t>(forget));
    rest.take_top(context.px(4));
    p.hline(rest.x, rest.right(), rest.y, c.line);
    rest.take_top(context.px(4));
    const auto entry = [&](const char* name, std::string_view label, LogSheet sheet, bool possible) {
        const Rect row = rest.take_top(context.px(sheet_line));
        const Hit state = hit(context, name, row);
        if (state.hovered && possible) p.fill(row.inset(context.px(1)), c.hover);
        p.put(p.f().body, row.x + context.px(pad + 18), row.y, row.h, possible ? c.t2 : c.line3, label);
        if (state.clicked && possible) ui.log.sheet = sheet;
    };
    entry("log/menu/save", "Save this filter\u2026", LogSheet::Save, shown.filter_valid && !ui.log.filter.empty());
    entry("log/menu/rules", "Color rows\u2026", LogSheet::Rules, true);
    entry("log/menu/columns", "Choose columns\u2026", LogSheet::Columns, true);
    entry("log/menu/export", "Export " + shown_rows(shown.rows) + "\u2026", LogSheet::SaveRows, true);
}

void LogSheets::save(Context& context, Rect rest, const Shown& shown) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    head(context, rest, "Save the filter");
    const bool had_keyboard = ImGui::GetIO().WantTextInput;
    value_input(context, "log/save/name", rest.take_top(context.px(32)).inset(context.px(pad), context.px(4)), name_,
                InputState::Empty, just_opened_, p.f().body);
    const std::string name = name_.substr(std::min(name_.find_first_not_of(' '), name_.size()));
    const bool possible = shown.filter_valid && !ui.log.filter.empty();
    const SavedFilter* known = ui.log.settings.named(name);
    const std::string note = !possible          ? "The filter above is empty, or not understood."
                             : name.empty()     ? "A name for: " + ui.log.filter
                             : known == nullptr ? "For: " + ui.log.filter
                                                : "Takes the place of: " + known->filter;
    explain(context, rest.take_top(context.px(20)), note, possible ? c.t3 : c.err);
    const Rect foot = rest.take_top(context.px(36));
    float x = foot.x + context.px(pad);
    const bool pressed = button(context, "log/save/do", x, foot.y, foot.h, known == nullptr ? "Save filter" : "Replace",
                                {.kind = ButtonKind::Primary});
    if ((pressed || (had_keyboard && enter_pressed())) && possible && ui.log.settings.save(name, ui.log.filter))
        ui.log.sheet = LogSheet::None;
}

bool LogSheets::rule(Context& context, const Rect& row, std::size_t at) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    ColoringRule& rule = context.ui.log.settings.rules[at];
    const std::string name = "log/rule/" + std::to_string(at);
    Rect rest = row.inset(context.px(pad), context.px(3));
    const Rect box = rest.take_left(context.px(22));
    if (hit(context, name + "/on", box).clicked) rule.on = !rule.on;
    p.outline(Rect{box.x + context.px(1), box.y + context.px(6), context.px(14), context.px(14)}, c.line3,
              context.px(3));
    if (rule.on) p.mark(Mark::Applied, box.x + context.px(2), box.y, box.h);
    const Rect cross = rest.take_right(context.px(24));
    const Rect up = rest.take_right(context.px(24));
    Rect looks = rest.take_right(context.px(7 * 24 + 8));
    looks.take_left(context.px(8));
    for (std::size_t i = 0; i < rule_looks.size(); ++i) {
        const auto look = static_cast<RuleLook>(i);
        const Rect cell = looks.take_left(context.px(24));
        const Hit state = hit(context, name + "/look/" + std::string(rule_looks[i].first), cell);
        if (rule.look == look || state.hovered)
            p.fill(cell.inset(context.px(1), context.px(1)), rule.look == look ? c.sel : c.hover, context.px(3));
        const LookColors colors = look_colors(c, look);
        p.mark(colors.mark.value_or(Mark::Quiet), cell.x + context.px(6), cell.y, cell.h);
        if (state.hovered) tooltip(context, rule_looks[i].first);
        if (state.clicked) rule.look = look;
    }
    QueryInput& input = *inputs_[at];
    input.ask(rule.filter, query::update_fields());
    input.draw(context,
               {.name = (name + "/filter").c_str(), .rect = rest, .hint = "Filter of the rows", .escape_clears = false},
               rule.filter, query::update_fields(),
               [&](std::string_view field) { return query::known_values(context.snapshot, field); });
    const ImVec2 pos(up.x, row.y + (row.h - context.px(24)) / 2);
    if (at > 0 && icon_button(context, name + "/up", pos, Icon::StepBack, false, "Before the rule above"))
        std::swap(context.ui.log.settings.rules[at], context.ui.log.settings.rules[at - 1]);
    return icon_button(context, name + "/delete", ImVec2(cross.x, pos.y), Icon::Close, false, "Delete this rule");
}

void LogSheets::rules(Context& context, Rect rest) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    std::vector<ColoringRule>& all = context.ui.log.settings.rules;
    while (inputs_.size() < all.size()) inputs_.push_back(std::make_unique<QueryInput>());
    head(context, rest, "Color rows");
    std::size_t forget = SIZE_MAX;
    std::string problem;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (rule(context, rest.take_top(context.px(rule_height)), i)) forget = i;
        if (problem.empty() && !inputs_[i]->valid())
            problem = "Rule " + std::to_string(i + 1) + ": " + inputs_[i]->problem();
    }
    explain(
        context, rest.take_top(context.px(20)),
        !problem.empty() ? problem : "The first rule that matches a row counts. Colors mean what they mean everywhere.",
        problem.empty() ? c.t3 : c.err);
    const Rect foot = rest.take_top(context.px(36));
    float x = foot.x + context.px(pad);
    if (all.size() < LogSettings::most_rules && button(context, "log/rules/add", x, foot.y, foot.h, "Add a rule")) {
        all.push_back({inputs_.empty() && !context.ui.log.filter.empty() ? context.ui.log.filter : std::string(),
                       RuleLook::Attention, true});
    }
    x += context.px(8);
    if (button(context, "log/rules/close", x, foot.y, foot.h, "Close", {.kind = ButtonKind::Quiet}))
        context.ui.log.sheet = LogSheet::None;
    if (forget < all.size()) {
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(forget));
        inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(forget));
    }
}

void LogSheets::columns(Context& context, Rect rest) {
    head(context, rest, "Columns");
    LogSettings& log = context.ui.log.settings;
    const auto shown =
        std::count_if(log_columns.begin(), log_columns.end(), [&](const GridColumn& one) { return log.shows(one.id); });
    for (const GridColumn& column : log_columns) {
        const bool on = log.shows(column.id);
        if (tick_line(context, "log/column/" + std::string(column.id), rest.take_top(context.px(sheet_line)), on,
                      column.title) &&
            (!on || shown > 1))
            log.show(column.id, !on);
    }
}

void LogSheets::save_rows(Context& context, Rect rest, const Shown& shown) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    head(context, rest, "Export " + shown_rows(shown.rows));
    const Rect kinds = rest.take_top(context.px(36));
    constexpr std::array<SegmentItem, 2> formats = {{{"csv", "CSV"}, {"ndjson", "NDJSON"}}};
    const int clicked = segment(context, "log/export/format", kinds.x + context.px(pad), kinds.y, kinds.h, formats,
                                format_ == query::Format::Csv ? 0 : 1);
    if (clicked >= 0) {
        format_ = clicked == 0 ? query::Format::Csv : query::Format::Ndjson;
        const std::string ending = "." + std::string(query::format_names[static_cast<std::size_t>(format_)]);
        const std::size_t slash = path_.rfind('/');
        const std::size_t dot = path_.rfind('.');
        const bool has_ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
        path_ = path_.substr(0, has_ending ? dot : path_.size()) + ending;
    }
    const bool running = export_.state() == LogExport::State::Running;
    const bool failed = export_.state() == LogExport::State::Failed && export_.path() == path_;
    const bool had_keyboard = ImGui::GetIO().WantTextInput;
    value_input(context, "log/export/path", rest.take_top(context.px(32)).inset(context.px(pad), context.px(4)), path_,
                failed ? InputState::Invalid : InputState::Empty, false, p.f().mono);
    const Rect note = rest.take_top(context.px(20));
    if (failed) {
        explain(context, note, export_.problem(), c.err);
        if (note.contains(ImGui::GetIO().MousePos)) tooltip(context, export_.problem());
    } else {
        explain(context, note,
                running          ? notice(context)
                : shown.complete ? std::string("Only you can read the file. Oldest row first.")
                                 : std::string("The rest of the log is still looked through."),
                c.t3);
    }
    const Rect foot = rest.take_top(context.px(36));
    float x = foot.x + context.px(pad);
    if (running) {
        if (button(context, "log/export/cancel", x, foot.y, foot.h, "Cancel")) export_.cancel();
        return;
    }
    const bool pressed = button(context, "log/export/do", x, foot.y, foot.h, "Export " + shown_rows(shown.rows),
                                {.kind = ButtonKind::Primary});
    if ((pressed || (had_keyboard && enter_pressed())) && shown.complete && !path_.empty()) {
        export_.start(context.snapshot_ptr, *shown.conflicts, shown.numbers(), format_, path_);
        seen_ = LogExport::State::Running;
        context.redraw_within(std::chrono::milliseconds(20));
    }
}

std::string LogSheets::notice(Context& context) {
    switch (export_.state()) {
        case LogExport::State::Idle:
            return {};
        case LogExport::State::Running:
            return "Writing " + std::string(number(static_cast<std::int64_t>(export_.written())).view()) + " of " +
                   shown_rows(export_.total());
        default:
            break;
    }
    if (ImGui::GetTime() - ended_ > notice_seconds) return {};
    context.redraw_within(std::chrono::milliseconds(1000));
    return export_.state() == LogExport::State::Done ? shown_rows(export_.total()) + " written to " + export_.path()
                                                     : export_.problem();
}

} // namespace fhirscope::gui
