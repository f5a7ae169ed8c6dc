#pragma once
// Colors by role and the faces of the type system (design guide, sections 2 and 5).
// A theme file is `{"name": "dark", "colors": {"bg0": "#0D1014", ...}}`; roles that it does not name keep
// the built-in dark value, so that a file of a newer or older version still opens.

#include "imgui.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace fhirscope::gui {

// Colors by role. What each role may be used for is fixed by the guide: color is spent on live, ok, attention,
// error and conflict only, and clinical content is never colored.
struct Palette {
    ImU32 bg0, bg1, bg2, hover, sel;
    ImU32 line, line2, line3;
    ImU32 t1, t2, t3, t4;
    ImU32 live, ok, att, attm, err, con;
    ImU32 tlive, tlive2, tok, tatt, terr, tcon;
    ImU32 s1, s2, s3, s4;
    ImU32 ink, onatt;
    std::array<ImU32, 9> g;  // stage ramp, Transport … Shown
    std::array<ImU32, 9> on; // text on the stage of the same index
    bool light = false;      // a few controls invert: segment track and active segment
};

const Palette& builtin_dark();

struct PaletteResult {
    Palette palette;
    std::string problem; // empty when the file was read; else what happened, to be shown once
};

// Reads a theme file. Never fails: the built-in dark palette stands in, and `problem` says why.
PaletteResult load_palette(const std::filesystem::path& file);

// "#RRGGBB" → opaque color; false when the text is something else.
bool parse_color(const std::string& text, ImU32& out);

// The same color with another alpha (0 … 1).
ImU32 with_alpha(ImU32 color, float alpha);

class MissingGlyphs; // fallback_fonts.hpp

// One face at one size. `size` is what ImGui calls the font size (ascent + descent), already scaled.
struct Fonts {
    ImFont* body = nullptr;       // Inter 13
    ImFont* bold = nullptr;       // Inter 600 13
    ImFont* cell = nullptr;       // Inter 12, dense tables
    ImFont* small = nullptr;      // Inter 11
    ImFont* small_bold = nullptr; // Inter 600 11, the timeline's title
    ImFont* mono = nullptr;       // JetBrains Mono 12
    ImFont* mono_small = nullptr; // JetBrains Mono 11
    ImFont* axis = nullptr;       // JetBrains Mono 10
    std::string notice;           // empty, or which face is missing and what stands in for it
    // Told which characters were to be drawn and are in none of the faces; null: nobody is.
    MissingGlyphs* missing = nullptr;
};

// Loads the faces found on this system into ImGui's atlas (which is cleared first) at `scale` times their size.
// Missing faces are replaced by ImGui's own, and `notice` says so. The caller uploads the texture afterwards.
Fonts load_fonts(ImFontAtlas& atlas, float scale);

// The em square's height over (ascent − descent): ImGui sizes a face by the latter, the guide by the former.
// Reads the `head` and `hhea` tables; 1 when the file is not a font. `index`: of the face in a collection.
float em_to_line_ratio(const std::vector<unsigned char>& font_file, int index = 0);

// To the nearest whole pixel. (std::round is a library call, and there are thousands a frame.)
inline float snap(float value) { return std::floor(value + 0.5F); }

// What drawing needs to know about looks: colors, faces and the scale of the user interface.
struct Theme {
    Palette c{};
    Fonts f{};
    float scale = 1.0F;

    // A length of the guide (at scale 1) in whole pixels of this window.
    float px(float length) const { return snap(length * scale); }
};

// ImGui's own style (scroll bars, text fields, tooltips) from the palette and the guide's section 15.
void apply_style(const Theme& theme);

} // namespace fhirscope::gui
