#include "gui/log_settings.hpp"

#include "fhir/json.hpp"

#include <algorithm>
#include <optional>

namespace fhirscope::gui {

namespace {

// One reading of the JSON: remembers the first thing that is wrong.
class Reader {
public:
    std::optional<Error> error;

    void refuse(const std::string& where, std::string_view expected) {
        if (!error) {
            error = Error{"settings", "In the log's settings, \"" + where + "\" is not " + std::string(expected) + "."};
        }
    }

    template <class Each>
    void array(const rapidjson::Value& object, const char* member, std::size_t most, Each each) {
        const auto it = object.FindMember(member);
        if (it == object.MemberEnd()) {
            return;
        }
        if (!it->value.IsArray() || it->value.Size() > most) {
            return refuse(member, "an array of at most " + std::to_string(most));
        }
        for (rapidjson::SizeType i = 0; i < it->value.Size(); ++i) {
            each(it->value[i], std::string(member) + "[" + std::to_string(i) + "]");
        }
    }

    std::string string(const rapidjson::Value& value, const std::string& where) {
        if (!value.IsString() || value.GetStringLength() > LogSettings::longest) {
            refuse(where, "a text of at most " + std::to_string(LogSettings::longest) + " characters");
            return {};
        }
        return {value.GetString(), value.GetStringLength()};
    }

    std::string member(const rapidjson::Value& object, const char* name, const std::string& where) {
        if (!object.IsObject() || !object.HasMember(name)) {
            refuse(where, std::string("an object with \"") + name + "\"");
            return {};
        }
        return string(object[name], where + "." + name);
    }
};

} // namespace

const SavedFilter* LogSettings::named(std::string_view name) const {
    const auto it = std::find_if(filters.begin(), filters.end(), [&](const auto& saved) { return saved.name == name; });
    return it == filters.end() ? nullptr : &*it;
}

bool LogSettings::save(const std::string& name, const std::string& filter) {
    if (name.empty() || filter.empty() || name.size() > longest || filter.size() > longest) {
        return false;
    }
    const auto it = std::find_if(filters.begin(), filters.end(), [&](const auto& saved) { return saved.name == name; });
    if (it != filters.end()) {
        it->filter = filter;
        return true;
    }
    if (filters.size() >= most_filters) {
        return false;
    }
    filters.push_back({name, filter});
    return true;
}

bool LogSettings::shows(std::string_view column) const {
    return std::find(hidden.begin(), hidden.end(), column) == hidden.end();
}

void LogSettings::show(std::string_view column, bool shown) {
    std::erase(hidden, column);
    if (!shown) {
        hidden.emplace_back(column);
    }
}

std::string to_json(const LogSettings& settings) {
    using fhir::quote;
    std::string out = "{\"filters\":[";
    for (const SavedFilter& saved : settings.filters) {
        out += out.back() == '[' ? "" : ",";
        out += "{\"name\":" + quote(saved.name) + ",\"filter\":" + quote(saved.filter) + "}";
    }
    out += "],\"rules\":[";
    for (const ColouringRule& rule : settings.rules) {
        out += out.back() == '[' ? "" : ",";
        out += "{\"filter\":" + quote(rule.filter) +
               ",\"look\":" + quote(rule_look_names[static_cast<std::size_t>(rule.look)]) +
               ",\"on\":" + (rule.on ? "true" : "false") + "}";
    }
    out += "],\"hidden\":[";
    for (const std::string& column : settings.hidden) {
        out += out.back() == '[' ? "" : ",";
        out += quote(column);
    }
    return out + "]}";
}

Result<LogSettings> log_settings_from_json(std::string_view json) {
    const auto document = fhir::parse_json(json);
    if (!document) {
        return fail("settings", "The log's settings are not JSON: " + document.error().message,
                    document.error().offset);
    }
    if (!document->IsObject()) {
        return fail("settings", "The log's settings are not a JSON object.");
    }
    Reader reader;
    LogSettings settings;
    reader.array(
        *document, "filters", LogSettings::most_filters, [&](const rapidjson::Value& value, const std::string& where) {
            settings.filters.push_back({reader.member(value, "name", where), reader.member(value, "filter", where)});
        });
    reader.array(*document, "rules", LogSettings::most_rules,
                 [&](const rapidjson::Value& value, const std::string& where) {
                     ColouringRule rule;
                     rule.filter = reader.member(value, "filter", where);
                     const std::string look = reader.member(value, "look", where);
                     const auto it = std::find(rule_look_names.begin(), rule_look_names.end(), look);
                     if (it == rule_look_names.end()) {
                         return reader.refuse(where + ".look", "strong, faint, live, ok, attention, error or conflict");
                     }
                     rule.look = static_cast<RuleLook>(it - rule_look_names.begin());
                     if (value.HasMember("on") && !value["on"].IsBool()) {
                         return reader.refuse(where + ".on", "true or false");
                     }
                     rule.on = !value.HasMember("on") || value["on"].GetBool();
                     settings.rules.push_back(std::move(rule));
                 });
    reader.array(*document, "hidden", 64, [&](const rapidjson::Value& value, const std::string& where) {
        settings.hidden.push_back(reader.string(value, where));
    });
    if (reader.error) {
        return tl::unexpected<Error>(*reader.error);
    }
    return settings;
}

} // namespace fhirscope::gui
