#pragma once
// The values that a search parameter has in a resource; what both rule books share. Internal to src/fhir.

#include "fhir/ascii.hpp"
#include "fhir/criteria_program.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

inline Match to_match(bool matches) { return matches ? Match::Yes : Match::No; }

inline bool is_choice_of(std::string_view member, std::string_view stem) {
    return member.size() > stem.size() && member.starts_with(stem) && member[stem.size()] >= 'A' &&
           member[stem.size()] <= 'Z';
}

// Calls visit(Slice) for every value at `path`; arrays on the way are flattened, as FHIRPath does.
template <class Visit>
void walk(Slice value, std::string_view path, Visit& visit) {
    if (value.kind() == Slice::Kind::Array) {
        value.each_element([&](Slice element) { walk(element, path, visit); });
        return;
    }
    if (path.empty()) {
        if (value.exists() && value.kind() != Slice::Kind::Null) visit(value);
        return;
    }
    const std::size_t dot = path.find('.');
    const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    walk(value.member(path.substr(0, dot)), rest, visit);
}

inline bool passes(Slice element, std::string_view filter) {
    const std::size_t equals = filter.find('=');
    return element.member(filter.substr(0, equals)).is_string(filter.substr(equals + 1));
}

template <class Visit>
void each_value(const Resource& resource, const SearchParameter& parameter, Visit visit) {
    const std::size_t dot = parameter.path.find('.');
    const std::string_view first = parameter.path.substr(0, dot);
    const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : parameter.path.substr(dot + 1);
    if (first.ends_with("[x]")) {
        for (const Field& field : resource.fields())
            if (is_choice_of(resource.name_of(field), first.substr(0, first.size() - 3)))
                walk(Slice(resource.value_of(field)), rest, visit);
        return;
    }
    const std::optional<std::string_view> member = resource.member(first);
    if (!member) return;
    if (parameter.filter.empty()) {
        walk(Slice(*member), rest, visit);
        return;
    }
    Slice(*member).each_element([&](Slice element) {
        if (passes(element, parameter.filter)) walk(element, rest, visit);
    });
}

// Patient.deceased as the parameter sees it: always there, "true" or "false".
inline bool is_deceased(const Resource& resource) {
    if (const auto flag = resource.member("deceasedBoolean")) return *flag == "true";
    return resource.member("deceasedDateTime").has_value();
}

// Task's "patient" is Task.for where that is a Patient.
inline bool is_wanted_target(const SearchParameter& parameter, std::string_view reference) {
    return parameter.name != "patient" || reference.starts_with("Patient/");
}

inline std::string reference_text(Slice value) {
    return value.kind() == Slice::Kind::Object ? value.member("reference").string() : value.string();
}

inline bool has_value(const Resource& resource, const SearchParameter& parameter) {
    // Computed ones have a value always.
    if (parameter.element == ElementType::Deceased || parameter.type == SearchType::Number) return true;
    bool found = false;
    each_value(resource, parameter, [&](Slice value) {
        found = found || parameter.type != SearchType::Reference || is_wanted_target(parameter, reference_text(value));
    });
    return found;
}

inline bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    bool is_ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            is_ascii = false;
            break;
        }
        if (i >= lower.size() || lower_ascii(c) != lower[i]) return false;
    }
    return is_ascii ? text.size() == lower.size() : to_lower(text) == lower;
}

inline std::string plain_text(Slice value) {
    return value.kind() == Slice::Kind::String ? value.string() : std::string(value.text());
}

// Calls visit(system, code) for every token of an element. `with_texts` adds those that only Medplum counts: text,
// display.
template <class Visit>
void each_token(Slice value, const SearchParameter& parameter, bool with_texts, Visit visit) {
    const auto coding_tokens = [&](Slice coding) {
        if (const std::string display = coding.member("display").string(); with_texts && !display.empty())
            visit(std::string(), display);
        visit(coding.member("system").string(), coding.member("code").string());
    };
    switch (parameter.element) {
        case ElementType::Identifier:
            if (const std::string text = value.member("type").member("text").string(); with_texts && !text.empty())
                visit(std::string(), text);
            visit(value.member("system").string(), value.member("value").string());
            break;
        case ElementType::CodeableConcept:
            if (const std::string text = value.member("text").string(); with_texts && !text.empty())
                visit(std::string(), text);
            value.member("coding").each_element(coding_tokens);
            break;
        case ElementType::Coding:
            coding_tokens(value);
            break;
        case ElementType::ContactPoint:
            visit(value.member("system").string(), value.member("value").string());
            break;
        default:
            visit(std::string(), plain_text(value));
    }
}

template <class Visit>
void each_token(const Resource& resource, const SearchParameter& parameter, bool with_texts, Visit visit) {
    if (parameter.element == ElementType::Deceased)
        visit(std::string(), is_deceased(resource) ? "true" : "false");
    else
        each_value(
            resource, parameter, [&](Slice value) { each_token(value, parameter, with_texts, visit); });
}

template <class Compare>
inline bool any_date(const Resource& resource, const SearchParameter& parameter, Compare compare) {
    bool found = false;
    each_value(resource, parameter, [&](Slice value) { found = found || compare(value); });
    return found;
}

// A date, or a Period with its open ends.
template <class Read>
std::optional<DateInterval> interval_of(Slice value, Read read) {
    if (value.kind() != Slice::Kind::Object) return read(value.raw_string());
    const std::optional<DateInterval> start = read(value.member("start").raw_string());
    const std::optional<DateInterval> end = read(value.member("end").raw_string());
    if (!start && !end) return std::nullopt;
    return DateInterval{start ? start->start : open_start, end ? end->end : open_end};
}

} // namespace fhirscope::fhir
