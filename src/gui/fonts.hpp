#pragma once

// Where the faces of the guide come from.

#include "gui/theme.hpp"

#include <filesystem>
#include <vector>

namespace fhirscope::gui {

// Where a face is looked for: in each of these first, then in what lies below them.
std::vector<std::filesystem::path> font_folders();

// As load_fonts() of theme.hpp, which takes font_folders().
Fonts load_fonts(ImFontAtlas& atlas, float scale, const std::vector<std::filesystem::path>& folders);

} // namespace fhirscope::gui
