#include "engine/panel.hpp"

#include "engine/handler.hpp"
#include "engine/strategy.hpp"
#include "fhir/criteria.hpp"
#include "fhir/json.hpp"
#include "fhir/json_place.hpp"

#include <array>
#include <initializer_list>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::array<std::pair<std::string_view, ColumnKind>, 8> kinds{{{"text", ColumnKind::Text},
                                                                        {"code", ColumnKind::Code},
                                                                        {"date", ColumnKind::Date},
                                                                        {"datetime", ColumnKind::DateTime},
                                                                        {"status", ColumnKind::Status},
                                                                        {"priority", ColumnKind::Priority},
                                                                        {"id", ColumnKind::Id},
                                                                        {"reference", ColumnKind::Reference}}};
constexpr std::size_t max_columns = 64; // one bit each in Record::changed_cells

Result<Column> parse_column(const rapidjson::Value& json, const std::string& where) {
    if (!json.IsObject()) return fail(ErrorCode::Panel, where + " must be an object");
    Column column;
    column.id = fhir::string_at(json, "id");
    column.title = fhir::string_at(json, "title");
    column.path = fhir::string_at(json, "path");
    if (column.id.empty() || column.path.empty()) return fail(ErrorCode::Panel, where + " needs \"id\" and \"path\"");
    if (column.title.empty()) column.title = column.id;
    if (const std::string_view kind = fhir::string_at(json, "kind"); !kind.empty()) {
        bool known = false;
        for (const auto& [name, value] : kinds)
            if (name == kind) column.kind = value, known = true;
        if (!known) return fail(ErrorCode::Panel, where + ": unknown kind \"" + std::string(kind) + "\"");
    }
    if (const auto width = json.FindMember("width"); width != json.MemberEnd()) {
        if (!width->value.IsUint() || width->value.GetUint() < 20 || width->value.GetUint() > 2000)
            return fail(ErrorCode::Panel, where + ": \"width\" must be a number from 20 to 2000");
        column.width = static_cast<std::uint16_t>(width->value.GetUint());
    }
    if (const auto narrow = json.FindMember("narrow"); narrow != json.MemberEnd()) {
        if (!narrow->value.IsBool()) return fail(ErrorCode::Panel, where + ": \"narrow\" must be true or false");
        column.narrow = narrow->value.GetBool();
    }
    return column;
}

std::string strategy_names() {
    std::string names;
    for (const Strategy& strategy : all_strategies()) names += (names.empty() ? "" : ", ") + std::string(strategy.name);
    return names;
}

} // namespace

Result<PanelDefinition> parse_panel(std::string_view json, std::string_view file_name) {
    auto parsed = fhir::parse_json(json);
    if (!parsed)
        return fail(ErrorCode::Panel,
                    fhir::at_line(file_name, json, parsed.error().offset) + ": " + parsed.error().message,
                    parsed.error().offset);
    // "tasks.json:12" of the value at a path, or of the nearest that there is.
    const auto line = [&](std::initializer_list<std::string_view> path) {
        return fhir::at_line(file_name, json, fhir::offset_of(json, fhir::nearest(json, path).text()));
    };
    const std::string file = line({});
    if (!parsed->IsObject()) return fail(ErrorCode::Panel, file + ": a panel definition is a JSON object");
    PanelDefinition panel;
    panel.id = fhir::string_at(*parsed, "id");
    panel.title = fhir::string_at(*parsed, "title");
    panel.type = fhir::string_at(*parsed, "type");
    panel.criteria = fhir::string_at(*parsed, "criteria");
    panel.sort = fhir::string_at(*parsed, "sort");
    if (panel.id.empty() || panel.type.empty())
        return fail(ErrorCode::Panel, file + ": \"id\" and \"type\" are needed");
    if (panel.title.empty()) panel.title = panel.id;
    if (panel.criteria.empty()) panel.criteria = panel.type;
    const auto criteria = fhir::Criteria::parse(panel.criteria);
    if (!criteria)
        return fail(ErrorCode::Panel, line({"criteria"}) + ": \"criteria\": " + criteria.error().message,
                    criteria.error().offset);
    if (criteria->type() != panel.type)
        return fail(ErrorCode::Panel, line({"criteria"}) + ": the criteria are for " + criteria->type() +
                                          ", the panel for " + panel.type);
    const auto columns = parsed->FindMember("columns");
    if (columns == parsed->MemberEnd() || !columns->value.IsArray() || columns->value.Empty())
        return fail(ErrorCode::Panel, line({"columns"}) + ": \"columns\" must be a list with at least one column");
    if (columns->value.Size() > max_columns) return fail(ErrorCode::Panel, line({"columns"}) + ": at most 64 columns");
    for (rapidjson::SizeType i = 0; i < columns->value.Size(); ++i) {
        const std::string index = std::to_string(i);
        auto column = parse_column(columns->value[i], line({"columns", index}) + ": columns[" + index + "]");
        if (!column) return tl::unexpected(column.error());
        panel.columns.push_back(std::move(*column));
    }
    if (const auto rules = parsed->FindMember("conflicts"); rules != parsed->MemberEnd()) {
        if (!rules->value.IsObject())
            return fail(ErrorCode::Panel,
                        line({"conflicts"}) + ": \"conflicts\" must be an object of fields and strategies");
        for (const auto& rule : rules->value.GetObject()) {
            const std::string field(rule.name.GetString(), rule.name.GetStringLength());
            const std::string strategy = rule.value.IsString() ? rule.value.GetString() : "";
            if (!find_strategy(strategy))
                return fail(ErrorCode::Panel, line({"conflicts", field}) + ": \"conflicts\", field \"" + field +
                                                  "\": one of " + strategy_names() + " is expected");
            panel.conflicts.push_back({field, strategy});
        }
    }
    if (auto maker = RowMaker::make(panel); !maker)
        return fail(ErrorCode::Panel, file + ": " + maker.error().message, maker.error().offset);
    return panel;
}

} // namespace fhirscope::engine
