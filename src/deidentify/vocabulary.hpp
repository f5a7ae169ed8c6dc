#pragma once
// Words that name nobody: those of the standard and of the protocols around it. Whatever is in none of these lists is
// replaced (docs/deidentify.md). Private to this folder.

#include <string>
#include <string_view>

namespace fhirscope::deidentify {

bool is_type(std::string_view word);             // "Patient"
bool is_element(std::string_view name);          // "birthDate", without a leading "_"
bool is_code(std::string_view word);             // "in-progress": values of bindings, units, words of protocols
bool is_path_word(std::string_view word);        // "fhir", "_history", "$get-ws-binding-token"
bool is_search_parameter(std::string_view name); // without modifier
// Of a system, profile or extension that is published, and names no place and nobody: "http://loinc.org".
bool is_public_url(std::string_view url);
// A name or title of the panels that come with the program: "Next due".
bool is_panel_title(std::string_view title);
// Every word of it is one that servers and networks use to say what went wrong, and no number in it is long: "no answer
// for 30 s". It is kept as it is.
bool is_plain_message(std::string_view text);
// Parts of a sentence of a server by which something is told; "" where the text has none. They are kept in its place.
std::string phrases_in(std::string_view text);

} // namespace fhirscope::deidentify
