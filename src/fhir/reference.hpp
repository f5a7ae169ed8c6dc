#pragma once
// Reference texts (PROTOCOL E3).

#include <string_view>

namespace fhirscope::fhir {

// "https://host/fhir/R4/Task/1/_history/2" → "Task/1". Empty where the text does not end in a type and an id ("#a",
// "urn:uuid:…", "Task?identifier=…").
std::string_view local_reference(std::string_view reference);

// The id part of such a reference: "Subscription/s1" → "s1"; a bare id is itself.
std::string_view reference_id(std::string_view reference);

// It names a resource as "Type/id", and no more.
bool is_reference(std::string_view text);

// "Task/1": what stands before and behind the slash. Not checked; without a slash it is the whole text.
constexpr std::string_view type_part(std::string_view reference) { return reference.substr(0, reference.find('/')); }
constexpr std::string_view id_part(std::string_view reference) { return reference.substr(reference.find('/') + 1); }

} // namespace fhirscope::fhir
