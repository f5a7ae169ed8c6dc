#include "gui/ui/theme.hpp"

#include "fhir/json.hpp"
#include "fhir/json_place.hpp"
#include "files/regular_file.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr ImU32 rgb(std::uint32_t hex) {
    return IM_COL32((hex >> 16U) & 0xFFU, (hex >> 8U) & 0xFFU, hex & 0xFFU, 0xFFU);
}

constexpr std::uint64_t largest_theme = 1U << 20U; // the built-in ones have 2 KB

struct Role {
    const char* name;
    ImU32 Palette::*member;
};

constexpr Role roles[] = {
    {"bg0", &Palette::bg0},   {"bg1", &Palette::bg1},     {"bg2", &Palette::bg2},     {"hover", &Palette::hover},
    {"sel", &Palette::sel},   {"line", &Palette::line},   {"line2", &Palette::line2}, {"line3", &Palette::line3},
    {"t1", &Palette::t1},     {"t2", &Palette::t2},       {"t3", &Palette::t3},       {"t4", &Palette::t4},
    {"live", &Palette::live}, {"ok", &Palette::ok},       {"att", &Palette::att},     {"attm", &Palette::attm},
    {"err", &Palette::err},   {"con", &Palette::con},     {"tlive", &Palette::tlive}, {"tlive2", &Palette::tlive2},
    {"tok", &Palette::tok},   {"tatt", &Palette::tatt},   {"terr", &Palette::terr},   {"tcon", &Palette::tcon},
    {"s1", &Palette::s1},     {"s2", &Palette::s2},       {"s3", &Palette::s3},       {"s4", &Palette::s4},
    {"ink", &Palette::ink},   {"onatt", &Palette::onatt},
};

bool is_light(ImU32 color) {
    const ImVec4 v = ImGui::ColorConvertU32ToFloat4(color);
    return 0.299F * v.x + 0.587F * v.y + 0.114F * v.z > 0.5F;
}

} // namespace

const Palette& builtin_dark() {
    static const Palette dark = [] {
        Palette p{};
        p.bg0 = rgb(0x0D1014), p.bg1 = rgb(0x12161B), p.bg2 = rgb(0x191E25), p.hover = rgb(0x1A2028);
        p.sel = rgb(0x232B36), p.line = rgb(0x222831), p.line2 = rgb(0x38414D), p.line3 = rgb(0x6C7888);
        p.t1 = rgb(0xEDF0F4), p.t2 = rgb(0xC2C9D3), p.t3 = rgb(0x929CAA), p.t4 = rgb(0x828C9A);
        p.live = rgb(0x5CADFF), p.ok = rgb(0x4FC78E), p.att = rgb(0xE9B54D), p.attm = rgb(0xE9B54D);
        p.err = rgb(0xF5776F), p.con = rgb(0xC998F5);
        p.tlive = rgb(0x16293D), p.tlive2 = rgb(0x142030), p.tok = rgb(0x13251F), p.tatt = rgb(0x282318);
        p.terr = rgb(0x2C1C1E), p.tcon = rgb(0x241E31);
        p.s1 = rgb(0x35506E), p.s2 = rgb(0x4A83BF), p.s3 = rgb(0x5CADFF), p.s4 = rgb(0xC9E4FF);
        p.ink = rgb(0x0D1014), p.onatt = rgb(0x0D1014);
        p.g = {rgb(0x465060), rgb(0x27405C), rgb(0x2F5680), rgb(0x3C72AA), rgb(0x4C8ED2),
               rgb(0x69AEF5), rgb(0x98CAFB), rgb(0xC4E1FE), rgb(0x7E8897)};
        p.on = {rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0x0D1014),
                rgb(0x0D1014), rgb(0x0D1014), rgb(0x0D1014), rgb(0x0D1014)};
        return p;
    }();
    return dark;
}

bool parse_color(const std::string& text, ImU32& out) {
    if (text.size() != 7 || text[0] != '#') return false;
    std::uint32_t value = 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char ch = text[i];
        std::uint32_t digit = 0;
        if (ch >= '0' && ch <= '9')
            digit = static_cast<std::uint32_t>(ch - '0');
        else if (ch >= 'a' && ch <= 'f')
            digit = static_cast<std::uint32_t>(ch - 'a' + 10);
        else if (ch >= 'A' && ch <= 'F')
            digit = static_cast<std::uint32_t>(ch - 'A' + 10);
        else
            return false;
        value = value * 16U + digit;
    }
    out = rgb(value);
    return true;
}

ImU32 with_alpha(ImU32 color, float alpha) {
    const float a = alpha < 0.0F ? 0.0F : alpha > 1.0F ? 1.0F : alpha;
    const auto scaled = static_cast<ImU32>(std::lround(static_cast<float>(color >> IM_COL32_A_SHIFT) * a));
    return (color & ~IM_COL32_A_MASK) | (scaled << IM_COL32_A_SHIFT);
}

PaletteResult load_palette(const std::filesystem::path& file) {
    PaletteResult result{builtin_dark(), {}};
    const Result<std::string> text = files::read_whole(file, largest_theme);
    if (!text) {
        result.problem = text.error().message + " The built-in dark theme is used.";
        return result;
    }
    const Result<rapidjson::Document> doc = fhir::parse_json(*text);
    const auto place = [&](std::size_t offset) { return fhir::at_line(file.string(), *text, offset) + ": "; };
    if (!doc) {
        result.problem = place(doc.error().offset) + doc.error().message + "; the built-in dark theme is used.";
        return result;
    }
    if (!doc->IsObject() || !doc->HasMember("colors") || !(*doc)["colors"].IsObject()) {
        result.problem = place(0) + "a theme is an object with \"colors\"; the built-in dark theme is used.";
        return result;
    }
    const rapidjson::Value& colors = (*doc)["colors"];
    const auto set = [&](const std::string& role, ImU32& target) {
        const auto it = colors.FindMember(role.c_str());
        if (it == colors.MemberEnd()) return;
        if (!it->value.IsString() || !parse_color(it->value.GetString(), target)) {
            const std::size_t at = fhir::offset_of(*text, fhir::nearest(*text, {"colors", role}).text());
            result.problem = place(at) + "\"" + role + "\" is not a color like #12AB9F; the built-in one is used.";
        }
    };
    for (const Role& role : roles) set(role.name, result.palette.*role.member);
    for (std::size_t i = 0; i < result.palette.g.size(); ++i) {
        set("g" + std::to_string(i), result.palette.g[i]);
        set("on" + std::to_string(i), result.palette.on[i]);
    }
    result.palette.light = is_light(result.palette.bg1);
    return result;
}

float em_to_line_ratio(const std::vector<unsigned char>& b, int index) {
    const auto u16 = [&](std::size_t at) -> int { return at + 1 < b.size() ? (b[at] << 8) | b[at + 1] : 0; };
    const auto u32 = [&](std::size_t at) -> std::size_t {
        return (static_cast<std::size_t>(u16(at)) << 16U) | static_cast<std::size_t>(u16(at + 2));
    };
    const auto s16 = [&](std::size_t at) -> int { return static_cast<std::int16_t>(u16(at)); };
    int units = 0;
    int ascent = 0;
    int descent = 0;
    constexpr std::size_t collection = 0x74746366; // "ttcf"
    const std::size_t begin = u32(0) == collection ? u32(12 + 4 * static_cast<std::size_t>(index)) : 0;
    const int tables = u16(begin + 4);
    for (int i = 0; i < tables; ++i) {
        const std::size_t at = begin + 12 + static_cast<std::size_t>(i) * 16;
        if (at + 16 > b.size()) break;
        const std::string tag(reinterpret_cast<const char*>(&b[at]), 4);
        const std::size_t offset = u32(at + 8);
        if (tag == "head") {
            units = u16(offset + 18);
        } else if (tag == "hhea") {
            ascent = s16(offset + 4);
            descent = s16(offset + 6);
        }
    }
    if (units <= 0 || ascent - descent <= 0) return 1.0F;
    return static_cast<float>(ascent - descent) / static_cast<float>(units);
}

void apply_style(const Theme& theme) {
    ImGuiStyle& style = ImGui::GetStyle();
    style = ImGuiStyle();
    style.WindowPadding = ImVec2(0, 0);
    style.FramePadding = ImVec2(theme.px(9), theme.px(4));
    style.CellPadding = ImVec2(theme.px(6), 0);
    style.ItemSpacing = ImVec2(theme.px(8), theme.px(4));
    style.FrameRounding = theme.px(4);
    style.ScrollbarSize = theme.px(12);
    style.ScrollbarRounding = theme.px(3);
    style.PopupRounding = theme.px(4);
    style.WindowBorderSize = style.ChildBorderSize = style.FrameBorderSize = 0;
    style.PopupBorderSize = 1;
    style.HoverDelayNormal = 0.5F;
    // A large circle needs few segments to look round at this size; fewer vertices keep frames cheap.
    style.CircleTessellationMaxError = 0.25F;

    const Palette& c = theme.c;
    const auto set = [&](ImGuiCol slot, ImU32 color) { style.Colors[slot] = ImGui::ColorConvertU32ToFloat4(color); };
    set(ImGuiCol_Text, c.t2);
    set(ImGuiCol_TextDisabled, c.t3);
    set(ImGuiCol_WindowBg, c.bg0);
    set(ImGuiCol_ChildBg, IM_COL32_BLACK_TRANS);
    set(ImGuiCol_PopupBg, c.bg2);
    set(ImGuiCol_Border, c.line2);
    set(ImGuiCol_FrameBg, c.bg2);
    set(ImGuiCol_FrameBgHovered, c.bg2);
    set(ImGuiCol_FrameBgActive, c.bg2);
    set(ImGuiCol_ScrollbarBg, IM_COL32_BLACK_TRANS);
    set(ImGuiCol_ScrollbarGrab, c.line2);
    set(ImGuiCol_ScrollbarGrabHovered, c.line3);
    set(ImGuiCol_ScrollbarGrabActive, c.line3);
    set(ImGuiCol_TextSelectedBg, c.line2);
    set(ImGuiCol_NavHighlight, c.t1);
    set(ImGuiCol_Separator, c.line);
}

} // namespace fhirscope::gui
