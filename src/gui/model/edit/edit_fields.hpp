#pragma once
// Which field of a resource a panel's column edits, and what stands there now. The one table from columns to paths.

#include "engine/panel.hpp"
#include "fhir/edit.hpp"
#include "fhir/resource.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// How a new value is asked for.
enum class Ask : std::uint8_t {
    Value, // of one primitive field: a list of codes, or a text
    Note,  // a text that becomes an element of its own
    Owner, // one of the owners that are in use, or a text
};

struct EditField {
    std::string path;  // as in fhir::FieldEdit; of an owner its object: "owner"
    std::string label; // "due", as in "Edit due…"
    Ask ask = Ask::Value;
    bool operator==(const EditField&) const = default;
};

// Errors: Unsupported (it is computed from several fields or other resources; says where to edit instead).
Result<EditField> field_of(std::string_view type, const engine::Column& column);
// What "Edit …" offers for a type, in the order of the menu. Empty for types that only the inspector edits.
std::vector<EditField> known_fields(std::string_view type);
// One of them, by its path.
std::optional<EditField> known_field(std::string_view type, std::string_view path);
// The field of a path in the inspector's tree.
EditField field_at(std::string path);
// What a person was asked for, told from what was sent: an owner's fields are one, and of one field the last counts.
struct AskedField {
    EditField field;
    std::string typed; // "" removed it
};
std::vector<AskedField> asked_fields(std::string_view type, std::span<const fhir::FieldEdit> edits);

// The JSON text at a path, "" for nothing (also for an element to be appended).
std::string json_at(const fhir::Resource& resource, std::string_view path);
// The same as a person types it: a string without its quotes.
std::string typed_at(const fhir::Resource& resource, std::string_view path);
// JSON text as a person types it.
std::string typed_of(std::string_view json);

// What is to be written when `typed` is entered; empty when it is what stands there. Errors: those of fhir::to_json.
Result<std::vector<fhir::FieldEdit>> edits_for(const fhir::Resource& resource, const EditField& field,
                                               std::string_view typed);
// The same for an owner that was chosen from a list. Both empty: no owner.
Result<std::vector<fhir::FieldEdit>> owner_edits(const fhir::Resource& resource, std::string_view reference,
                                                 std::string_view display);

} // namespace fhirscope::gui
