#pragma once
// Where the faces of the guide come from.

#include "gui/ui/theme.hpp"

#include <filesystem>
#include <vector>

namespace fhirscope::gui {

class FallbackFonts;

// Where a face is looked for: in each of these first, then in what lies below them.
std::vector<std::filesystem::path> font_folders();

// As load_fonts() of theme.hpp, which takes font_folders(). `more`: merged into each of the faces; may be null, and
// must live as long as the atlas is used.
Fonts load_fonts(ImFontAtlas& atlas, float scale, const std::vector<std::filesystem::path>& folders,
                 const FallbackFonts* more = nullptr);

// ImGui's reader of fonts trusts what it reads: tables beyond the end of the file would be read. `index`: of the face
// in a collection.
bool is_whole_font(const std::vector<unsigned char>& font_file, int index);

} // namespace fhirscope::gui
