// Finding the faces of the guide on this system and baking them.

#include "gui/ui/fonts.hpp"

#include "files/regular_file.hpp"
#include "gui/ui/fallback_fonts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace fhirscope::gui {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_font = 64U << 20U; // Inter has 0.8 MB, a face with every script 30

std::optional<fs::path> find_face(const std::string& stem, const std::vector<fs::path>& folders) {
    std::error_code ignored;
    for (const fs::path& folder : folders) {
        for (const char* ending : {".otf", ".ttf"}) {
            fs::path candidate = folder / (stem + ending);
            if (fs::is_regular_file(candidate, ignored)) return candidate;
        }
    }
    for (const fs::path& folder : folders) {
        for (auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored);
             it != fs::recursive_directory_iterator(); it.increment(ignored)) {
            if (ignored) break;
            const fs::path& path = it->path();
            if (it->is_regular_file(ignored) && path.stem() == stem &&
                (path.extension() == ".otf" || path.extension() == ".ttf"))
                return path;
        }
    }
    return std::nullopt;
}

// Latin for names of people, and the signs of the guide's section 5.
constexpr ImWchar ranges[] = {
    0x0020, 0x024F,                                                 // Latin, Latin-1, Extended A and B
    0x0370, 0x03FF,                                                 // Greek, for units and names
    0x0400, 0x045F,                                                 // Cyrillic
    0x2010, 0x2027,                                                 // dashes, quotes, bullet, …
    0x202F, 0x2030,                                                 // narrow no-break space, ‰
    0x2190, 0x2193,                                                 // arrows
    0x2212, 0x2212,                                                 // −
    0x2260, 0x2265,                                                 // ≠ ≤ ≥
    0x25B6, 0x25B6, 0x25BC, 0x25BC, 0x25CF, 0x25CF, 0xFFFD, 0xFFFD, // what replaces bytes that are not UTF-8
    0,
};

struct Face {
    std::optional<fs::path> path; // nothing where it cannot be used
    float ratio = 1.0F;
    std::string problem; // "" for none
};

Face prepare(const std::string& stem, const char* name, const char* package, const std::vector<fs::path>& folders) {
    Face face{find_face(stem, folders), 1.0F, ""};
    if (!face.path) {
        face.problem =
            std::string(name) + " is not installed (package " + package + "); a plain face stands in for it.";
        return face;
    }
    const std::string read = files::read_whole(*face.path, largest_font).value_or("");
    const std::vector<unsigned char> bytes(read.begin(), read.end());
    if (is_whole_font(bytes, 0)) {
        face.ratio = em_to_line_ratio(bytes);
        return face;
    }
    face.problem = face.path->string() + " is damaged or cannot be read (package " + package +
                   "); a plain face stands in for " + name + ".";
    face.path.reset();
    return face;
}

ImFont* add(ImFontAtlas& atlas, const Face& face, const FallbackFonts* more, float em_pixels, float scale) {
    ImFontConfig config;
    config.OversampleH = 2;
    config.OversampleV = 1;
    const float pixels = std::round(em_pixels * scale); // whole ones: the face stays sharp
    ImFont* font = nullptr;
    if (face.path) {
        const std::string path = face.path->string();
        font = atlas.AddFontFromFileTTF(path.c_str(), pixels * face.ratio, &config, ranges);
    }
    if (font == nullptr) {
        config.SizePixels = std::round(std::max(13.0F, em_pixels) * scale);
        font = atlas.AddFontDefault(&config);
    }
    if (more != nullptr) more->merge_into(atlas, pixels);
    return font;
}

} // namespace

bool is_whole_font(const std::vector<unsigned char>& b, int index) {
    const auto u32 = [&](std::size_t at) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8U | (at + i < b.size() ? b[at + i] : 0);
        return value;
    };
    constexpr std::size_t head = 12;
    constexpr std::size_t entry = 16;
    std::size_t begin = 0;
    if (u32(0) == 0x74746366) { // "ttcf", a collection
        if (index < 0 || static_cast<std::uint64_t>(index) >= u32(8)) return false;
        begin = u32(head + 4 * static_cast<std::size_t>(index));
    }
    if (b.size() < begin + head || (u32(begin) != 0x00010000 && u32(begin) != 0x4F54544F)) // TrueType, "OTTO"
        return false;
    const std::size_t tables = static_cast<std::size_t>(b[begin + 4]) * 256 + b[begin + 5];
    if (tables == 0 || b.size() < begin + head + tables * entry) return false;
    for (std::size_t at = begin + head; at < begin + head + tables * entry; at += entry)
        if (u32(at + 8) + u32(at + 12) > b.size()) return false;
    return true;
}

// Debian's packages changed folders and file names over the years (fonts-inter 3 and 4, "Inter-" and "InterDisplay-"),
// so every known folder is tried before the whole font tree is searched.
std::vector<fs::path> font_folders() {
    std::vector<fs::path> folders = {
        "/usr/share/fonts/opentype/inter",
        "/usr/share/fonts/truetype/inter",
        "/usr/share/fonts/opentype/inter-font",
        "/usr/share/fonts/truetype/jetbrains-mono",
        "/usr/share/fonts/opentype/jetbrains-mono",
        "/usr/local/share/fonts",
        "/usr/share/fonts",
    };
    if (const char* home = std::getenv("HOME")) {
        folders.push_back(fs::path(home) / ".local/share/fonts");
        folders.push_back(fs::path(home) / ".fonts");
    }
    return folders;
}

Fonts load_fonts(ImFontAtlas& atlas, float scale) { return load_fonts(atlas, scale, font_folders()); }

Fonts load_fonts(ImFontAtlas& atlas, float scale, const std::vector<fs::path>& folders, const FallbackFonts* more) {
    atlas.Clear();
    atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
    const Face regular = prepare("Inter-Regular", "Inter", "fonts-inter", folders);
    const Face semibold = prepare("Inter-SemiBold", "Inter SemiBold", "fonts-inter", folders);
    const Face mono = prepare("JetBrainsMono-Regular", "JetBrains Mono", "fonts-jetbrains-mono", folders);

    Fonts fonts;
    fonts.body = add(atlas, regular, more, 13, scale);
    fonts.bold = add(atlas, semibold, more, 13, scale);
    fonts.cell = add(atlas, regular, more, 12, scale);
    fonts.small = add(atlas, regular, more, 11, scale);
    fonts.small_bold = add(atlas, semibold, more, 11, scale);
    fonts.mono = add(atlas, mono, more, 12, scale);
    fonts.mono_small = add(atlas, mono, more, 11, scale);
    fonts.axis = add(atlas, mono, more, 10, scale);

    fonts.notice = regular.problem.empty() ? semibold.problem : regular.problem;
    fonts.notice += (fonts.notice.empty() || mono.problem.empty() ? "" : " ") + mono.problem;
    return fonts;
}

} // namespace fhirscope::gui
