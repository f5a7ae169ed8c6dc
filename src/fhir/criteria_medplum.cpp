// Criteria by the rules that Medplum's matcher follows (PROTOCOL F3, F4). Tested against its own code's answers.

#include "fhir/criteria_values.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

void append_part(std::string& out, std::string_view part, std::string_view separator) {
    if (part.empty()) return;
    if (!out.empty()) out += separator;
    out += part;
}

void append_parts(std::string& out, Slice list, std::string_view separator) {
    list.each_element([&](Slice part) { append_part(out, part.string(), separator); });
}

// Its display form; `text` counts only where there are no parts.
std::string formatted_name(Slice name) {
    std::string out;
    append_parts(out, name.member("prefix"), " ");
    append_parts(out, name.member("given"), " ");
    append_part(out, name.member("family").string(), " ");
    append_parts(out, name.member("suffix"), " ");
    return out.empty() ? name.member("text").string() : out;
}

std::string formatted_address(Slice address) {
    std::string out;
    append_parts(out, address.member("line"), ", ");
    for (const char* part : {"city", "state", "postalCode"}) append_part(out, address.member(part).string(), ", ");
    return out;
}

std::string medplum_string(Slice value, ElementType element) {
    switch (element) {
        case ElementType::HumanName:
            return formatted_name(value);
        case ElementType::Address:
            return formatted_address(value);
        default:
            return plain_text(value);
    }
}

bool medplum_string_matches(const Resource& resource, const SearchTerm& term) {
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        const std::string text = to_lower(medplum_string(value, term.definition->element));
        if (text.empty()) return;
        for (const SearchValue& wanted : term.values) found = found || text.find(wanted.lower) != std::string::npos;
    });
    return found;
}

bool medplum_token_matches(std::string_view system, std::string_view code, const SearchValue& wanted) {
    if (system.empty() && code.empty()) return false;
    const SearchToken& token = wanted.medplum_token;
    if (!token.has_bar) return equals_ignoring_case(code, wanted.lower);
    if (token.system.empty()) return !token.code.empty() && system.empty() && equals_ignoring_case(code, token.code);
    return equals_ignoring_case(system, token.system) && (token.code.empty() || equals_ignoring_case(code, token.code));
}

bool medplum_token_matches(const Resource& resource, const SearchTerm& term) {
    bool found = false;
    each_token(resource, *term.definition, true, [&](const std::string& system, const std::string& code) {
        for (const SearchValue& wanted : term.values) found = found || medplum_token_matches(system, code, wanted);
    });
    return found;
}

// Modifiers that it knows the names of (and, but for two, takes no further notice of).
bool is_medplum_operator(std::string_view modifier) {
    static constexpr std::array<std::string_view, 10> names{"contains", "exact", "above",  "below",      "text",
                                                            "not",      "in",    "not-in", "identifier", "of-type"};
    return std::ranges::find(names, modifier) != names.end();
}

bool medplum_reference_matches(const Resource& resource, const SearchTerm& term) {
    const SearchParameter& parameter = *term.definition;
    // A bare id is enough where it can mean one type only (since 5.1; 5.0.10 never accepts one).
    const bool takes_bare_ids = parameter.name == "_compartment" ||
                                (!parameter.targets.empty() && parameter.targets.find(',') == std::string_view::npos);
    bool found = false;
    each_value(resource, parameter, [&](Slice value) {
        const std::string stored = reference_text(value);
        if (!is_wanted_target(parameter, stored)) return;
        for (const SearchValue& wanted : term.values)
            if (wanted.text.find('/') != std::string::npos)
                found = found || stored == wanted.text;
            else if (takes_bare_ids)
                found = found || stored.ends_with('/' + wanted.text);
    });
    return found;
}

Match medplum_date(const Resource& resource, const SearchTerm& term) {
    const SearchValue& wanted = term.values.front();
    // A modifier is taken for a prefix that it does not have; a real prefix overrules it.
    if (term.modifier != Modifier::None && !wanted.has_prefix) return to_match(term.modifier == Modifier::Not);
    const bool found = wanted.medplum_date && any_date(resource, *term.definition, [&](Slice value) {
                           const std::optional<DateInterval> interval = interval_of(value, medplum_date_interval);
                           return interval && medplum_date_matches(*interval, wanted.prefix, *wanted.medplum_date);
                       });
    return to_match(found != (wanted.prefix == DatePrefix::Ne));
}

} // namespace

Match match_medplum(const Resource& resource, const SearchTerm& term, bool knows_all_parameters) {
    if (term.definition == nullptr) return knows_all_parameters && !term.needs_server ? Match::No : Match::Unknown;
    if (term.is_medplum_error) return Match::No;
    const SearchParameter& parameter = *term.definition;
    if (term.modifier == Modifier::Missing || term.modifier == Modifier::Present) {
        const bool wants_value = term.whole == (term.modifier == Modifier::Missing ? "false" : "true");
        return to_match(has_value(resource, parameter) == wants_value);
    }
    const bool is_negated = term.modifier == Modifier::Not;
    switch (parameter.type) {
        case SearchType::String:
        case SearchType::Uri:
            return to_match(medplum_string_matches(resource, term) != is_negated);
        case SearchType::Token:
            return to_match(medplum_token_matches(resource, term) != is_negated);
        case SearchType::Reference:
            if (term.whole.empty() && !has_value(resource, parameter))
                return to_match(!is_medplum_operator(term.modifier_text));
            return to_match(medplum_reference_matches(resource, term) != is_negated);
        case SearchType::Date:
            return medplum_date(resource, term);
        case SearchType::Number:
            break;
    }
    return Match::No;
}

} // namespace fhirscope::fhir
