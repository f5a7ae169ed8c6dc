#pragma once
// The lists of vocabulary.hpp, words between spaces. From FHIR R4, R4B and R5, the subscriptions backport, Medplum and
// HAPI. What is missing costs a name in a de-identified file and nothing else.

#include <string_view>

namespace fhirscope::deidentify {

extern const std::string_view resource_types, element_names, codes, path_words, search_names, public_systems,
    message_words, panel_words;

} // namespace fhirscope::deidentify
