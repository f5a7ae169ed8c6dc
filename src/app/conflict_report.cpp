#include "app/conflict_report.hpp"

#include "engine/strategy.hpp"
#include "fhir/ascii.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace fhirscope::app {

namespace {

constexpr std::size_t longest_value = 60; // characters shown of one

std::string time_text(LocalTime time) {
    return fhir::format_instant(
        ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch())));
}

void write_time(fhir::JsonWriter& json, std::string_view member, LocalTime time) {
    if (time == LocalTime{})
        json.null(member);
    else
        json.member(member, time_text(time));
}

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

void write_version(fhir::JsonWriter& json, std::string_view member, const fhir::ResourcePtr& resource) {
    if (resource)
        json.member(member, resource->version_id());
    else
        json.null(member);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

// Code points, so that names with accents line up.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

std::string word(std::string_view text) {
    std::string result;
    for (const char c : text) result += c == ' ' ? '-' : fhir::lower_ascii(c);
    return result;
}

std::string member_word(std::string_view text) {
    std::string result = word(text);
    std::replace(result.begin(), result.end(), '-', '_');
    return result;
}

std::string value_text(const std::string& json) {
    if (json.empty()) return "(none)";
    if (json.size() <= longest_value) return json;
    std::size_t end = longest_value;
    while (end > 0 && (static_cast<unsigned char>(json[end]) & 0xc0) == 0x80) --end;
    return json.substr(0, end) + "…";
}

fhir::Text fields_text(const engine::Conflict& conflict) {
    fhir::Text text;
    for (const fhir::MergeField& field : fields_of(conflict)) {
        text << "    " << field.path << "\n";
        if (conflict.base) text << "      base    " << value_text(field.base) << "\n";
        if (conflict.local) text << "      local   " << value_text(field.local) << "\n";
        if (conflict.server) text << "      server  " << value_text(field.server) << "\n";
        if (!conflict.open() && field.overlap) text << "      chosen  " << side_name(field.choice) << "\n";
    }
    return text;
}

fhir::Text conflicts_table(const std::vector<engine::ConflictPtr>& conflicts) {
    fhir::Text text;
    if (conflicts.empty()) return text;
    constexpr std::size_t columns = 9;
    std::vector<std::array<std::string, columns>> rows{
        {"No", "Time", "Kind", "Resource", "Fields", "Strategy", "Outcome", "Who", "Note"}};
    for (const engine::ConflictPtr& conflict : conflicts)
        rows.push_back(
            {std::to_string(conflict->number), time_text(conflict->at), std::string(engine::to_string(conflict->kind)),
             conflict->reference, joined(conflict->members), std::string(engine::strategy_title(conflict->strategy)),
             std::string(engine::to_string(conflict->outcome)), conflict->author, words::text(conflict->note)});
    std::array<std::size_t, columns> widths{};
    for (auto& row : rows)
        for (std::size_t i = 0; i < columns; ++i) {
            row[i] = fhir::harmless(row[i]); // which may make it longer
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    for (const auto& row : rows) {
        std::size_t begin = 0;
        for (std::size_t i = 0; i < columns; ++i) {
            if (i > 0) text.pad_to(begin);
            text << row[i];
            begin += widths[i] + 2;
        }
        text.trim() << "\n";
    }
    return text;
}

std::optional<std::string_view> code_of(const engine::Fact& fact) {
    return fact.empty() ? std::nullopt : std::optional(engine::to_string(fact.code));
}

void write_value(fhir::JsonWriter& json, std::string_view member, const std::string& value) {
    if (value.empty())
        json.null(member);
    else
        json.raw(member, value);
}

void write(fhir::JsonWriter& json, const std::vector<fhir::FieldChange>& changes) {
    json.array();
    for (const fhir::FieldChange& change : changes) {
        json.object().member("path", change.path);
        write_value(json, "sent", change.before);
        write_value(json, "stored", change.after);
        json.end();
    }
    json.end();
}

void write(fhir::JsonWriter& json, const engine::Conflict& conflict) {
    json.object().member("number", conflict.number);
    write_time(json, "at", conflict.at);
    json.member("kind", word(engine::to_string(conflict.kind))).member("resource", conflict.reference);
    json.array("members");
    for (const std::string& name : conflict.members) json.value(name);
    json.end().array("fields");
    for (const fhir::MergeField& field : fields_of(conflict)) {
        const bool chosen = !conflict.open() && field.decided && !conflict.fields.empty();
        json.object().member("path", field.path);
        write_value(json, "base", field.base);
        write_value(json, "local", field.local);
        write_value(json, "server", field.server);
        json.member("overlap", field.overlap)
            .member("choice", chosen ? std::optional(side_name(field.choice)) : std::nullopt)
            .end();
    }
    json.end()
        .member("strategy", conflict.strategy)
        .member("outcome", word(engine::to_string(conflict.outcome)))
        .member("open", conflict.open())
        .member("author", conflict.author)
        .member("channel", engine::to_string(conflict.channel))
        .member("edit", conflict.edit ? std::optional(conflict.edit) : std::nullopt);
    write_time(json, "edited_at", conflict.edited_at);
    write_time(json, "decided_at", conflict.open() ? LocalTime{} : conflict.decided_at);
    write_version(json, "base_version", conflict.base);
    write_version(json, "server_version", conflict.server);
    json.member("written_version", conflict.written.empty() ? std::nullopt : std::optional(conflict.written))
        .member("note", words::text(conflict.note))
        .member("note_code", code_of(conflict.note))
        .end();
}

void write_conflicts(fhir::JsonWriter& json, const std::vector<engine::ConflictPtr>& conflicts) {
    json.array("conflicts");
    for (const engine::ConflictPtr& conflict : conflicts) write(json, *conflict);
    json.end();
}

} // namespace fhirscope::app
