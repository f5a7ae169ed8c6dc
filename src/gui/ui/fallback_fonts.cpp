#include "gui/ui/fallback_fonts.hpp"

#include "files/regular_file.hpp"
#include "gui/ui/fonts.hpp"

#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr std::size_t searches_at_once = 16;           // of a millisecond or two each
constexpr std::uint64_t largest_fallback = 64U << 20U; // Noto Sans CJK has 20 MB
// Scripts of few characters come in blocks of this size: a name of one brings the others at once.
constexpr char32_t block = 128;
constexpr char32_t first_of_many = 0x2E80; // from here on there are thousands of characters: Han, Hangul, …
constexpr char32_t replaced = 0xFFFD;

// What has no shape of its own: joiners, marks of direction, selectors of a variant.
bool is_invisible(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) ||
           c == 0xFEFF || c >= 0xE0000;
}

struct Destroy {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
    void operator()(FcCharSet* set) const { FcCharSetDestroy(set); }
};
using Pattern = std::unique_ptr<FcPattern, Destroy>;
using CharSet = std::unique_ptr<FcCharSet, Destroy>;

std::vector<ImWchar> ranges_of(const std::set<char32_t>& characters) {
    std::vector<ImWchar> ranges;
    for (const char32_t character : characters) {
        const auto code = static_cast<ImWchar>(character);
        if (!ranges.empty() && ranges.back() + 1 == code)
            ranges.back() = code;
        else
            ranges.insert(ranges.end(), {code, code});
    }
    ranges.push_back(0);
    return ranges;
}

} // namespace

void MissingGlyphs::note(char32_t character) {
    if (character != replaced && !is_invisible(character) && noted_.size() < most_kept &&
        noted_.insert(character).second)
        wanted_.insert(character);
}

std::optional<FontFile> find_system_font(char32_t character) {
    // Of our own: fontconfig never frees the one that it makes by itself.
    static const std::shared_ptr<FcConfig> config(FcInitLoadConfigAndFonts(), [](FcConfig* c) {
        if (c != nullptr) FcConfigDestroy(c);
    });
    if (!config) return std::nullopt;
    const CharSet wanted(FcCharSetCreate());
    const Pattern pattern(FcPatternCreate());
    if (!wanted || !pattern || FcCharSetAddChar(wanted.get(), character) == FcFalse) return std::nullopt;
    FcPatternAddCharSet(pattern.get(), FC_CHARSET, wanted.get());
    FcPatternAddBool(pattern.get(), FC_OUTLINE, FcTrue);
    FcPatternAddBool(pattern.get(), FC_COLOR, FcFalse); // pictures of emoji cannot be drawn
    FcPatternAddBool(pattern.get(), FC_VARIABLE, FcFalse);
    FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>("sans-serif"));
    FcConfigSubstitute(config.get(), pattern.get(), FcMatchPattern);
    FcDefaultSubstitute(pattern.get());
    FcResult result = FcResultMatch;
    const std::shared_ptr<FcPattern> found(FcFontMatch(config.get(), pattern.get(), &result), Destroy());
    FcCharSet* has = nullptr;
    FcChar8* path = nullptr;
    if (!found || FcPatternGetCharSet(found.get(), FC_CHARSET, 0, &has) != FcResultMatch ||
        FcCharSetHasChar(has, character) == FcFalse ||
        FcPatternGetString(found.get(), FC_FILE, 0, &path) != FcResultMatch)
        return std::nullopt; // the nearest font that there is has it not either
    FontFile file;
    file.path = reinterpret_cast<const char*>(path);
    FcPatternGetInteger(found.get(), FC_INDEX, 0, &file.index);
    file.index &= 0xFFFF; // above stands which instance of a variable font
    file.shows = [found, has](char32_t other) { return FcCharSetHasChar(has, other) == FcTrue; };
    return file;
}

FallbackFonts::Loaded* FallbackFonts::font_for(char32_t character) {
    for (const auto& [name, loaded] : files_)
        if (loaded->file.shows(character)) return loaded.get();
    if (files_.size() >= most_files) return nullptr;
    ++searches_;
    const auto file = finder_(character);
    if (!file) return nullptr;
    auto loaded = std::make_unique<Loaded>();
    loaded->file = *file;
    loaded->bytes = files::read_whole(file->path, largest_fallback).value_or("");
    const std::vector<unsigned char> bytes(loaded->bytes.begin(), loaded->bytes.end());
    if (!is_whole_font(bytes, file->index)) return nullptr;
    loaded->ratio = em_to_line_ratio(bytes, file->index);
    return files_.emplace(file->path + "#" + std::to_string(file->index), std::move(loaded)).first->second.get();
}

bool FallbackFonts::look_for(std::set<char32_t>& wanted) {
    std::set<Loaded*> changed;
    searches_ = 0;
    while (!wanted.empty() && searches_ < searches_at_once) {
        const char32_t character = wanted.extract(wanted.begin()).value();
        if (count_ >= most_characters) {
            problem_ = "More than " + std::to_string(most_characters) +
                       " different characters were drawn. What comes new is shown as a question mark.";
            continue;
        }
        Loaded* font = font_for(character);
        if (font == nullptr) {
            problem_ =
                "Some characters are in no font of this system, and are shown as a question mark. A package "
                "like fonts-noto-core or fonts-noto-cjk has them.";
            continue;
        }
        const char32_t first = character < first_of_many ? character / block * block : character;
        const char32_t last = character < first_of_many ? first + block - 1 : character;
        for (char32_t one = first; one <= last; ++one)
            count_ += font->file.shows(one) && font->characters.insert(one).second ? 1 : 0;
        changed.insert(font);
    }
    for (Loaded* font : changed) font->ranges = ranges_of(font->characters);
    return !changed.empty();
}

void FallbackFonts::merge_into(ImFontAtlas& atlas, float pixels) const {
    for (const auto& [name, loaded] : files_) {
        if (loaded->characters.empty()) continue;
        ImFontConfig config;
        config.MergeMode = true;
        config.FontNo = loaded->file.index;
        config.FontDataOwnedByAtlas = false;
        // ImGui only reads it.
        auto* bytes = const_cast<char*>(loaded->bytes.data());
        atlas.AddFontFromMemoryTTF(bytes, static_cast<int>(loaded->bytes.size()), pixels * loaded->ratio, &config,
                                   loaded->ranges.data());
    }
}

} // namespace fhirscope::gui
