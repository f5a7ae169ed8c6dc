#include "gui/views/start/start_page.hpp"

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr float start_label = 82;
constexpr float ways_height = 474; // height of the three ways at most
constexpr float recent = 182;
constexpr std::array<GridColumn, 4> recent_columns = {{{"source", "Source", 118},
                                                       {"name", "Name", 228},
                                                       {"place", "Server or file", 238, Align::Left, true},
                                                       {"began", "Started", 116}}};
constexpr std::array<GridColumn, 1> demo_column = {{{"demo", "", 100, Align::Left, true}}};
constexpr std::array<SegmentItem, 3> start_tabs = {
    {{"demo", "Demo"}, {"connect", "Connect"}, {"open", "Open a recording"}}};

std::string_view name_of(Source source) {
    return source == Source::Live ? "Live" : source == Source::Demo ? "Demo" : "Recording";
}

Icon icon_of(Source source) {
    return source == Source::Live ? Icon::Connections : source == Source::Demo ? Icon::Play : Icon::Recording;
}

} // namespace

void way_head(Context& context, const Rect& area, float& y, Icon icon, std::string_view title, std::string_view key,
              std::string_view lead) {
    const Painter p(context.theme);
    const float h = context.px(24);
    const float x = p.icon(icon, area.x, y, h, p.c().t3) + context.px(8);
    p.put(p.f().bold, x, y, h, p.c().t1, title);
    if (!key.empty()) keycap(context, area.right() - keycap_width(context, key), y, h, key);
    y += h + context.px(2);
    p.text_cut(p.f().body, area.x, area.right(), y, context.px(20), p.c().t3, lead);
    y += context.px(28);
}

bool field_entered() {
    return ImGui::IsItemDeactivated() &&
           (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false));
}

FieldUse labelled_field(Context& context, const Rect& area, float& y, std::string_view label, const char* name,
                        std::string& text, const char* hint, std::string_view problem, FieldKind kind,
                        bool take_focus) {
    const Painter p(context.theme);
    p.put(p.f().body, area.x, y, context.px(26), p.c().t3, label);
    const float left = area.x + context.px(start_label);
    const Rect field{left, y, std::max(context.px(60), area.right() - left), context.px(26)};
    const bool changed =
        field_input(context, name, field, text, hint, problem.empty() ? InputState::Empty : InputState::Invalid, kind,
                    take_focus, p.f().mono);
    const bool entered = field_entered();
    y += context.px(32);
    if (!problem.empty()) {
        const float h = context.px(14);
        p.mark(Mark::Error, left, y - context.px(4), h);
        p.text_cut(p.f().small, left + context.px(18), area.right(), y - context.px(4), h, p.c().err, problem);
        context.target(std::string(name) + "/problem", {left, y - context.px(4), field.w, h});
        y += context.px(14);
    }
    return {changed, entered};
}

bool action_button(Context& context, std::string_view name, float& x, float y, std::string_view label, bool enabled,
                   bool primary) {
    const ButtonOptions options{.kind = primary && enabled ? ButtonKind::Primary : ButtonKind::Normal,
                                .color = enabled ? 0 : context.theme.c.line3};
    return button(context, name, x, y, context.px(24), label, options) && enabled;
}

bool check_box(Context& context, std::string_view name, float x, float y, float height, bool on) {
    const Painter p(context.theme);
    const float side = context.px(14);
    const Rect box{snap(x), snap(y + (height - side) / 2), side, side};
    const Hit state = hit(context, name, box);
    if (on) {
        p.fill(box, p.c().t1, context.px(2));
        const float s = context.theme.scale;
        const std::array<ImVec2, 3> tick = {{{box.x + 3.5F * s, box.y + 7 * s},
                                             {box.x + 6 * s, box.y + 9.5F * s},
                                             {box.x + 10.5F * s, box.y + 4.5F * s}}};
        p.list().AddPolyline(tick.data(), 3, p.c().bg1, ImDrawFlags_None, 1.6F * s);
    } else {
        p.outline(box, state.hovered ? p.c().t2 : p.c().line3, context.px(2));
    }
    return state.clicked;
}

// What the settings and the program say, once: afterwards the form is the user's.
void StartPage::take_over(Context& context) {
    if (!taken_over_) {
        taken_over_ = true;
        form_ = form_of(context.ui.settings.get<ConnectSettings>(), *context.start);
        form_.secret.reserve(512); // so that typing leaves no copies behind
    }
    if (recent_revision_ != context.ui.settings.revision()) {
        recent_revision_ = context.ui.settings.revision();
        recent_ = context.ui.settings.get<RecentSettings>();
        chosen_ = std::min(chosen_, static_cast<std::int64_t>(recent_.entries.size()) - 1);
    }
    if (!context.ui.start.dropped.empty()) {
        path_ = std::exchange(context.ui.start.dropped, {});
        tab_ = 2;
        context.ui.requests.emplace_back(CheckPath{path_});
        if (!context.session.open && context.opening == nullptr) context.ui.requests.emplace_back(OpenRecording{path_});
    }
    check_ = check_form(form_, *context.start);
}

void StartPage::start_demo(Context& context) {
    std::uint64_t seed = 1;
    if (context.start != nullptr && demo_ < context.start->demos.size() && check_seed(seed_, seed).empty())
        context.ui.requests.emplace_back(OpenDemo{context.start->demos[demo_].name, seed});
}

void StartPage::draw_opening(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Opening& opening = *context.opening;
    p.hline(row.x, row.right(), row.bottom() - context.px(1), p.c().line);
    float x = p.mark(Mark::Checking, row.x + context.px(16), row.y, row.h) + context.px(8);
    float right = row.right() - context.px(16) - button_width(context, "Cancel");
    float at = right;
    if (button(context, "start/cancel", at, row.y, row.h, "Cancel")) context.ui.requests.emplace_back(CancelOpening{});
    ShortText figure;
    if (opening.of > 0) {
        figure = number(static_cast<std::int64_t>(opening.done));
        figure.append(" of ").append(number(static_cast<std::int64_t>(opening.of)));
    } else {
        figure = age(opening.elapsed);
    }
    right = p.text_right(p.f().mono, right - context.px(12), row.y, row.h, p.c().t3, figure) - context.px(12);
    p.text_cut(p.f().body, x, right, row.y, row.h, p.c().t2, opening.what);
    if (opening.of > 0) {
        const float done = std::min(1.0F, static_cast<float>(opening.done) / static_cast<float>(opening.of));
        p.fill(Rect{row.x, row.bottom() - context.px(2), snap(row.w * done), context.px(2)}, p.c().t3);
    }
    context.target("start/opening", row);
    context.redraw_within(std::chrono::milliseconds(250));
}

void StartPage::draw_demo(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    float y = area.y;
    if (abreast_) // else its tab says it
        way_head(context, area, y, Icon::Play, "Demo", "Ctrl D", "Synthetic patients, no network needed.");
    const auto& demos = context.start->demos;
    const float end = area.bottom() - context.px(24 + 40);
    constexpr float entry_height = 46;
    const float height = std::min(context.px(entry_height) * static_cast<float>(demos.size()), end - y);
    GridStyle style;
    style.row_height = entry_height;
    style.header = false;
    demos_.begin(context, "start/demos", Rect{area.x - context.px(8), y, area.w + context.px(16), height}, demo_column,
                 static_cast<std::int64_t>(demos.size()), style);
    for (std::int64_t place = demos_.first(); place < demos_.last(); ++place) {
        const auto i = static_cast<std::size_t>(place);
        const bool on = i == demo_;
        demos_.row(context, place, {on, 0, 0});
        const Rect& row = demos_.row_rect();
        context.target("start/demo/" + demos[i].name, row);
        const ImVec2 center(snap(row.x + context.px(15)), snap(row.y + context.px(14)));
        p.list().AddCircle(center, context.px(5.5F), on ? c.t1 : c.line3, 0, 1.2F * context.theme.scale);
        if (on) p.list().AddCircleFilled(center, context.px(3), c.t1);
        const float x = row.x + context.px(32);
        p.text_cut(p.f().body, x, row.right(), row.y + context.px(4), context.px(18), on ? c.t1 : c.t2, demos[i].title);
        p.text_cut(p.f().cell, x, row.right(), row.y + context.px(22), context.px(18), c.t3, demos[i].detail);
    }
    demos_.end(context);
    if (demos_.clicked() >= 0) demo_ = static_cast<std::size_t>(demos_.clicked());
    if (demos_.double_clicked() >= 0 && context.opening == nullptr) start_demo(context);
    y += height;
    std::uint64_t seed = 0;
    const std::string problem = check_seed(seed_, seed);
    y += context.px(6);
    Rect line = area;
    line.w = context.px(82 + 110);
    const FieldUse typed =
        labelled_field(context, line, y, "Seed", "start/seed", seed_, "", problem, FieldKind::Text, false);
    if (problem.empty()) {
        p.text_cut(p.f().small, line.right() + context.px(10), area.right(), y - context.px(32), context.px(26), c.t3,
                   "same seed, same run");
    }
    float x = area.x;
    const bool ready = problem.empty() && context.opening == nullptr && !demos.empty();
    if (action_button(context, "start/demo", x, area.bottom() - context.px(24), "Start demo", ready, false) ||
        (ready && typed.entered))
        start_demo(context);
}

void StartPage::draw_open(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    float y = area.y;
    if (abreast_)
        way_head(context, area, y, Icon::Sessions, "Open a recording", "Ctrl O", "Replay a recorded session.");
    const Rect drop{area.x, y, area.w, std::min(context.px(108), area.h / 3)};
    p.dashed_hline(drop.x, drop.right(), drop.y, c.line3, context.px(5), context.px(4));
    p.dashed_hline(drop.x, drop.right(), drop.bottom() - 1, c.line3, context.px(5), context.px(4));
    p.dashed_vline(drop.x, drop.y, drop.bottom(), c.line3, context.px(5), context.px(4));
    p.dashed_vline(drop.right() - 1, drop.y, drop.bottom(), c.line3, context.px(5), context.px(4));
    const float middle = drop.y + drop.h / 2;
    p.icon(Icon::Drop, drop.x + (drop.w - context.px(16)) / 2, middle - context.px(26), context.px(20), c.t3);
    p.text_center(p.f().body, drop.x, drop.w, middle, context.px(20), c.t1, "Drop a recording on the window");
    y = drop.bottom() + context.px(14);
    const bool checked = context.start->checked_path == path_;
    const std::string_view problem = checked && !path_.empty() ? context.start->path_problem : std::string_view();
    const FieldUse path = labelled_field(context, area, y, "Path", "start/path", path_, "/home/…/session.fhirscope",
                                         problem, FieldKind::Text, std::exchange(context.ui.start.focus_path, false));
    if (path.changed) context.ui.requests.emplace_back(CheckPath{path_});
    const auto kind = [&](std::string_view ending, std::string_view what) {
        p.put(p.f().mono, area.x, y, context.px(22), c.t1, ending);
        p.text_cut(p.f().cell, area.x + context.px(start_label), area.right(), y, context.px(22), c.t3, what);
        y += context.px(22);
    };
    kind(".fhirscope", "recorded here, replayed exactly");
    kind(".jsonl", "a transcript of another client's traffic");
    y += context.px(8);
    p.mark(Mark::Info, area.x, y, context.px(17));
    p.paragraph(p.f().cell, Rect{area.x + context.px(20), y, area.w - context.px(20), 0}, context.px(17), c.t3,
                "Tokens and secrets in a transcript are removed on reading, before anything is shown.");
    float x = area.x;
    const bool ready = !path_.empty() && checked && problem.empty() && context.opening == nullptr;
    if (action_button(context, "start/open", x, area.bottom() - context.px(24), "Open", ready, false) ||
        (path.entered && !path_.empty() && problem.empty() && context.opening == nullptr))
        context.ui.requests.emplace_back(OpenRecording{path_});
}

void StartPage::open_recent(Context& context, const RecentSettings::Entry& entry) {
    switch (entry.source) {
        case Source::Replay:
            path_ = entry.place;
            context.ui.requests.emplace_back(CheckPath{path_});
            context.ui.requests.emplace_back(OpenRecording{path_});
            return;
        case Source::Demo: {
            const auto& demos = context.start->demos;
            const auto same = [&](const DemoChoice& demo) { return demo.title == entry.title; };
            const auto found = std::find_if(demos.begin(), demos.end(), same);
            demo_ = found == demos.end() ? demo_ : static_cast<std::size_t>(found - demos.begin());
            seed_ = entry.place;
            start_demo(context);
            return;
        }
        case Source::Live:
            form_.url = entry.place;
            check_ = check_form(form_, *context.start);
            tab_ = 1;
            if (check_.ready) {
                connect(context);
            } else {
                focus_secret_ = form_.login == Login::Typed;
                focus_url_ = !focus_secret_;
            }
            return;
    }
}

void StartPage::draw_recent(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    const Rect head = area.take_top(context.px(32));
    const auto count = static_cast<std::int64_t>(recent_.entries.size());
    section_title(context, head, context.px(16), "Recent", count > 0 ? number(count) : ShortText());
    if (count == 0) {
        empty_state(context, area, "Nothing was opened yet. What is opened here is listed for the next time.");
        return;
    }
    if (!context.layout.narrow) {
        p.text_right(p.f().small, head.right() - context.px(12), head.y, head.h, c.t3,
                     "Enter opens, Delete forgets, files stay on disk");
    }
    grid_.begin(context, "start/recent", area, recent_columns, count, {});
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const RecentSettings::Entry& entry = recent_.entries[static_cast<std::size_t>(i)];
        grid_.row(context, i, {i == chosen_, 0, 0});
        const Rect cell = grid_.cell_inner(context, 0);
        const float x = p.icon(icon_of(entry.source), cell.x, cell.y, cell.h, c.t4) + context.px(8);
        p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h, c.t3, name_of(entry.source));
        grid_.text(context, 1, p.f().body, c.t1, entry.title);
        grid_.text(context, 2, p.f().mono, c.t3, entry.source == Source::Demo ? "seed " + entry.place : entry.place);
        if (entry.began > 0) {
            const WallTime began{std::chrono::seconds(entry.began)};
            grid_.text(context, 3, p.f().mono, c.t3, clock_or_date(began, wall(context.now)));
        }
    }
    grid_.end(context);
    if (grid_.clicked() >= 0) chosen_ = grid_.clicked();
    const bool keys = !ImGui::GetIO().WantTextInput && !context.ui.overlays.palette && chosen_ >= 0 && chosen_ < count;
    if (keys && ImGui::IsKeyPressed(ImGuiKey_DownArrow)) chosen_ = std::min(chosen_ + 1, count - 1);
    if (keys && ImGui::IsKeyPressed(ImGuiKey_UpArrow)) chosen_ = std::max<std::int64_t>(chosen_ - 1, 0);
    if (keys && ImGui::IsKeyPressed(ImGuiKey_Delete)) {
        recent_.entries.erase(recent_.entries.begin() + chosen_);
        context.ui.settings.put(recent_);
    } else if (context.opening == nullptr &&
               (grid_.double_clicked() >= 0 || (keys && ImGui::IsKeyPressed(ImGuiKey_Enter, false)))) {
        const RecentSettings::Entry entry = recent_.entries[static_cast<std::size_t>(chosen_)];
        open_recent(context, entry);
    }
}

void StartPage::draw(Context& context, Rect area) {
    take_over(context);
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect head = area.take_top(px(40));
    p.hline(head.x, head.right(), head.bottom() - px(1), c.line);
    float x = p.text(p.f().bold, head.x + px(16), head.y, head.h, c.t1, "Start") + px(10);
    float right =
        p.text_right(p.f().small, head.right() - px(12), head.y, head.h, c.t3, "fhirscope " + context.start->version) -
        px(12);
    if (context.session.open) {
        right -= button_width(context, "Close the session");
        float at = right;
        if (button(context, "start/close", at, head.y, head.h, "Close the session"))
            context.ui.requests.emplace_back(CloseSession{});
        right -= px(12);
    }
    p.text_cut(p.f().body, x, right, head.y, head.h, c.t3,
               context.session.open ? "Opening another session closes this one" : "Choose where the updates come from");
    if (context.opening != nullptr) draw_opening(context, area.take_top(px(32)));

    abreast_ = !context.layout.narrow && area.h >= px(420);
    if (!abreast_) {
        const Rect bar = area.take_top(px(32));
        if (const int tab = tabs(context, "start/tab", bar, start_tabs, tab_); tab >= 0) tab_ = tab;
        if (context.ui.start.focus_path) tab_ = 2;
    }
    const float least = px(abreast_ ? 330 : 300);
    const float height = std::min(px(ways_height), std::max(least, area.h - px(recent)));
    Rect ways = area.take_top(std::min(height, area.h));
    const auto way = [&](Rect part) { return part.inset(px(16), px(12)); };
    if (abreast_) {
        const Rect demo = ways.take_left(snap(ways.w * 0.27F));
        const Rect server = ways.take_left(snap(ways.w * 0.56F));
        p.vline(demo.right() - px(1), demo.y, demo.bottom(), c.line);
        p.vline(server.right() - px(1), server.y, server.bottom(), c.line);
        draw_demo(context, way(demo));
        draw_connect(context, way(server));
        draw_open(context, way(ways));
    } else if (tab_ == 0) {
        draw_demo(context, way(ways));
    } else if (tab_ == 1) {
        draw_connect(context, way(ways));
    } else {
        draw_open(context, way(ways));
    }
    if (area.h >= px(70)) draw_recent(context, area);
}

} // namespace fhirscope::gui
