#pragma once
// What is wrong with a resource that a server sends (PROTOCOL E3, E4), and whether it can be used all the same:
// whatever can be identified and does no harm is shown, with its flaws.

#include "fhir/resource.hpp"

#include <string>
#include <vector>

namespace fhirscope::fhir {

struct Problem {
    // Refused: "missing-id", "bad-id", "missing-type", "bad-type", "duplicate-key" (readers differ in which of the two
    // counts). Flaws: "odd-id", "missing-version", "version-of-header", "missing-last-updated",
    // "last-updated-of-header", "bad-last-updated", "no-zone", "number-as-text", "null-value", "empty-value",
    // "control-char", "unknown-code", "very-large".
    std::string code;
    std::string message; // what, where
    bool refused = false;
};

// Empty: nothing is wrong. Never refuses an unknown resource type by name alone.
std::vector<Problem> validate(const Resource& resource);
// Of these the flaws, for people: "meta.versionId is missing; …"; "" for none. Cheap where there is none.
std::string flaws_of(const Resource& resource);

bool is_valid_id(std::string_view id);     // [A-Za-z0-9\-\.]{1,64}, as the standard has it
bool is_valid_type(std::string_view type); // [A-Z][A-Za-z]+
// Ids that servers use beyond the standard's: up to 255 bytes of UTF-8 without white space, control characters and what
// means something in an address or a JSON text ("/ \ ? # % \" < > `"); not "." and "..".
bool is_usable_id(std::string_view id);

} // namespace fhirscope::fhir
