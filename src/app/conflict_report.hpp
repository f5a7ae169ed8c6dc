#pragma once
// Conflicts and ended edits in words and as JSON, as `edit` and `conflicts` print them.

#include "engine/conflict.hpp"
#include "engine/snapshot.hpp"

#include <string>
#include <vector>

namespace fhirscope::app {

// "concurrent-modification": the words of engine::to_string as scripts like them.
std::string word(std::string_view text);
// Indented under what it belongs to: the values of both sides, what was chosen.
std::string fields_text(const engine::Conflict& conflict);
// One line of a table with head; "" for none.
std::string conflicts_table(const std::vector<engine::ConflictPtr>& conflicts);
// A JSON object.
std::string to_json(const engine::Conflict& conflict);
// A JSON array.
std::string to_json(const std::vector<fhir::FieldChange>& changes);
// A JSON value, cut where it is long; "(none)" for "".
std::string value_text(const std::string& json);
// Who made the server's version, as far as it is known.
std::string author_text(const engine::Conflict& conflict);

} // namespace fhirscope::app
