#include "gui/window/looks.hpp"

namespace fhirscope::gui {

bool Looks::use(bool light, float scale, Notices& notices) {
    const bool more = fallback_.look_for(missing_.wanted());
    const bool fonts = !loaded_ || scale != theme_.scale || more;
    const bool palette = !loaded_ || light != light_;
    if (fonts) {
        theme_.scale = scale;
        theme_.f = load_fonts(*ImGui::GetIO().Fonts, scale, fonts_, &fallback_);
        theme_.f.missing = &missing_;
        if (!theme_.f.notice.empty())
            notices.add({Notice::Severity::Info, "fonts", "A font cannot be used.", theme_.f.notice, ""});
    }
    if (palette) {
        const char* file = light ? "light.json" : "dark.json";
        PaletteResult read = load_palette(assets_ / "themes" / file);
        theme_.c = read.palette;
        notices.dismiss_key("theme");
        if (!read.problem.empty()) {
            notices.add({Notice::Severity::Attention, "theme",
                         light ? "The light theme cannot be read as it is." : "The dark theme cannot be read as it is.",
                         read.problem, ""});
        }
    }
    if (fonts || palette) apply_style(theme_);
    if (const std::string problem = fallback_.take_problem(); !problem.empty())
        notices.add({Notice::Severity::Info, "glyphs", "Not all characters can be shown.", problem, ""});
    const bool again = fonts && loaded_;
    loaded_ = true;
    light_ = light;
    return again;
}

} // namespace fhirscope::gui
