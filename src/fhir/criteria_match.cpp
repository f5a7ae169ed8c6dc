#include <algorithm>
#include <array>

#include "fhir/criteria_program.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

namespace fhirscope::fhir {
namespace {

// ---- the values of a parameter in a resource ----

bool is_choice_of(std::string_view member, std::string_view stem) {
    return member.size() > stem.size() && member.starts_with(stem) && member[stem.size()] >= 'A' &&
           member[stem.size()] <= 'Z';
}

// Calls visit(Slice) for every value at `path`; arrays on the way are flattened, as FHIRPath does.
template <class Visit> void walk(Slice value, std::string_view path, Visit& visit) {
    if (value.kind() == Slice::Kind::Array) {
        value.each_element([&](Slice element) { walk(element, path, visit); });
        return;
    }
    if (path.empty()) {
        if (value.exists() && value.kind() != Slice::Kind::Null)
            visit(value);
        return;
    }
    const std::size_t dot = path.find('.');
    const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    walk(value.member(path.substr(0, dot)), rest, visit);
}

bool passes(Slice element, std::string_view filter) {
    const std::size_t equals = filter.find('=');
    return element.member(filter.substr(0, equals)).is_string(filter.substr(equals + 1));
}

template <class Visit> void each_value(const Resource& resource, const SearchParameter& parameter, Visit visit) {
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
    if (!member)
        return;
    if (parameter.filter.empty()) {
        walk(Slice(*member), rest, visit);
        return;
    }
    Slice(*member).each_element([&](Slice element) {
        if (passes(element, parameter.filter))
            walk(element, rest, visit);
    });
}

// Patient.deceased as the parameter sees it: always there, "true" or "false".
bool is_deceased(const Resource& resource) {
    if (const auto flag = resource.member("deceasedBoolean"))
        return *flag == "true";
    return resource.member("deceasedDateTime").has_value();
}

// Task's "patient" is Task.for where that is a Patient.
bool is_wanted_target(const SearchParameter& parameter, std::string_view reference) {
    return parameter.name != "patient" || reference.starts_with("Patient/");
}

std::string reference_text(Slice value) {
    return value.kind() == Slice::Kind::Object ? value.member("reference").string() : value.string();
}

bool has_value(const Resource& resource, const SearchParameter& parameter) {
    // Computed ones have a value always.
    if (parameter.element == ElementType::Deceased || parameter.type == SearchType::Number)
        return true;
    bool found = false;
    each_value(resource, parameter, [&](Slice value) {
        found = found || parameter.type != SearchType::Reference || is_wanted_target(parameter, reference_text(value));
    });
    return found;
}

// ---- comparing ----

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    bool is_ascii = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            is_ascii = false;
            break;
        }
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (i >= lower.size() || low != lower[i])
            return false;
    }
    return is_ascii ? text.size() == lower.size() : to_lower(text) == lower;
}

std::string plain_text(Slice value) {
    return value.kind() == Slice::Kind::String ? value.string() : std::string(value.text());
}

// Calls visit(system, code) for every token of an element. `with_texts` adds those that only Medplum counts: text, display.
template <class Visit> void each_token(Slice value, const SearchParameter& parameter, bool with_texts, Visit visit) {
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
        each_value(resource, parameter, [&](Slice value) { each_token(value, parameter, with_texts, visit); });
}

template <class Compare> bool any_date(const Resource& resource, const SearchParameter& parameter, Compare compare) {
    bool found = false;
    each_value(resource, parameter, [&](Slice value) { found = found || compare(value); });
    return found;
}

// A date, or a Period with its open ends.
template <class Read> std::optional<DateInterval> interval_of(Slice value, Read read) {
    if (value.kind() != Slice::Kind::Object)
        return read(value.raw_string());
    const std::optional<DateInterval> start = read(value.member("start").raw_string());
    const std::optional<DateInterval> end = read(value.member("end").raw_string());
    if (!start && !end)
        return std::nullopt;
    return DateInterval{start ? start->start : open_start, end ? end->end : open_end};
}

Match to_match(bool matches) { return matches ? Match::Yes : Match::No; }

// ---- the specification ----

Match or_else(Match a, Match b) {
    if (a == Match::Yes || b == Match::Yes)
        return Match::Yes;
    return a == Match::Unknown || b == Match::Unknown ? Match::Unknown : Match::No;
}

Match negate(Match match) {
    if (match == Match::Unknown)
        return match;
    return match == Match::Yes ? Match::No : Match::Yes;
}

// The texts that a string search looks at: each part of a name or an address by itself.
template <class Visit> void each_string(Slice value, Visit visit) {
    if (value.kind() == Slice::Kind::String) {
        visit(value.string());
        return;
    }
    value.each_member([&](std::string_view name, Slice part) {
        if (name == "use" || name == "type" || name == "period" || name == "id" || name == "extension")
            return;
        if (part.kind() == Slice::Kind::String)
            visit(part.string());
        part.each_element([&](Slice element) {
            if (element.kind() == Slice::Kind::String)
                visit(element.string());
        });
    });
}

bool string_matches(const std::string& text, const SearchValue& wanted, Modifier modifier) {
    switch (modifier) {
    case Modifier::Exact:
        return text == wanted.text;
    case Modifier::Contains:
        return fold(text).find(wanted.folded) != std::string::npos;
    default:
        return fold(text).starts_with(wanted.folded);
    }
}

Match spec_string(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None && term.modifier != Modifier::Exact && term.modifier != Modifier::Contains)
        return Match::Unknown;
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        each_string(value, [&](const std::string& text) {
            for (const SearchValue& wanted : term.values)
                found = found || string_matches(text, wanted, term.modifier);
        });
    });
    return to_match(found);
}

Match token_matches(const SearchParameter& parameter, std::string_view system, std::string_view code,
                    const SearchToken& wanted) {
    if (!wanted.code.empty() && !equals_ignoring_case(code, to_lower(wanted.code)))
        return Match::No;
    if (!wanted.has_bar)
        return to_match(!wanted.code.empty());
    const bool is_plain = parameter.element == ElementType::Plain || parameter.element == ElementType::Deceased;
    if (!is_plain)
        return to_match(system == wanted.system && !(wanted.system.empty() && wanted.code.empty()));
    // A code without a system of its own takes the one that its binding implies, as far as we know that.
    return parameter.system.empty() ? Match::Unknown : to_match(parameter.system == wanted.system);
}

Match spec_token(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None && term.modifier != Modifier::Not)
        return Match::Unknown;
    Match found = Match::No;
    each_token(resource, *term.definition, false, [&](const std::string& system, const std::string& code) {
        for (const SearchValue& wanted : term.values)
            found = or_else(found, token_matches(*term.definition, system, code, wanted.token));
    });
    return term.modifier == Modifier::Not ? negate(found) : found;
}

bool is_absolute(std::string_view reference) { return reference.find("://") != std::string_view::npos; }

bool reference_matches(std::string_view stored, const SearchTerm& term, std::string_view wanted) {
    if (wanted.empty())
        return false;
    if (stored == wanted)
        return true;
    const std::string_view local = local_reference(stored);
    if (local.empty())
        return false;
    const std::size_t slash = local.find('/');
    if (term.modifier == Modifier::TargetType && local.substr(0, slash) != term.modifier_text)
        return false;
    if (wanted.find('/') == std::string_view::npos)
        return local.substr(slash + 1) == wanted;
    // A relative and an absolute form are taken to be of one server.
    if (is_absolute(stored) && is_absolute(wanted))
        return stored.substr(0, stored.find("/_history/")) == wanted;
    return local == local_reference(wanted);
}

Match spec_reference(const Resource& resource, const SearchTerm& term) {
    const bool is_known =
        term.modifier == Modifier::None || term.modifier == Modifier::Not || term.modifier == Modifier::TargetType;
    if (!is_known || term.whole.empty())
        return Match::Unknown;
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        const std::string stored = reference_text(value);
        if (!is_wanted_target(*term.definition, local_reference(stored)))
            return;
        for (const SearchValue& wanted : term.values)
            found = found || reference_matches(stored, term, wanted.text);
    });
    return to_match(found != (term.modifier == Modifier::Not));
}

Match spec_date(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None)
        return Match::Unknown;
    Match result = Match::No;
    for (const SearchValue& wanted : term.values) {
        if (!wanted.date) {
            result = or_else(result, Match::Unknown);
            continue;
        }
        const bool found = any_date(resource, *term.definition, [&](Slice value) {
            const std::optional<DateInterval> interval = interval_of(value, date_interval);
            return interval && spec_date_matches(*interval, wanted.prefix, *wanted.date);
        });
        // How near is "approximately" depends on the server's clock.
        const bool is_vague = wanted.prefix == DatePrefix::Ap && !found;
        result = or_else(result, is_vague ? Match::Unknown : to_match(found));
    }
    return result;
}

Match spec_uri(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None)
        return Match::Unknown;
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        for (const SearchValue& wanted : term.values)
            found = found || value.is_string(wanted.text);
    });
    return to_match(found);
}

// ---- Medplum ----

void append_part(std::string& out, std::string_view part, std::string_view separator) {
    if (part.empty())
        return;
    if (!out.empty())
        out += separator;
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
    for (const char* part : {"city", "state", "postalCode"})
        append_part(out, address.member(part).string(), ", ");
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
        if (text.empty())
            return;
        for (const SearchValue& wanted : term.values)
            found = found || text.find(wanted.lower) != std::string::npos;
    });
    return found;
}

bool medplum_token_matches(std::string_view system, std::string_view code, const SearchValue& wanted) {
    if (system.empty() && code.empty())
        return false;
    const SearchToken& token = wanted.medplum_token;
    if (!token.has_bar)
        return equals_ignoring_case(code, wanted.lower);
    if (token.system.empty())
        return !token.code.empty() && system.empty() && equals_ignoring_case(code, token.code);
    return equals_ignoring_case(system, token.system) && (token.code.empty() || equals_ignoring_case(code, token.code));
}

bool medplum_token_matches(const Resource& resource, const SearchTerm& term) {
    bool found = false;
    each_token(resource, *term.definition, true, [&](const std::string& system, const std::string& code) {
        for (const SearchValue& wanted : term.values)
            found = found || medplum_token_matches(system, code, wanted);
    });
    return found;
}

// Modifiers that it knows the names of (and, but for two, takes no further notice of).
bool is_medplum_operator(std::string_view modifier) {
    static constexpr std::array<std::string_view, 10> names{"contains", "exact", "above", "below",      "text",
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
        if (!is_wanted_target(parameter, stored))
            return;
        for (const SearchValue& wanted : term.values) {
            if (wanted.text.find('/') != std::string::npos)
                found = found || stored == wanted.text;
            else if (takes_bare_ids)
                found = found || stored.ends_with('/' + wanted.text);
        }
    });
    return found;
}

Match medplum_date(const Resource& resource, const SearchTerm& term) {
    const SearchValue& wanted = term.values.front();
    // A modifier is taken for a prefix that it does not have; a real prefix overrules it.
    if (term.modifier != Modifier::None && !wanted.has_prefix)
        return to_match(term.modifier == Modifier::Not);
    const bool found = wanted.medplum_date && any_date(resource, *term.definition, [&](Slice value) {
        const std::optional<DateInterval> interval = interval_of(value, medplum_date_interval);
        return interval && medplum_date_matches(*interval, wanted.prefix, *wanted.medplum_date);
    });
    return to_match(found != (wanted.prefix == DatePrefix::Ne));
}

} // namespace

Match match_spec(const Resource& resource, const SearchTerm& term) {
    if (term.definition == nullptr)
        return Match::Unknown;
    if (term.modifier == Modifier::Missing) {
        if (term.whole != "true" && term.whole != "false")
            return Match::Unknown;
        return to_match(has_value(resource, *term.definition) == (term.whole == "false"));
    }
    switch (term.definition->type) {
    case SearchType::String:
        return spec_string(resource, term);
    case SearchType::Token:
        return spec_token(resource, term);
    case SearchType::Reference:
        return spec_reference(resource, term);
    case SearchType::Date:
        return spec_date(resource, term);
    case SearchType::Uri:
        return spec_uri(resource, term);
    case SearchType::Number:
        break;
    }
    return Match::Unknown;
}

Match match_medplum(const Resource& resource, const SearchTerm& term, bool knows_all_parameters) {
    if (term.definition == nullptr)
        return knows_all_parameters && !term.needs_server ? Match::No : Match::Unknown;
    if (term.is_medplum_error)
        return Match::No;
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
