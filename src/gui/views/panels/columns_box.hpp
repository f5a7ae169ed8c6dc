#pragma once
// The list of a panel's columns, over the panel: which are shown, in which order, how wide, and what it is sorted by.
// Opened by a right click on the header, by the button beside the filter, or by key; the keyboard does all of it.

#include "gui/frame/context.hpp"
#include "gui/model/settings/panel_settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

class ColumnsBox {
public:
    // `column`: the id of the header that was clicked, or `PanelSort::freshness`; "": none.
    void open(Context& context, std::string_view panel, ImVec2 at, std::string_view column);
    // The panel that it is open for; "" when it is closed.
    const std::string& panel() const { return panel_; }
    void close(Context& context);
    // Draws it and does what it is asked to. Afterwards the settings may have changed. `button`: opens and closes it.
    void draw(Context& context, const engine::PanelDefinition& panel, PanelSettings& settings, const Rect& window,
              const Rect& button);

private:
    struct Line {
        enum class Does { SortUp, SortDown, SortNone, Freshness, Column, Reset } does = Does::Column;
        std::size_t place = 0; // of a column, in arrange()
        std::string label, note;
        bool on = false;
    };
    std::vector<Line> lines(const engine::PanelDefinition& panel, const PanelSettings& settings) const;
    void keys(Context& context, const engine::PanelDefinition& panel, PanelSettings& settings,
              const std::vector<Line>& lines);
    void run(const engine::PanelDefinition& panel, PanelSettings& settings, const Line& line) const;

    std::string panel_, column_;
    ImVec2 at_{0, 0};
    std::size_t chosen_ = 0; // line under the keyboard
    bool opened_now_ = false;
};

} // namespace fhirscope::gui
