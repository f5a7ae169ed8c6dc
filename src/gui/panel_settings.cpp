#include "gui/panel_settings.hpp"

#include "fhir/json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace fhirscope::gui {

namespace {

using ColumnSetting = PanelSettings::ColumnSetting;

constexpr std::array<std::string_view, 3> kOrders = {"ascending", "descending", "none"};
constexpr std::size_t kMostColumns = 256; // of a settings file: a definition has at most 64

Result<ColumnSetting> column_from(const rapidjson::Value& json, const std::string& where) {
    if (!json.IsObject()) {
        return fail("panel-settings", where + " must be an object");
    }
    ColumnSetting column;
    column.id = fhir::string_at(json, "id");
    if (column.id.empty()) {
        return fail("panel-settings", where + " needs \"id\"");
    }
    if (const auto width = json.FindMember("width"); width != json.MemberEnd()) {
        if (!width->value.IsNumber() || !(width->value.GetDouble() >= kLeastColumnWidth) ||
            !(width->value.GetDouble() <= kMostColumnWidth)) {
            return fail("panel-settings", where + ": \"width\" must be a number from 28 to 2000");
        }
        column.width = static_cast<float>(width->value.GetDouble());
    }
    if (const auto shown = json.FindMember("shown"); shown != json.MemberEnd()) {
        if (!shown->value.IsBool()) {
            return fail("panel-settings", where + ": \"shown\" must be true or false");
        }
        column.shown = shown->value.GetBool();
    }
    return column;
}

Result<PanelSettings> panel_from(const rapidjson::Value& json, const std::string& where) {
    if (!json.IsObject()) {
        return fail("panel-settings", where + " must be an object");
    }
    PanelSettings settings;
    if (const auto columns = json.FindMember("columns"); columns != json.MemberEnd()) {
        if (!columns->value.IsArray() || columns->value.Size() > kMostColumns) {
            return fail("panel-settings", where + ": \"columns\" must be a list of at most 256 columns");
        }
        for (rapidjson::SizeType i = 0; i < columns->value.Size(); ++i) {
            auto column = column_from(columns->value[i], where + ": columns[" + std::to_string(i) + "]");
            if (!column) {
                return tl::unexpected(column.error());
            }
            settings.columns.push_back(std::move(*column));
        }
    }
    if (const auto sort = json.FindMember("sort"); sort != json.MemberEnd()) {
        settings.sort = fhir::string_at(sort->value, "column");
        const std::string_view order = fhir::string_at(sort->value, "order");
        const auto known = std::find(kOrders.begin(), kOrders.end(), order);
        if (known == kOrders.end()) {
            return fail("panel-settings", where + ": \"sort\" needs \"order\": ascending, descending or none");
        }
        settings.order = static_cast<SortOrder>(known - kOrders.begin());
        if (settings.sort.empty() && settings.order != SortOrder::none) {
            return fail("panel-settings", where + ": \"sort\" needs \"column\"");
        }
    }
    if (const auto filter = json.FindMember("filter"); filter != json.MemberEnd()) {
        if (!filter->value.IsString()) {
            return fail("panel-settings", where + ": \"filter\" must be a text");
        }
        settings.filter.assign(filter->value.GetString(), filter->value.GetStringLength());
    }
    return settings;
}

std::optional<std::size_t> column_of(const engine::PanelDefinition& panel, std::string_view id) {
    for (std::size_t i = 0; i < panel.columns.size(); ++i) {
        if (panel.columns[i].id == id) {
            return i;
        }
    }
    return std::nullopt;
}

// Writes an arrangement into the settings, with every column named: a later definition may have others.
void keep(const engine::PanelDefinition& panel, PanelSettings& settings, const std::vector<ArrangedColumn>& all) {
    settings.columns.clear();
    for (const ArrangedColumn& one : all) {
        settings.columns.push_back({panel.columns[one.column].id, one.sized ? one.width : 0, one.shown});
    }
}

} // namespace

std::string to_json(const PanelSettingsMap& panels) {
    std::string out = "{";
    for (const auto& [id, settings] : panels) {
        if (settings == PanelSettings{}) {
            continue;
        }
        out += out.size() > 1 ? "," : "";
        out += fhir::quote(id) + ":{";
        std::string members;
        const auto comma = [&] { members += members.empty() ? "" : ","; };
        if (!settings.columns.empty()) {
            members += "\"columns\":[";
            for (std::size_t i = 0; i < settings.columns.size(); ++i) {
                const ColumnSetting& column = settings.columns[i];
                members += (i > 0 ? ",{\"id\":" : "{\"id\":") + fhir::quote(column.id);
                if (column.width > 0) {
                    members += ",\"width\":" + std::to_string(std::lround(column.width));
                }
                members += column.shown ? "}" : ",\"shown\":false}";
            }
            members += "]";
        }
        if (!settings.sort.empty() || settings.order != SortOrder::ascending) {
            comma();
            members += "\"sort\":{\"column\":" + fhir::quote(settings.sort) + ",\"order\":\"";
            members += std::string(kOrders[static_cast<std::size_t>(settings.order)]) + "\"}";
        }
        if (!settings.filter.empty()) {
            comma();
            members += "\"filter\":" + fhir::quote(settings.filter);
        }
        out += members + "}";
    }
    return out + "}";
}

Result<PanelSettingsMap> parse_panel_settings(std::string_view json) {
    const auto parsed = fhir::parse_json(json);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    if (!parsed->IsObject()) {
        return fail("panel-settings", "the settings of the panels must be an object");
    }
    PanelSettingsMap panels;
    for (const auto& member : parsed->GetObject()) {
        const std::string id(member.name.GetString(), member.name.GetStringLength());
        auto settings = panel_from(member.value, "panel \"" + id + "\"");
        if (!settings) {
            return tl::unexpected(settings.error());
        }
        panels.insert_or_assign(id, std::move(*settings));
    }
    return panels;
}

std::vector<ArrangedColumn> arrange(const engine::PanelDefinition& panel, const PanelSettings& settings) {
    std::vector<ArrangedColumn> all;
    std::vector<bool> named(panel.columns.size(), false);
    for (const ColumnSetting& setting : settings.columns) {
        const auto column = column_of(panel, setting.id);
        if (!column || named[*column]) {
            continue; // the definition has changed since
        }
        named[*column] = true;
        const bool sized = setting.width > 0;
        all.push_back(
            {*column, sized ? setting.width : static_cast<float>(panel.columns[*column].width), setting.shown, sized});
    }
    for (std::size_t i = 0; i < panel.columns.size(); ++i) {
        if (!named[i]) {
            all.push_back({i, static_cast<float>(panel.columns[i].width), true, false});
        }
    }
    if (!all.empty() && std::none_of(all.begin(), all.end(), [](const auto& one) { return one.shown; })) {
        all.front().shown = true;
    }
    return all;
}

bool show_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, bool shown) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (place >= all.size() || all[place].shown == shown) {
        return false;
    }
    if (!shown && std::count_if(all.begin(), all.end(), [](const auto& one) { return one.shown; }) == 1) {
        return false;
    }
    all[place].shown = shown;
    keep(panel, settings, all);
    return true;
}

void move_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t from, std::size_t to) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (from >= all.size() || to >= all.size() || from == to) {
        return;
    }
    const ArrangedColumn moved = all[from];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(from));
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(to), moved);
    keep(panel, settings, all);
}

void size_column(const engine::PanelDefinition& panel, PanelSettings& settings, std::size_t place, float width) {
    std::vector<ArrangedColumn> all = arrange(panel, settings);
    if (place >= all.size()) {
        return;
    }
    all[place].width = std::clamp(std::round(width), kLeastColumnWidth, kMostColumnWidth);
    all[place].sized = true;
    keep(panel, settings, all);
}

void reset_columns(PanelSettings& settings) {
    settings.columns.clear();
    settings.sort.clear();
    settings.order = SortOrder::ascending;
}

PanelSort sort_of(const engine::PanelDefinition& panel, const PanelSettings& settings) {
    if (settings.order == SortOrder::none) {
        return {"", SortOrder::none};
    }
    const auto sortable = [&](std::string_view id) {
        const auto column = column_of(panel, id);
        // What no resource holds ("derived:…") has no order of its own.
        return column && panel.columns[*column].path.rfind("derived:", 0) != 0;
    };
    if (settings.sort == PanelSort::freshness || sortable(settings.sort)) {
        return {settings.sort, settings.order};
    }
    if (sortable(panel.sort)) {
        return {panel.sort, SortOrder::ascending};
    }
    return {PanelSort::freshness, SortOrder::ascending};
}

void cycle_sort(const engine::PanelDefinition& panel, PanelSettings& settings, std::string_view column) {
    const PanelSort now = sort_of(panel, settings);
    if (now.order == SortOrder::none || now.column != column) {
        settings.order = SortOrder::ascending;
    } else {
        settings.order = now.order == SortOrder::ascending ? SortOrder::descending : SortOrder::none;
    }
    settings.sort = column;
}

} // namespace fhirscope::gui
