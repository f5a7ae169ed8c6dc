#include "fhir/criteria_program.hpp"

#include "fhir/utf8.hpp"
#include "fhir/validate.hpp"

namespace fhirscope::fhir {
namespace {

// Splits at each `separator` that no backslash escapes; the parts keep their escapes.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == separator) {
            parts.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(text.substr(begin));
    return parts;
}

std::string unescape_value(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out.push_back(text[i]);
    }
    return out;
}

Modifier read_modifier(std::string_view text) {
    if (text.empty()) return Modifier::None;
    if (text == "not") return Modifier::Not;
    if (text == "missing") return Modifier::Missing;
    if (text == "present") return Modifier::Present;
    if (text == "exact") return Modifier::Exact;
    if (text == "contains") return Modifier::Contains;
    return is_valid_type(text) ? Modifier::TargetType : Modifier::Other;
}

SearchToken split_token(std::string_view raw) {
    const std::vector<std::string_view> parts = split_unescaped(raw, '|');
    if (parts.size() == 1) return {false, "", unescape_value(raw)};
    return {true, unescape_value(parts[0]), unescape_value(raw.substr(parts[0].size() + 1))};
}

SearchToken split_medplum_token(std::string_view lower) {
    const std::size_t bar = lower.find('|');
    if (bar == std::string_view::npos) return {false, "", std::string(lower)};
    const std::string_view rest = lower.substr(bar + 1);
    return {true, std::string(lower.substr(0, bar)), std::string(rest.substr(0, rest.find('|')))};
}

SearchValue compile_value(std::string_view raw, SearchType type) {
    SearchValue value;
    value.text = unescape_value(raw);
    value.lower = to_lower(value.text);
    value.folded = fold(value.text);
    value.token = split_token(raw);
    value.medplum_token = split_medplum_token(value.lower);
    if (type == SearchType::Date) {
        const PrefixedDate date = split_date_prefix(value.text);
        value.prefix = date.prefix;
        value.has_prefix = date.date.size() != value.text.size();
        value.date = date_interval(date.date);
        value.medplum_date = medplum_date_interval(date.date);
    }
    return value;
}

} // namespace

std::vector<std::string> split_values(std::string_view raw_value) {
    std::vector<std::string> values;
    for (const std::string_view part : split_unescaped(raw_value, ',')) values.push_back(unescape_value(part));
    return values;
}

SearchTerm compile_term(std::string_view type, std::string_view name, std::string_view modifier,
                        std::string_view raw_value) {
    SearchTerm term;
    term.name = name;
    term.modifier_text = modifier;
    term.modifier = read_modifier(modifier);
    term.needs_server = needs_a_server(name);
    term.definition = term.needs_server ? nullptr : find_search_parameter(type, name);
    term.whole = raw_value;
    const bool is_presence = term.modifier == Modifier::Missing || term.modifier == Modifier::Present;
    if (term.definition == nullptr || is_presence) return term;
    for (const std::string_view part : split_unescaped(raw_value, ','))
        term.values.push_back(compile_value(part, term.definition->type));
    // It checks the whole value, so a comma is as wrong to it as a letter.
    if (term.definition->type == SearchType::Date)
        term.is_medplum_error = !is_medplum_search_date(split_date_prefix(raw_value).date);
    return term;
}

} // namespace fhirscope::fhir
