#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr ImGuiWindowFlags region_flags =
    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoSavedSettings;

ImU32 lighter(const Palette& c, ImU32 color) { return color == c.bg2 ? c.sel : color; }

} // namespace

Hit hit(Frame& frame, std::string_view name, const Rect& rect, Overlap overlap) {
    if (rect.empty()) return {};
    frame.target(name, rect);
    // The name is not always terminated, so ids are made from its range.
    ImGui::PushID(name.data(), name.data() + name.size());
    ImGui::SetCursorScreenPos(rect.min());
    if (overlap == Overlap::Yes) ImGui::SetNextItemAllowOverlap();
    Hit result;
    result.clicked = ImGui::InvisibleButton("##hit", ImVec2(rect.w, rect.h));
    result.hovered = ImGui::IsItemHovered();
    result.held = ImGui::IsItemActive();
    result.pressed = ImGui::IsItemActivated();
    result.double_clicked = result.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    ImGui::PopID();
    return result;
}

void begin_region(const char* name, const Rect& rect) {
    ImGui::SetCursorScreenPos(rect.min());
    ImGui::BeginChild(name, ImVec2(std::max(1.0F, rect.w), std::max(1.0F, rect.h)), ImGuiChildFlags_None, region_flags);
}

void end_region() { ImGui::EndChild(); }

void tooltip(const Frame& frame, std::string_view text) {
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(frame.px(8), frame.px(5)));
    if (ImGui::BeginTooltip()) {
        ImGui::PushTextWrapPos(frame.px(360));
        ImGui::TextUnformatted(text.data(), text.data() + text.size());
        ImGui::PopTextWrapPos();
        ImGui::EndTooltip();
    }
    ImGui::PopStyleVar();
}

float button_width(const Frame& frame, std::string_view label, const ButtonOptions& options) {
    const Fonts& f = frame.theme.f;
    const ImFont* font = options.small ? f.small : options.kind == ButtonKind::Primary ? f.bold : f.body;
    const float icon = options.icon != nullptr ? frame.px(16 - 3 + 6) : 0;
    return std::ceil(Painter::width(font, label)) + icon + 2 * frame.px(options.small ? 7 : 9);
}

bool button(Frame& frame, std::string_view name, float& x, float y, float height, std::string_view label,
            const ButtonOptions& options) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    const float h = frame.px(options.small ? 20 : 24);
    const Rect rect{snap(x), std::floor(y + (height - h) / 2), button_width(frame, label, options), h};
    const Hit state = hit(frame, name, rect);

    ImU32 fill = 0;
    ImU32 color = options.color;
    switch (options.kind) {
        case ButtonKind::Primary:
            fill = c.t1;
            color = color != 0 ? color : c.bg0;
            break;
        case ButtonKind::Normal:
            fill = state.hovered ? lighter(c, c.bg2) : c.bg2;
            color = color != 0 ? color : c.t2;
            break;
        case ButtonKind::Quiet:
            fill = state.hovered ? c.bg2 : 0;
            color = color != 0 ? color : state.hovered ? c.t2 : c.t3;
            break;
    }
    if (state.held && options.kind != ButtonKind::Primary) fill = c.line2;
    if (fill != 0) p.fill(rect, fill, frame.px(4));
    const float pad = frame.px(options.small ? 7 : 9);
    float at = rect.x + pad;
    if (options.icon != nullptr) at = p.icon(*options.icon, at - frame.px(3), rect.y, rect.h, color) + frame.px(6);
    ImFont* font = options.small ? p.f().small : options.kind == ButtonKind::Primary ? p.f().bold : p.f().body;
    p.put(font, at, rect.y, rect.h, color, label);
    x = rect.right();
    return state.clicked;
}

bool icon_button(Frame& frame, std::string_view name, ImVec2 pos, Icon icon, bool on, std::string_view tip) {
    const Painter p(frame.theme);
    const Rect rect{pos.x, pos.y, frame.px(24), frame.px(24)};
    const Hit state = hit(frame, name, rect);
    if (on || state.hovered) p.fill(rect, p.c().bg2, frame.px(4));
    if (state.held) p.fill(rect, p.c().line2, frame.px(4));
    p.icon(icon, rect.x + frame.px(4), rect.y, rect.h, on ? p.c().t1 : state.hovered ? p.c().t2 : p.c().t3);
    if (state.hovered && !tip.empty()) tooltip(frame, tip);
    return state.clicked;
}

namespace {

float segment_item_width(const Frame& frame, const SegmentItem& item, bool small) {
    const ImFont* font = small ? frame.theme.f.small : frame.theme.f.body;
    return std::ceil(Painter::width(font, item.label)) + 2 * frame.px(small ? 7 : 9);
}

} // namespace

float segment_width(const Frame& frame, std::span<const SegmentItem> items, bool small) {
    float width = 2 * frame.px(small ? 1 : 2);
    for (const SegmentItem& item : items) width += segment_item_width(frame, item, small);
    return width;
}

int segment(Frame& frame, std::string_view name, float x, float y, float height, std::span<const SegmentItem> items,
            int active, bool small) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    const float h = frame.px(small ? 20 : 24);
    const float pad = frame.px(small ? 1 : 2);
    const Rect track{snap(x), std::floor(y + (height - h) / 2), segment_width(frame, items, small), h};
    p.fill(track, c.light ? c.line : c.bg2, frame.px(4));
    float at = track.x + pad;
    int clicked = -1;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Rect cell{at, track.y + pad, segment_item_width(frame, items[i], small), h - 2 * pad};
        std::string id(name);
        id.append("/").append(items[i].name);
        const Hit state = hit(frame, id, cell);
        const bool on = static_cast<int>(i) == active;
        if (on) p.fill(cell, c.light ? c.bg1 : c.line2, frame.px(3));
        p.text_center(small ? p.f().small : p.f().body, cell.x, cell.w, cell.y, cell.h,
                      on              ? c.t1
                      : state.hovered ? c.t2
                                      : c.t3,
                      items[i].label);
        if (state.clicked) clicked = static_cast<int>(i);
        at = cell.right();
    }
    return clicked;
}

int tabs(Frame& frame, std::string_view name, const Rect& area, std::span<const SegmentItem> items, int active) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.bottom() - frame.px(1), c.line);
    float at = area.x + frame.px(14);
    int clicked = -1;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const float w = std::ceil(Painter::width(p.f().body, items[i].label));
        std::string id(name);
        id.append("/").append(items[i].name);
        const Hit state = hit(frame, id, Rect{at - frame.px(6), area.y, w + frame.px(12), area.h});
        const bool on = static_cast<int>(i) == active;
        p.put(p.f().body, at, area.y, area.h - frame.px(1), on ? c.t1 : state.hovered ? c.t2 : c.t3, items[i].label);
        if (on) p.fill(Rect{at, area.bottom() - frame.px(2), w, frame.px(2)}, c.t1);
        if (state.clicked) clicked = static_cast<int>(i);
        at += w + frame.px(18);
    }
    return clicked;
}

void command_box(Frame& frame, std::string_view name, const Rect& rect, std::string_view command) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    const Hit state = hit(frame, name, rect);
    p.fill(rect, state.held ? c.line2 : state.hovered ? lighter(c, c.bg2) : c.bg2, frame.px(4));
    const float icon_x = rect.right() - frame.px(16 + 6);
    p.text_cut(p.f().mono_small, rect.x + frame.px(8), icon_x - frame.px(8), rect.y, rect.h, c.t2, command);
    p.icon(Icon::Copy, icon_x, rect.y, rect.h, state.hovered ? c.t1 : c.t3);
    if (state.hovered) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        tooltip(frame, "Copy: " + std::string(command));
    }
    if (state.clicked) ImGui::SetClipboardText(std::string(command).c_str());
}

float keycap_width(const Frame& frame, std::string_view text) {
    return std::ceil(Painter::width(frame.theme.f.mono_small, text)) + 2 * frame.px(5);
}

float keycap(const Frame& frame, float x, float y, float height, std::string_view text) {
    const Painter p(frame.theme);
    const float h = frame.px(18);
    const Rect rect{snap(x), std::floor(y + (height - h) / 2), keycap_width(frame, text), h};
    p.outline(rect, p.c().line2, frame.px(3));
    p.put(p.f().mono_small, rect.x + frame.px(5), rect.y, rect.h, p.c().t3, text);
    return rect.right();
}

float tag(const Frame& frame, float x, float y, float height, std::string_view text) {
    const Painter p(frame.theme);
    const float h = frame.px(16);
    const Rect rect{snap(x), std::floor(y + (height - h) / 2),
                    std::ceil(Painter::width(p.f().small, text)) + 2 * frame.px(5), h};
    p.fill(rect, p.c().bg2, frame.px(3));
    p.put(p.f().small, rect.x + frame.px(5), rect.y, rect.h, p.c().t3, text);
    return rect.right();
}

float badge(const Frame& frame, float x, float y, float height, Mark mark, std::string_view text, ImU32 color,
            ImU32 tint) {
    const Painter p(frame.theme);
    const float h = frame.px(18);
    const float w = frame.px(4 + 12 + 5 + 6) + std::ceil(Painter::width(p.f().cell, text));
    const Rect rect{snap(x), std::floor(y + (height - h) / 2), w, h};
    p.fill(rect, tint, frame.px(3));
    const float at = p.mark(mark, rect.x + frame.px(4), rect.y, rect.h) + frame.px(5);
    p.put(p.f().cell, at, rect.y, rect.h, color, text);
    return rect.right();
}

float section_title(const Frame& frame, const Rect& row, float padding, std::string_view title,
                    std::string_view count) {
    const Painter p(frame.theme);
    float x = p.text(p.f().bold, row.x + padding, row.y, row.h, p.c().t1, title);
    if (!count.empty()) x = p.text(p.f().mono, x + frame.px(10), row.y, row.h, p.c().t3, count);
    return x;
}

void key_value(const Frame& frame, const Rect& area, float& y, std::string_view key, std::string_view value,
               ImFont* value_font, ImU32 value_color) {
    const Painter p(frame.theme);
    const float h = frame.px(20);
    const float left = area.x + frame.px(14);
    const float right = area.right() - frame.px(14);
    const float key_end = p.text(p.f().cell, left, y, h, p.c().t3, key);
    ImFont* font = value_font != nullptr ? value_font : p.f().mono;
    const float room = right - key_end - frame.px(10);
    const float w = std::min(Painter::width(font, value), room);
    p.text_cut(font, right - w, right, y, h, value_color != 0 ? value_color : p.c().t2, value);
    y += h;
}

void empty_state(const Frame& frame, const Rect& area, std::string_view sentence) {
    const Painter p(frame.theme);
    p.text_center(p.f().body, area.x, area.w, area.y + area.h / 2 - frame.px(12), frame.px(24), p.c().t3, sentence);
}

namespace {

// It has a window of its own, over those of the tables and charts beside it, which would have the mouse otherwise.
Hit splitter(Frame& frame, const char* name, const Rect& rect) {
    begin_region(name, rect);
    const Hit state = hit(frame, name, rect);
    end_region();
    return state;
}

} // namespace

float horizontal_splitter(Frame& frame, const char* name, float x, float y, float width) {
    const Painter p(frame.theme);
    const Rect grip{snap(x + width / 2 - frame.px(12)), y + frame.px(2), frame.px(24), frame.px(2)};
    const Hit state = splitter(frame, name, Rect{x, y - frame.px(1), width, frame.px(7)});
    if (state.hovered || state.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
    p.fill(grip, state.hovered || state.held ? p.c().line3 : p.c().line2, frame.px(1));
    return state.held ? ImGui::GetIO().MouseDelta.y : 0;
}

float horizontal_splitter_line(Frame& frame, const char* name, float x, float y, float width) {
    const Hit state = splitter(frame, name, Rect{x, y - frame.px(3), width, frame.px(6)});
    if (state.hovered || state.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
    return state.held ? ImGui::GetIO().MouseDelta.y : 0;
}

float vertical_splitter(Frame& frame, const char* name, float x, float y, float height) {
    const Hit state = splitter(frame, name, Rect{x - frame.px(3), y, frame.px(7), height});
    if (state.hovered || state.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    return state.held ? ImGui::GetIO().MouseDelta.x : 0;
}

} // namespace fhirscope::gui
