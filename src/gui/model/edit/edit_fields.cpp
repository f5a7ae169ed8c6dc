#include "gui/model/edit/edit_fields.hpp"

#include "fhir/ascii.hpp"
#include "fhir/slice.hpp"
#include "gui/base/format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace fhirscope::gui {

namespace {

struct Known {
    std::string_view type;
    std::string_view column; // id of the column that shows it; "" for none
    std::string_view path;   // what is edited
    std::string_view label;
    Ask ask = Ask::Value;
};

constexpr std::array<Known, 8> editable_fields = {{
    {"Task", "status", "status", "status"},
    {"Task", "priority", "priority", "priority"},
    {"Task", "due", "restriction.period.end", "due"},
    {"Task", "description", "description", "description"},
    {"Task", "assignee", "owner", "assignee", Ask::Owner},
    {"Task", "", "note[+].text", "note", Ask::Note},
    {"Patient", "gender", "gender", "gender"},
    {"Patient", "born", "birthDate", "date of birth"},
}};

EditField field_from(const Known& known) { return {std::string(known.path), std::string(known.label), known.ask}; }

// "restriction.period.end": only names and dots, so the path that a column shows is the one that it edits.
bool is_plain(std::string_view path) {
    return !path.empty() && std::all_of(
                                path.begin(), path.end(),
                                [](char ch) { return fhir::is_letter(ch) || fhir::is_digit(ch) || ch == '.'; });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && fhir::is_json_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && fhir::is_json_space(text.back())) text.remove_suffix(1);
    return text;
}

// "Practitioner/7" or an absolute address, rather than somebody's name.
bool names_a_resource(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool letters = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
                         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(slash),
                                     [](char ch) { return fhir::is_letter(ch); });
    const bool url = text.starts_with("https://") || text.starts_with("http://") || text.starts_with("urn:");
    return url || (letters && text[0] >= 'A' && text[0] <= 'Z' && text.find(' ') == std::string_view::npos);
}

fhir::Slice step(fhir::Slice value, std::string_view segment) {
    const std::size_t bracket = segment.find('[');
    value = value.member(segment.substr(0, bracket));
    if (bracket == std::string_view::npos) return value;
    std::size_t index = 0;
    for (const char ch : segment.substr(bracket + 1)) {
        if (ch == ']') break;
        if (ch < '0' || ch > '9' || index > 1'000'000) return {}; // "+" names what is not there yet
        index = index * 10 + static_cast<std::size_t>(ch - '0');
    }
    fhir::Slice found;
    value.each_element([&](fhir::Slice element) {
        found = index == 0 ? element : fhir::Slice();
        return index-- != 0;
    });
    return found;
}

} // namespace

Result<EditField> field_of(std::string_view type, const engine::Column& column) {
    if (column.path.starts_with("derived:"))
        return fail(ErrorCode::Unsupported, "It is computed from other resources.");
    if (is_plain(column.path)) {
        if (auto known = known_field(type, column.path)) return std::move(*known);
        return EditField{column.path, uncapitalised(column.title.empty() ? column.id : column.title), Ask::Value};
    }
    for (const Known& known : editable_fields)
        if (known.type == type && !known.column.empty() && known.column == column.id) return field_from(known);
    return fail(ErrorCode::Unsupported, "It is computed from several fields; edit them in the inspector's tree.");
}

std::vector<EditField> known_fields(std::string_view type) {
    std::vector<EditField> fields;
    for (const Known& known : editable_fields)
        if (known.type == type) fields.push_back(field_from(known));
    return fields;
}

std::optional<EditField> known_field(std::string_view type, std::string_view path) {
    for (const Known& known : editable_fields)
        if (known.type == type && known.path == path) return field_from(known);
    return std::nullopt;
}

EditField field_at(std::string path) {
    std::string label = path.substr(path.find_last_of('.') + 1);
    return {std::move(path), std::move(label), Ask::Value};
}

namespace {

EditField field_of_edit(std::string_view type, const fhir::FieldEdit& edit) {
    const std::string_view object = std::string_view(edit.path).substr(0, edit.path.find('.'));
    for (const Known& known : editable_fields) {
        const bool whole = known.ask == Ask::Owner && known.path == object;
        if (known.type == type && (known.path == edit.path || whole)) return field_from(known);
    }
    return field_at(edit.path);
}

} // namespace

std::vector<AskedField> asked_fields(std::string_view type, std::span<const fhir::FieldEdit> edits) {
    std::vector<AskedField> asked;
    for (const fhir::FieldEdit& edit : edits) {
        EditField field = field_of_edit(type, edit);
        std::string typed = typed_of(edit.value);
        const auto known =
            std::find_if(asked.begin(), asked.end(), [&](const AskedField& other) { return other.field == field; });
        if (known == asked.end() || field.ask == Ask::Note) {
            asked.push_back({std::move(field), std::move(typed)});
        } else if (field.ask == Ask::Owner) {
            // The name stands for the owner; where there is none, the reference.
            if (edit.path == "owner.reference" || (edit.path == "owner.display" && !typed.empty()))
                known->typed = std::move(typed);
        } else {
            known->typed = std::move(typed);
        }
    }
    return asked;
}

std::string json_at(const fhir::Resource& resource, std::string_view path) {
    fhir::Slice value(resource.text());
    while (!path.empty() && value.exists()) {
        const std::size_t dot = path.find('.');
        value = step(value, path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return std::string(value.text());
}

std::string typed_of(std::string_view json) {
    const fhir::Slice value(json);
    return value.kind() == fhir::Slice::Kind::String ? value.string() : std::string(json);
}

std::string typed_at(const fhir::Resource& resource, std::string_view path) {
    return typed_of(json_at(resource, path));
}

Result<std::vector<fhir::FieldEdit>> owner_edits(const fhir::Resource& resource, std::string_view reference,
                                                 std::string_view display) {
    std::vector<fhir::FieldEdit> edits;
    const auto set = [&](const std::string& path, std::string_view typed) -> Result<bool> {
        if (typed == typed_at(resource, path)) return false;
        auto json = fhir::to_json(resource, path, typed);
        if (!json) return tl::unexpected(json.error());
        edits.push_back({path, std::move(*json)});
        return true;
    };
    const auto first = set("owner.reference", reference);
    const auto second = first ? set("owner.display", display) : first;
    if (!second) return tl::unexpected(second.error());
    if (!edits.empty()) {
        // What else names the owner before would contradict.
        for (const char* path : {"owner.type", "owner.identifier.system", "owner.identifier.value"})
            if (!json_at(resource, path).empty()) edits.push_back({path, ""});
    }
    return edits;
}

Result<std::vector<fhir::FieldEdit>> edits_for(const fhir::Resource& resource, const EditField& field,
                                               std::string_view typed) {
    if (field.ask == Ask::Owner) {
        const std::string_view text = trimmed(typed);
        const bool reference = names_a_resource(text);
        if (text == typed_at(resource, reference ? "owner.reference" : "owner.display"))
            return std::vector<fhir::FieldEdit>();
        return owner_edits(resource, reference ? text : std::string_view(), reference ? std::string_view() : text);
    }
    if (field.ask == Ask::Note && trimmed(typed).empty()) return fail(ErrorCode::Value, "A note has some text.");
    if (field.ask == Ask::Value && typed == typed_at(resource, field.path)) return std::vector<fhir::FieldEdit>();
    auto json = fhir::to_json(resource, field.path, typed);
    if (!json) return tl::unexpected(json.error());
    if (*json == json_at(resource, field.path) && field.ask == Ask::Value) return std::vector<fhir::FieldEdit>();
    return std::vector<fhir::FieldEdit>{{field.path, std::move(*json)}};
}

} // namespace fhirscope::gui
