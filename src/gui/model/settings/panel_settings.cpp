#include "gui/model/settings/panel_settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace fhirscope::gui {

namespace {

using ColumnSetting = PanelSettings::ColumnSetting;

std::optional<std::size_t> column_of(const engine::PanelDefinition& panel, std::string_view id) {
    for (std::size_t i = 0; i < panel.columns.size(); ++i)
        if (panel.columns[i].id == id) return i;
    return std::nullopt;
}

// Writes an arrangement into the settings, with every column named: a later definition may have others.
void keep(const engine::PanelDefinition& panel, PanelSettings& settings, const std::vector<ArrangedColumn>& all) {
    settings.columns.clear();
    for (const ArrangedColumn& one : all)
        settings.columns.push_back({panel.columns[one.column].id, one.sized ? one.width : 0, one.shown});
}

} // namespace

PanelsSettings PanelsSettings::of(const PanelSettingsMap& panels) {
    PanelsSettings part;
    for (const auto& [panel, settings] : panels)
        if (!(settings == PanelSettings{})) part.entries.push_back({panel, settings});
    return part;
}

PanelSettingsMap PanelsSettings::by_panel() const {
    PanelSettingsMap panels;
    for (const Entry& entry : entries) panels.insert_or_assign(entry.panel, entry.settings);
    return panels;
}

std::vector<ArrangedColumn> arrange(const engine::PanelDefinition& panel, const PanelSettings& settings) {
    std::vector<ArrangedColumn> all;
    std::vector<bool> named(panel.columns.size(), false);
    for (const ColumnSetting& setting : settings.columns) {
        const auto column = column_of(panel, setting.id);
        if (!column || named[*column]) continue; // the definition has changed since
        named[*column] = true;
        const bool sized = setting.width > 0;
        all.push_back(
            {*column,
             sized ? std::max(setting.width, least_column_width) : static_cast<float>(panel.columns[*column].width),
             setting.shown, sized});
    }
    for (std::size_t i = 0; i < panel.columns.size(); ++i)
        if (!named[i]) all.push_back({i, static_cast<float>(panel.columns[i].width), true, false});
    if (!all.empty() && std::none_of(all.begin(), all.end(), [](const auto& one) { return one.shown; }))
        all.front().shown = true;
    return all;
}

void hide_for_width(const engine::PanelDefinition& panel, std::vector<ArrangedColumn>& all, float width) {
    float needed = 0;
    float widest = 0;
    int shown = 0;
    for (const ArrangedColumn& one : all) {
        shown += one.shown ? 1 : 0;
        needed += one.shown ? one.width : 0;
        widest = std::max(widest, one.shown && !one.sized ? one.width : 0);
    }
    for (const bool narrow : {false, true}) {
        for (auto one = all.rbegin(); one != all.rend() && shown > 1 && needed - widest / 2 > width; ++one) {
            if (one->shown && panel.columns[one->column].narrow == narrow && (!narrow || width >= 0)) {
                one->shown = false;
                --shown;
                needed -= one->width;
            }
        }
    }
}

bool show_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, bool shown) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (place >= all.size() || all[place].shown == shown) return false;
    if (!shown && std::count_if(all.begin(), all.end(), [](const auto& one) { return one.shown; }) == 1) return false;
    all[place].shown = shown;
    keep(panel, settings, all);
    return true;
}

void move_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t from, std::size_t to) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (from >= all.size() || to >= all.size() || from == to) return;
    const ArrangedColumn moved = all[from];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(from));
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(to), moved);
    keep(panel, settings, all);
}

void size_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, float width) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (place >= all.size()) return;
    all[place].width = std::clamp(std::round(width), least_column_width, most_column_width);
    all[place].sized = true;
    keep(panel, settings, all);
}

void reset_columns(PanelSettings& settings) {
    settings.columns.clear();
    settings.sort.clear();
    settings.order = SortOrder::Ascending;
}

PanelSort sort_of(const engine::PanelDefinition& panel, const PanelSettings& settings) {
    if (settings.order == SortOrder::None) return {"", SortOrder::None};
    const auto sortable = [&](std::string_view id) {
        const auto column = column_of(panel, id);
        // What no resource holds ("derived:…") has no order of its own.
        return column && panel.columns[*column].path.rfind("derived:", 0) != 0;
    };
    if (settings.sort == PanelSort::freshness || sortable(settings.sort)) return {settings.sort, settings.order};
    if (sortable(panel.sort)) return {panel.sort, SortOrder::Ascending};
    return {PanelSort::freshness, SortOrder::Ascending};
}

void cycle_sort(const engine::PanelDefinition& panel, PanelSettings& settings, std::string_view column) {
    const PanelSort now = sort_of(panel, settings);
    if (now.order == SortOrder::None || now.column != column)
        settings.order = SortOrder::Ascending;
    else
        settings.order = now.order == SortOrder::Ascending ? SortOrder::Descending : SortOrder::None;
    settings.sort = column;
}

} // namespace fhirscope::gui
