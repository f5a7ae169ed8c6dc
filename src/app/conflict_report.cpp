#include "app/conflict_report.hpp"

#include "fhir/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace fhirscope::app {

namespace {

constexpr std::size_t longest_value = 60; // characters shown of one

std::string time_text(LocalTime time) {
    return fhir::format_instant(
        ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch())));
}

std::string json_value(const std::string& value) { return value.empty() ? "null" : value; }
std::string json_time(LocalTime time) { return time == LocalTime{} ? "null" : fhir::quote(time_text(time)); }

const char* side_name(fhir::Side side) {
    switch (side) {
        case fhir::Side::Base:
            return "base";
        case fhir::Side::Local:
            return "local";
        case fhir::Side::Server:
            return "server";
        case fhir::Side::Both:
            return "both";
    }
    return "?";
}

std::string member_of(const fhir::ResourcePtr& resource, const std::string& name) {
    return resource ? std::string(resource->member(name).value_or("")) : std::string();
}

// Of a conflict that no edit had a part in, the members that differ.
std::vector<fhir::MergeField> fields_of(const engine::Conflict& conflict) {
    if (!conflict.fields.empty()) return conflict.fields;
    std::vector<fhir::MergeField> fields;
    for (const std::string& name : conflict.members) {
        fhir::MergeField field;
        field.path = name;
        field.base = member_of(conflict.base, name);
        field.local = member_of(conflict.local, name);
        field.server = member_of(conflict.server, name);
        fields.push_back(std::move(field));
    }
    return fields;
}

std::string version_of(const fhir::ResourcePtr& resource) {
    return resource ? fhir::quote(resource->version_id()) : "null";
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

// Code points, so that names with accents line up.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

std::string word(std::string_view text) {
    std::string result;
    for (const char c : text) result += c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

std::string author_text(const engine::Conflict& conflict) {
    return conflict.author.empty() ? std::string() : "by " + conflict.author;
}

std::string value_text(const std::string& json) {
    if (json.empty()) return "(none)";
    if (json.size() <= longest_value) return json;
    std::size_t end = longest_value;
    while (end > 0 && (static_cast<unsigned char>(json[end]) & 0xc0) == 0x80) --end;
    return json.substr(0, end) + "…";
}

std::string fields_text(const engine::Conflict& conflict) {
    std::string text;
    for (const fhir::MergeField& field : fields_of(conflict)) {
        text += fmt::format("    {}\n", field.path);
        if (conflict.base) text += fmt::format("      base    {}\n", value_text(field.base));
        if (conflict.local) text += fmt::format("      local   {}\n", value_text(field.local));
        if (conflict.server) text += fmt::format("      server  {}\n", value_text(field.server));
        if (!conflict.open() && field.overlap) text += fmt::format("      chosen  {}\n", side_name(field.choice));
    }
    return text;
}

std::string conflicts_table(const std::vector<engine::ConflictPtr>& conflicts) {
    if (conflicts.empty()) return {};
    constexpr std::size_t columns = 9;
    std::vector<std::array<std::string, columns>> rows{
        {"No", "Time", "Kind", "Resource", "Fields", "Strategy", "Outcome", "Who", "Note"}};
    for (const engine::ConflictPtr& conflict : conflicts)
        rows.push_back({std::to_string(conflict->number), time_text(conflict->at),
                        std::string(engine::to_string(conflict->kind)), conflict->reference, joined(conflict->members),
                        conflict->strategy, std::string(engine::to_string(conflict->outcome)), conflict->author,
                        conflict->note});
    std::array<std::size_t, columns> widths{};
    for (const auto& row : rows)
        for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < columns; ++i) line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
        while (line.ends_with(' ')) line.pop_back();
        text += line + '\n';
    }
    return text;
}

std::string to_json(const std::vector<fhir::FieldChange>& changes) {
    std::string text;
    for (const fhir::FieldChange& change : changes)
        text += fmt::format(R"({}{{"path":{},"sent":{},"stored":{}}})", text.empty() ? "" : ",",
                            fhir::quote(change.path), json_value(change.before), json_value(change.after));
    return "[" + text + "]";
}

std::string to_json(const engine::Conflict& conflict) {
    std::string fields, members;
    for (const fhir::MergeField& field : fields_of(conflict)) {
        fields += fmt::format(R"({}{{"path":{},"base":{},"local":{},"server":{},"overlap":{},"choice":{}}})",
                              fields.empty() ? "" : ",", fhir::quote(field.path), json_value(field.base),
                              json_value(field.local), json_value(field.server), field.overlap,
                              conflict.open() || !field.decided || conflict.fields.empty()
                                  ? "null"
                                  : fhir::quote(side_name(field.choice)));
    }
    for (const std::string& name : conflict.members) members += (members.empty() ? "" : ",") + fhir::quote(name);
    return fmt::format(
        R"({{"number":{},"at":{},"kind":{},"resource":{},"members":[{}],"fields":[{}],"strategy":{},"outcome":{},)"
        R"("open":{},"author":{},"channel":{},"edit":{},"edited_at":{},"decided_at":{},"base_version":{},)"
        R"("server_version":{},"written_version":{},"note":{}}})",
        conflict.number, json_time(conflict.at), fhir::quote(word(engine::to_string(conflict.kind))),
        fhir::quote(conflict.reference), members, fields, fhir::quote(conflict.strategy),
        fhir::quote(word(engine::to_string(conflict.outcome))), conflict.open(), fhir::quote(conflict.author),
        fhir::quote(engine::to_string(conflict.channel)), conflict.edit ? std::to_string(conflict.edit) : "null",
        json_time(conflict.edited_at), conflict.open() ? "null" : json_time(conflict.decided_at),
        version_of(conflict.base), version_of(conflict.server),
        conflict.written.empty() ? "null" : fhir::quote(conflict.written), fhir::quote(conflict.note));
}

} // namespace fhirscope::app
