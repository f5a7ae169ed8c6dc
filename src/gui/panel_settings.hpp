#pragma once

// How a person set a panel up: columns, their order and widths, the sort order and the filter. A plain value that the
// settings file keeps; what it does not say is as the panel's definition says.

#include "engine/panel.hpp"
#include "fhir/result.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class SortOrder { ascending, descending, none };

struct PanelSettings {
    struct ColumnSetting {
        std::string id;
        float width = 0; // at scale 1; 0: the definition's
        bool shown = true;
        bool operator==(const ColumnSetting&) const = default;
    };
    // In display order. Empty: as defined. Columns that the definition has and this list has not follow behind, shown.
    std::vector<ColumnSetting> columns;
    std::string sort; // column id, or "freshness"; "": as defined
    SortOrder order = SortOrder::ascending;
    std::string filter;
    bool operator==(const PanelSettings&) const = default;
};

// By the panel's id.
using PanelSettingsMap = std::map<std::string, PanelSettings, std::less<>>;

// {"tasks":{"columns":[{"id":"due","width":90,"shown":false}],"sort":{"column":"due","order":"descending"},"filter":""}}
// Members that say what the definition says are left out.
std::string to_json(const PanelSettingsMap& panels);
// Errors: "panel-settings" (with the panel and the member that is wrong), or those of fhir::parse_json.
Result<PanelSettingsMap> parse_panel_settings(std::string_view json);

// The least and the greatest width of a column, at scale 1.
inline constexpr float kLeastColumnWidth = 28;
inline constexpr float kMostColumnWidth = 2000;

// The panel's columns in display order, those that are hidden among them.
struct ArrangedColumn {
    std::size_t column = 0; // of the definition
    float width = 0;        // at scale 1
    bool shown = true;
    bool sized = false; // by hand
};
std::vector<ArrangedColumn> arrange(const engine::PanelDefinition& panel, const PanelSettings& settings);

// Each leaves the settings as they were when there is nothing to change. `place`: in arrange().
// A panel keeps at least one column.
bool show_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, bool shown);
void move_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t from, std::size_t to);
void size_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, float width);
// Columns, widths, order and sort as defined; the filter stays.
void reset_columns(PanelSettings& settings);

// What a panel is sorted by now.
struct PanelSort {
    static constexpr std::string_view freshness = "freshness";
    std::string_view column; // id, `freshness`, or "" when the panel is not sorted
    SortOrder order = SortOrder::ascending;
};
PanelSort sort_of(const engine::PanelDefinition& panel, const PanelSettings& settings);
// Ascending, then descending, then not at all.
void cycle_sort(const engine::PanelDefinition& panel, PanelSettings& settings, std::string_view column);

} // namespace fhirscope::gui
