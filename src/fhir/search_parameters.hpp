#pragma once
// The search parameters that can be evaluated here (PROTOCOL F1; the definitions are those of R4, of US Core and
// Medplum's own).

#include <cstdint>
#include <string_view>

namespace fhirscope::fhir {

enum class SearchType : std::uint8_t { String, Token, Reference, Date, Uri, Number };

// What stands at the path, where the search type alone does not say how to read it.
enum class ElementType : std::uint8_t {
    Plain, // string, code, boolean, date, dateTime, uri, Reference, Period
    Identifier,
    CodeableConcept,
    Coding,
    ContactPoint,
    HumanName,
    Address,
    Deceased, // Patient.deceased: the parameter is the boolean "is dead"
};

struct SearchParameter {
    std::string_view name;
    SearchType type = SearchType::Token;
    ElementType element = ElementType::Plain;
    std::string_view path;         // "name.family"; "effective[x]" stands for every type of a choice
    std::string_view targets = {}; // of a reference: "Patient", "Practitioner,Patient"; "" for any
    std::string_view filter = {};  // "system=phone": only elements of the first step that have this
    std::string_view system = {};  // of a code whose system the specification implies
};

// Null where the parameter is not known.
const SearchParameter* find_search_parameter(std::string_view type, std::string_view name);

// Whether every parameter of this type is in our tables, so that one not found does not exist.
bool knows_all_parameters(std::string_view type);

// Parameters that shape a result and say nothing about a single resource (PROTOCOL F2).
bool is_result_parameter(std::string_view name);

// Whether a parameter cannot be evaluated on one resource alone: chains, _has, _filter, _text, … (PROTOCOL F2).
bool needs_a_server(std::string_view name);

} // namespace fhirscope::fhir
