#pragma once
// Criteria prepared for matching: everything that depends on the criteria alone is worked out once. Internal to
// src/fhir.

#include "fhir/criteria.hpp"
#include "fhir/criteria_dates.hpp"
#include "fhir/search_parameters.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

enum class Modifier : std::uint8_t { None, Not, Missing, Present, Exact, Contains, TargetType, Other };

// system|code
struct SearchToken {
    bool has_bar = false;
    std::string system, code;
};

struct SearchValue {
    std::string text;          // unescaped
    std::string lower;         // to_lower(text)
    std::string folded;        // fold(text)
    SearchToken token;         // a bar that is escaped is part of the code
    SearchToken medplum_token; // lower case; Medplum unescapes before it looks for the bar
    DatePrefix prefix = DatePrefix::Eq;
    bool has_prefix = false;
    std::optional<DateInterval> date, medplum_date;
};

struct SearchTerm {
    std::string name;
    std::string modifier_text;
    Modifier modifier = Modifier::None;
    const SearchParameter* definition = nullptr; // null: not known
    bool needs_server = false;
    bool is_medplum_error = false; // its parser throws, and the subscription never fires
    std::string whole;             // percent-decoded, not split
    std::vector<SearchValue> values;
};

struct CriteriaProgram {
    std::vector<SearchTerm> terms;
    bool knows_all_parameters = false;
};

// `raw_value` is percent-decoded, with its backslashes.
SearchTerm compile_term(std::string_view type, std::string_view name, std::string_view modifier,
                        std::string_view raw_value);

// The values of a parameter between its commas, with the escapes undone.
std::vector<std::string> split_values(std::string_view raw_value);

Match match_spec(const Resource& resource, const SearchTerm& term);
Match match_medplum(const Resource& resource, const SearchTerm& term, bool knows_all_parameters);

} // namespace fhirscope::fhir
