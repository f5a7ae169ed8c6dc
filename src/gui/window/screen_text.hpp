#pragma once
// What the window shows, as text: read back from what goes to the graphics driver, so that it is what a person can read
// there and nothing else. For tests that act like a person, and for tools that read a screen aloud.

#include "fhir/result.hpp"
#include "gui/ui/draw.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fhirscope::gui {

struct ScreenText {
    Rect rect; // pixels of the window
    std::string text;
};

// In the order in which it was drawn; what is cut off, transparent or covered by something opaque is left out. Words of
// one font that follow each other on a line are one text.
std::vector<ScreenText> screen_text(const ImDrawData& drawn, const ImFontAtlas& fonts);

// Replaces `file`, readable by its owner alone, at once: a reader has all of one frame. The first line is
// "frame", number, width and height, each other one x, y, width, height and text, separated by tabs. Errors: Write.
Result<void> write_screen_text(const std::filesystem::path& file, std::uint64_t frame, const ImDrawData& drawn,
                               const ImFontAtlas& fonts);

} // namespace fhirscope::gui
