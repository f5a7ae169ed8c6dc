#pragma once
// How a person set a panel up: columns, their order and widths, the sort order and the filter. A plain value that the
// settings file keeps; what it does not say is as the panel's definition says.

#include "engine/panel.hpp"
#include "gui/model/settings/settings.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::gui {

enum class SortOrder { Ascending, Descending, None };
inline constexpr std::array<std::pair<std::string_view, SortOrder>, 3> sort_orders = {
    {{"ascending", SortOrder::Ascending}, {"descending", SortOrder::Descending}, {"none", SortOrder::None}}};

// The least and the greatest width of a column, at scale 1.
inline constexpr float least_column_width = 28;
inline constexpr float most_column_width = 2000;

struct PanelSettings {
    struct ColumnSetting {
        std::string id;
        float width = 0; // at scale 1; 0: the definition's
        bool shown = true;

        template <class A>
        void archive(A& a) {
            a("id", id);
            a.number("width", width, 0.0F, most_column_width);
            a("shown", shown);
        }
        bool operator==(const ColumnSetting&) const = default;
    };
    // In display order. Empty: as defined. Columns that the definition has and this list has not follow behind, shown.
    std::vector<ColumnSetting> columns;
    std::string sort; // column id, or "freshness"; "": as defined
    SortOrder order = SortOrder::Ascending;
    std::string filter;

    template <class A>
    void archive(A& a) {
        a.list("columns", columns, 256); // a definition has at most 64
        a("sort", sort);
        a.choice("order", order, SettingsNames<SortOrder>(sort_orders));
        a("filter", filter);
    }
    bool operator==(const PanelSettings&) const = default;
};

// By the panel's id.
using PanelSettingsMap = std::map<std::string, PanelSettings, std::less<>>;

// The part of the settings file.
struct PanelsSettings {
    static constexpr std::string_view name = "panels";
    struct Entry {
        std::string panel; // id
        PanelSettings settings;

        template <class A>
        void archive(A& a) {
            a("panel", panel);
            settings.archive(a);
        }
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;

    static PanelsSettings of(const PanelSettingsMap& panels);
    PanelSettingsMap by_panel() const;

    template <class A>
    void archive(A& a) {
        a.list("entries", entries, 256);
    }
    bool operator==(const PanelsSettings&) const = default;
};

// The panel's columns in display order, those that are hidden among them.
struct ArrangedColumn {
    std::size_t column = 0; // of the definition
    float width = 0;        // at scale 1
    bool shown = true;
    bool sized = false; // by hand
};
std::vector<ArrangedColumn> arrange(const engine::PanelDefinition& panel, const PanelSettings& settings);
// Hides columns until the rest fits `width` (at scale 1): first those that a narrow window does not show, then others,
// the last first. Less than 0: just all of the first kind. The widest may be cut by half for the rest.
void hide_for_width(const engine::PanelDefinition& panel, std::vector<ArrangedColumn>& all, float width);

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
    SortOrder order = SortOrder::Ascending;
};
PanelSort sort_of(const engine::PanelDefinition& panel, const PanelSettings& settings);
// Ascending, then descending, then not at all.
void cycle_sort(const engine::PanelDefinition& panel, PanelSettings& settings, std::string_view column);

} // namespace fhirscope::gui
