#pragma once
// Conflicts and ended edits in words and as JSON, as `edit` and `conflicts` print them.

#include "engine/conflict.hpp"
#include "engine/snapshot.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::app {

// "concurrent-modification": the words of engine::to_string as scripts like them, and as names of members
// ("concurrent_modification").
std::string word(std::string_view text);
std::string member_word(std::string_view text);
// Indented under what it belongs to: the values of both sides, what was chosen.
fhir::Text fields_text(const engine::Conflict& conflict);
// One line of a table with head; "" for none.
fhir::Text conflicts_table(const std::vector<engine::ConflictPtr>& conflicts);
// An object; the array of them is a member with this name.
void write(fhir::JsonWriter& json, const engine::Conflict& conflict);
void write_conflicts(fhir::JsonWriter& json, const std::vector<engine::ConflictPtr>& conflicts);
// An array.
void write(fhir::JsonWriter& json, const std::vector<fhir::FieldChange>& changes);
// For scripts; none of no fact.
std::optional<std::string_view> code_of(const engine::Fact& fact);
// A JSON value, or null for "".
void write_value(fhir::JsonWriter& json, std::string_view member, const std::string& value);
// A JSON value, cut where it is long; "(none)" for "".
std::string value_text(const std::string& json);

} // namespace fhirscope::app
