#pragma once
// Help (F1): the user guide with its contents and a search, and the page of keys, which is the command table.

#include "gui/frame/context.hpp"
#include "gui/frame/overlays/guide.hpp"
#include "gui/ui/grid.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace fhirscope::gui {

class HelpSheet {
public:
    HelpSheet();
    // Draws the sheet over `window` while context.ui.overlays.help.
    void draw(Context& context, const Rect& window);

private:
    void draw_guide(Context& context, Rect area);
    void draw_contents(Context& context, const Rect& area);
    void draw_text(Context& context, const Rect& area);
    void draw_keys(Context& context, const Rect& area);
    void search();
    void show_block(std::size_t block);
    float bottom() const { return lines_.empty() ? 0 : lines_.back().y + lines_.back().height; }

    const std::vector<GuideBlock> blocks_;
    std::vector<GuideLine> lines_;
    float laid_width_ = 0, laid_unit_ = 0;
    float scroll_ = 0;       // pixels of the text above what is shown
    std::ptrdiff_t to_ = -1; // block to be shown at the top as soon as the lines are known
    std::string text_, searched_;
    std::vector<std::size_t> found_; // blocks
    std::size_t at_ = 0;             // of them, the one that is shown
    bool was_open_ = false, again_ = false;
    Grid grid_;
};

} // namespace fhirscope::gui
