#include "gui/ui/draw.hpp"

#include "gui/ui/fallback_fonts.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace fhirscope::gui {

namespace {

// Calls `visit` with each line of a paragraph, broken at spaces where it would be wider than `width`.
template <class Visit>
void for_each_line(const ImFont* font, float width, std::string_view text, const Visit& visit) {
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    while (at < end) {
        const char* line_end = font->CalcWordWrapPositionA(1.0F, at, end, width);
        if (line_end == at) ++line_end; // one character wider than the area: go on rather than stop
        visit(std::string_view(at, static_cast<std::size_t>(line_end - at)));
        at = line_end;
        while (at < end && (*at == ' ' || *at == '\n')) ++at;
    }
}

constexpr std::string_view ellipsis = "…";

float centred(float y, float height, float size) { return std::floor(y + (height - size) / 2); }

} // namespace

Rect Rect::take_top(float height) {
    const Rect part{x, y, w, std::min(height, std::max(0.0F, h))};
    y += part.h;
    h -= part.h;
    return part;
}

Rect Rect::take_bottom(float height) {
    const float taken = std::min(height, std::max(0.0F, h));
    h -= taken;
    return {x, y + h, w, taken};
}

Rect Rect::take_left(float width) {
    const Rect part{x, y, std::min(width, std::max(0.0F, w)), h};
    x += part.w;
    w -= part.w;
    return part;
}

Rect Rect::take_right(float width) {
    const float taken = std::min(width, std::max(0.0F, w));
    w -= taken;
    return {x + w, y, taken, h};
}

void Painter::fill(const Rect& r, ImU32 color, float rounding) const {
    if (!r.empty()) list_->AddRectFilled(r.min(), r.max(), color, rounding);
}

void Painter::outline(const Rect& r, ImU32 color, float rounding) const {
    list_->AddRect(r.min(), r.max(), color, rounding, ImDrawFlags_None, std::max(1.0F, px(1)));
}

void Painter::hline(float x0, float x1, float y, ImU32 color) const {
    list_->AddRectFilled(ImVec2(x0, std::floor(y)), ImVec2(x1, std::floor(y) + std::max(1.0F, px(1))), color);
}

void Painter::vline(float x, float y0, float y1, ImU32 color) const {
    list_->AddRectFilled(ImVec2(std::floor(x), y0), ImVec2(std::floor(x) + std::max(1.0F, px(1)), y1), color);
}

void Painter::dashed_hline(float x0, float x1, float y, ImU32 color, float dash, float gap) const {
    for (float x = x0; x < x1; x += px(dash + gap)) hline(x, std::min(x + px(dash), x1), y, color);
}

void Painter::dashed_vline(float x, float y0, float y1, ImU32 color, float dash, float gap) const {
    for (float y = y0; y < y1; y += px(dash + gap)) vline(x, y, std::min(y + px(dash), y1), color);
}

float Painter::width(const ImFont* font, std::string_view text) {
    float width = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        unsigned code = static_cast<unsigned char>(*at);
        if (code < 32) // more than one line
            return font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, text.data(), end).x;
        at += code < 0x80 ? 1 : ImTextCharFromUtf8(&code, at, end);
        width += font->GetCharAdvance(static_cast<ImWchar>(code));
    }
    return width;
}

void Painter::need(const ImFont* font, std::string_view text) const {
    if (theme_->f.missing == nullptr) return;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        unsigned code = static_cast<unsigned char>(*at);
        at += code < 0x80 ? 1 : ImTextCharFromUtf8(&code, at, end);
        if (code >= 0x80 && font->FindGlyphNoFallback(static_cast<ImWchar>(code)) == nullptr)
            theme_->f.missing->note(code);
    }
}

// ImGui's own loop without what our text never needs (scaling, wrapping, lines, clipping above and below): most of a
// frame is text. Glyphs beside the clip rectangle are left out, as there.
void Painter::put(ImFont* font, float x, float y, float height, ImU32 color, std::string_view text) const {
    if (text.empty() || (color & IM_COL32_A_MASK) == 0) return;
    x = snap(x);
    y = centred(y, height, font->FontSize);
    const ImVec4& clip = list_->_CmdHeader.ClipRect;
    const auto most = static_cast<int>(text.size());
    list_->PrimReserve(most * 6, most * 4);
    ImDrawVert* vertex = list_->_VtxWritePtr;
    ImDrawIdx* index = list_->_IdxWritePtr;
    unsigned base = list_->_VtxCurrentIdx;
    int drawn = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    float pen = x;
    while (at < end) {
        unsigned code = static_cast<unsigned char>(*at);
        if (code < 32) {
            list_->PrimUnreserve(most * 6, most * 4);
            need(font, text);
            list_->AddText(font, font->FontSize, ImVec2(x, y), color, text.data(), end);
            return;
        }
        at += code < 0x80 ? 1 : ImTextCharFromUtf8(&code, at, end);
        const ImFontGlyph* glyph = font->FindGlyph(static_cast<ImWchar>(code));
        if (glyph == nullptr) continue;
        if (glyph == font->FallbackGlyph && theme_->f.missing != nullptr) theme_->f.missing->note(code);
        const float x0 = pen + glyph->X0;
        const float x1 = pen + glyph->X1;
        pen += glyph->AdvanceX;
        if (!glyph->Visible || x1 < clip.x) continue;
        if (x0 > clip.z) break;
        const float y0 = y + glyph->Y0;
        const float y1 = y + glyph->Y1;
        vertex[0] = {{x0, y0}, {glyph->U0, glyph->V0}, color};
        vertex[1] = {{x1, y0}, {glyph->U1, glyph->V0}, color};
        vertex[2] = {{x1, y1}, {glyph->U1, glyph->V1}, color};
        vertex[3] = {{x0, y1}, {glyph->U0, glyph->V1}, color};
        index[0] = static_cast<ImDrawIdx>(base);
        index[1] = static_cast<ImDrawIdx>(base + 1);
        index[2] = static_cast<ImDrawIdx>(base + 2);
        index[3] = static_cast<ImDrawIdx>(base);
        index[4] = static_cast<ImDrawIdx>(base + 2);
        index[5] = static_cast<ImDrawIdx>(base + 3);
        vertex += 4;
        index += 6;
        base += 4;
        ++drawn;
    }
    list_->_VtxWritePtr = vertex;
    list_->_IdxWritePtr = index;
    list_->_VtxCurrentIdx = base;
    list_->PrimUnreserve((most - drawn) * 6, (most - drawn) * 4);
}

float Painter::text(ImFont* font, float x, float y, float height, ImU32 color, std::string_view text) const {
    if (text.empty()) return x;
    put(font, x, y, height, color, text);
    return snap(x) + width(font, text);
}

float Painter::text_right(ImFont* font, float right, float y, float height, ImU32 color, std::string_view text) const {
    const float x = snap(right - width(font, text));
    put(font, x, y, height, color, text);
    return x;
}

void Painter::text_center(ImFont* font, float x, float w, float y, float height, ImU32 color,
                          std::string_view text) const {
    put(font, x + (w - width(font, text)) / 2, y, height, color, text);
}

float Painter::text_cut(ImFont* font, float x, float max_right, float y, float height, ImU32 color,
                        std::string_view text) const {
    const float room = max_right - x;
    if (text.empty() || room <= 0) return x;
    // One pass, no further than what fits: a cell may hold the beginning of a long text.
    const float dots = width(font, ellipsis);
    const char* const end = text.data() + text.size();
    const char* at = text.data();
    const char* kept = at; // what can stay where the ellipsis follows
    float w = 0, kept_w = 0;
    while (at < end) {
        unsigned code = static_cast<unsigned char>(*at);
        if (code == '\n') // the first line is what a cell shows
            break;
        at += code < 0x80 ? 1 : ImTextCharFromUtf8(&code, at, end);
        w += font->GetCharAdvance(static_cast<ImWchar>(code));
        if (w > room + 0.5F) break;
        if (w < room - dots) {
            kept = at;
            kept_w = w;
        }
    }
    if (at == end && w <= room + 0.5F) {
        put(font, x, y, height, color, text);
        return snap(x) + w;
    }
    put(font, x, y, height, color, text.substr(0, static_cast<std::size_t>(kept - text.data())));
    put(font, x + kept_w, y, height, color, ellipsis);
    return x + kept_w + dots;
}

float Painter::text_struck(ImFont* font, float x, float max_right, float y, float height, ImU32 color,
                           std::string_view text) const {
    const float end = text_cut(font, x, max_right, y, height, color, text);
    hline(snap(x), end, y + height / 2, color);
    return end;
}

float Painter::paragraph(ImFont* font, const Rect& area, float line_height, ImU32 color, std::string_view text) const {
    float y = area.y;
    for_each_line(font, area.w, text, [&](std::string_view line) {
        put(font, area.x, y, line_height, color, line);
        y += line_height;
    });
    return y;
}

float Painter::paragraph_height(const ImFont* font, float width, float line_height, std::string_view text) {
    float height = 0;
    for_each_line(font, width, text, [&](std::string_view /*line*/) { height += line_height; });
    return height;
}

float Painter::mark(Mark mark, float x, float y, float height) const {
    draw_mark(*list_, *theme_, mark, ImVec2(x, y + (height - px(mark_box)) / 2));
    return x + px(mark_box);
}

float Painter::icon(Icon icon, float x, float y, float height, ImU32 color) const {
    draw_icon(*list_, *theme_, icon, ImVec2(x, y + (height - px(icon_box)) / 2), color);
    return x + px(icon_box);
}

} // namespace fhirscope::gui
