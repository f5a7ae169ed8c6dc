// Finding the faces of the guide on this system and baking them.

#include "gui/theme.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

namespace fhirscope::gui {

namespace {

namespace fs = std::filesystem;

// Debian's packages changed folders and file names over the years (fonts-inter 3 and 4, "Inter-" and "InterDisplay-"),
// so every known folder is tried before the whole font tree is searched.
constexpr const char* kFolders[] = {
    "/usr/share/fonts/opentype/inter",          "/usr/share/fonts/truetype/inter",
    "/usr/share/fonts/opentype/inter-font",     "/usr/share/fonts/truetype/jetbrains-mono",
    "/usr/share/fonts/opentype/jetbrains-mono", "/usr/local/share/fonts",
};

std::optional<fs::path> find_face(const std::string& stem) {
    std::error_code ignored;
    for (const char* folder : kFolders) {
        for (const char* ending : {".otf", ".ttf"}) {
            fs::path candidate = fs::path(folder) / (stem + ending);
            if (fs::is_regular_file(candidate, ignored)) {
                return candidate;
            }
        }
    }
    std::vector<fs::path> roots = {"/usr/share/fonts"};
    if (const char* home = std::getenv("HOME")) {
        roots.emplace_back(fs::path(home) / ".local/share/fonts");
        roots.emplace_back(fs::path(home) / ".fonts");
    }
    for (const fs::path& root : roots) {
        for (auto it = fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied, ignored);
             it != fs::recursive_directory_iterator(); it.increment(ignored)) {
            if (ignored) {
                break;
            }
            const fs::path& path = it->path();
            if (path.stem() == stem && (path.extension() == ".otf" || path.extension() == ".ttf")) {
                return path;
            }
        }
    }
    return std::nullopt;
}

// Latin for names of people, and the signs of the guide's section 5.
constexpr ImWchar kRanges[] = {
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
    std::optional<fs::path> path;
    float ratio = 1.0F;
};

Face prepare(const std::string& stem) {
    Face face{find_face(stem), 1.0F};
    if (face.path) {
        std::ifstream in(*face.path, std::ios::binary);
        const std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        face.ratio = em_to_line_ratio(bytes);
    }
    return face;
}

ImFont* add(ImFontAtlas& atlas, const Face& face, float em_pixels, float scale) {
    ImFontConfig config;
    config.OversampleH = 2;
    config.OversampleV = 1;
    const float pixels = std::round(em_pixels * scale); // whole ones: the face stays sharp
    if (face.path) {
        const std::string path = face.path->string();
        if (ImFont* font = atlas.AddFontFromFileTTF(path.c_str(), pixels * face.ratio, &config, kRanges)) {
            return font;
        }
    }
    config.SizePixels = std::round(std::max(13.0F, em_pixels) * scale);
    return atlas.AddFontDefault(&config);
}

} // namespace

Fonts load_fonts(ImFontAtlas& atlas, float scale) {
    atlas.Clear();
    atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
    const Face regular = prepare("Inter-Regular");
    const Face semibold = prepare("Inter-SemiBold");
    const Face mono = prepare("JetBrainsMono-Regular");

    Fonts fonts;
    fonts.body = add(atlas, regular, 13, scale);
    fonts.bold = add(atlas, semibold, 13, scale);
    fonts.cell = add(atlas, regular, 12, scale);
    fonts.small = add(atlas, regular, 11, scale);
    fonts.small_bold = add(atlas, semibold, 11, scale);
    fonts.mono = add(atlas, mono, 12, scale);
    fonts.mono_small = add(atlas, mono, 11, scale);
    fonts.axis = add(atlas, mono, 10, scale);

    const auto missing = [&](const Face& face, const char* name, const char* package) {
        if (!face.path) {
            fonts.notice += std::string(fonts.notice.empty() ? "" : " ") + name + " is not installed (package " +
                            package + "); a plain face stands in for it.";
        }
    };
    missing(regular, "Inter", "fonts-inter");
    missing(mono, "JetBrains Mono", "fonts-jetbrains-mono");
    return fonts;
}

} // namespace fhirscope::gui
