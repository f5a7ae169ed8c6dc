#pragma once
// Colors and faces of the window as the user wants them now: read when they change, between two frames.

#include "gui/model/notices.hpp"
#include "gui/ui/fallback_fonts.hpp"
#include "gui/ui/fonts.hpp"
#include "gui/ui/theme.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace fhirscope::gui {

class Looks {
public:
    // The folder with themes/, and those with fonts.
    explicit Looks(std::filesystem::path assets, std::vector<std::filesystem::path> fonts = font_folders(),
                   FontFinder finder = find_system_font)
        : assets_(std::move(assets)), fonts_(std::move(fonts)), fallback_(std::move(finder)) {}
    Looks(const Looks&) = delete; // what draws tells it what is missing
    Looks& operator=(const Looks&) = delete;

    // Not between NewFrame() and Render(). True: the font atlas was built anew, and its texture is out of date.
    // What could not be had goes to `notices`, and what can be had again leaves them.
    bool use(bool light, float scale, Notices& notices);
    // The last frame drew characters that are still to be loaded: use() does, before the next frame.
    bool lacks_glyphs() const { return !missing_.empty(); }

    const Theme& theme() const { return theme_; }

private:
    std::filesystem::path assets_;
    std::vector<std::filesystem::path> fonts_;
    FallbackFonts fallback_;
    MissingGlyphs missing_;
    Theme theme_;
    bool loaded_ = false, light_ = false;
};

} // namespace fhirscope::gui
