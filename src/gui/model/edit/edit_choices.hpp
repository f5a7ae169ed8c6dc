#pragma once
// What a person may choose instead of typing: codes, the next states of a task, owners in use.

#include "engine/store.hpp"
#include "fhir/edit.hpp"
#include "gui/model/edit/edit_fields.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct EditChoice {
    std::string value;     // as typed; of an owner its display. "" removes the field
    std::string label;     // as shown
    std::string note;      // beside it, or ""
    bool warn = false;     // the note is a warning
    std::string reference; // of an owner
    bool operator==(const EditChoice&) const = default;
};

// First the usual next states, then all others with what speaks against them: none is forbidden. Without `now`.
std::vector<EditChoice> status_choices(std::string_view now);

// All codes that the rule allows but the one that is there, and at the end to remove it where that is allowed; nothing
// when any text is allowed. `now` is what the server has: the step that is written begins there.
std::vector<EditChoice> choices_for(std::string_view type, const EditField& field, const fhir::FieldRule& rule,
                                    std::string_view now);

// Owners of the tasks that are held, by name, at most `most`.
std::vector<EditChoice> owners_seen(const engine::StoreView& tasks, std::size_t most = 200);

} // namespace fhirscope::gui
