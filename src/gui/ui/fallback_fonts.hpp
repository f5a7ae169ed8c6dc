#pragma once
// Names are written in every script. Characters that the faces of the guide lack come from other fonts of this system,
// which fontconfig names, and are loaded when they are first drawn.

#include "gui/ui/theme.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::gui {

// Drawn, and not in the faces. What draws text notes it, each character once: one that no font has is no reason to draw
// another frame.
class MissingGlyphs {
public:
    static constexpr std::size_t most_kept = 20'000; // beyond these a character stays a question mark

    void note(char32_t character);
    bool empty() const { return wanted_.empty(); }
    std::set<char32_t>& wanted() { return wanted_; }

private:
    std::set<char32_t> noted_;  // all that ever were
    std::set<char32_t> wanted_; // of these: not looked for yet
};

struct FontFile {
    std::string path;
    int index = 0;                       // of the face in a collection
    std::function<bool(char32_t)> shows; // whether the face has this character
};
// A font of this system with this character; nothing where none has it.
using FontFinder = std::function<std::optional<FontFile>(char32_t)>;
std::optional<FontFile> find_system_font(char32_t character);

// Which characters come from which font.
class FallbackFonts {
public:
    static constexpr std::size_t most_characters = 8'000; // loaded, in each of the faces
    static constexpr std::size_t most_files = 16;

    explicit FallbackFonts(FontFinder finder = find_system_font) : finder_(std::move(finder)) {}

    // Takes those out that were looked for; what would take too long waits for the next frame. True: more can be shown
    // than before, and the faces are to be loaded again.
    bool look_for(std::set<char32_t>& wanted);
    // Into the face that was added last, at its size.
    void merge_into(ImFontAtlas& atlas, float pixels) const;
    // What cannot be shown, for people, once; "" for nothing new.
    std::string take_problem() { return std::exchange(problem_, {}); }

private:
    struct Loaded {
        FontFile file;
        std::string bytes;
        float ratio = 1.0F;
        std::set<char32_t> characters;
        std::vector<ImWchar> ranges; // of these; ends with 0
    };
    Loaded* font_for(char32_t character);

    FontFinder finder_;
    std::map<std::string, std::unique_ptr<Loaded>> files_; // by path and index; ImGui points into them
    std::size_t count_ = 0, searches_ = 0;                 // characters loaded; calls of the finder within this frame
    std::string problem_;
};

} // namespace fhirscope::gui
