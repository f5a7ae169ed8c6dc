#include "gui/ui/rich_text.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

// Calls visit(font, piece) for the pieces of `text` in one face; `name` goes on from piece to piece.
template <class Visit>
void each_piece(const RichFonts& fonts, std::string_view text, bool& name, Visit visit) {
    while (!text.empty()) {
        const std::size_t tick = text.find('`');
        const std::string_view piece = text.substr(0, tick);
        if (!piece.empty()) visit(name ? fonts.names : fonts.words, piece);
        if (tick == std::string_view::npos) return;
        name = !name;
        text.remove_prefix(tick + 1);
    }
}

float measure(const RichFonts& fonts, std::string_view text, bool name) {
    float width = 0;
    each_piece(fonts, text, name,
               [&](const ImFont* font, std::string_view piece) { width += Painter::width(font, piece); });
    return width;
}

} // namespace

float rich_paragraph(const Painter& p, const RichFonts& fonts, const Rect& area, float line_height, ImU32 color,
                     std::string_view text) {
    const float space = Painter::width(fonts.words, " ");
    float x = area.x;
    float y = area.y;
    bool name = false;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (x > area.x && x + measure(fonts, word, name) > area.right()) {
            x = area.x;
            y += line_height;
        }
        each_piece(fonts, word, name, [&](ImFont* font, std::string_view piece) {
            p.put(font, x, y, line_height, color, piece);
            x += Painter::width(font, piece);
        });
        x += space;
    }
    return y + line_height;
}

float rich_line(const Painter& p, const RichFonts& fonts, float x, float max_right, float y, float height, ImU32 color,
                std::string_view text) {
    bool name = false;
    bool cut = false;
    each_piece(fonts, text, name, [&](ImFont* font, std::string_view piece) {
        if (cut) return;
        const float w = Painter::width(font, piece);
        cut = x + w > max_right;
        if (!cut)
            p.put(font, x, y, height, color, piece);
        else
            x = p.text_cut(font, x, max_right, y, height, color, piece);
        x += cut ? 0 : w;
    });
    return x;
}

void rich_right(const Painter& p, const RichFonts& fonts, float least, float right, float y, float height, ImU32 color,
                ImU32 name_color, std::string_view text) {
    float x = snap(right - measure(fonts, text, false));
    if (x < least) return;
    bool name = false;
    each_piece(fonts, text, name, [&](ImFont* font, std::string_view piece) {
        p.put(font, x, y, height, font == fonts.names ? name_color : color, piece);
        x += Painter::width(font, piece);
    });
}

} // namespace fhirscope::gui
