// Criteria by the rules of the FHIR R4 search page (PROTOCOL F3).

#include "fhir/criteria_values.hpp"
#include "fhir/reference.hpp"

namespace fhirscope::fhir {
namespace {

Match or_else(Match a, Match b) {
    if (a == Match::Yes || b == Match::Yes) return Match::Yes;
    return a == Match::Unknown || b == Match::Unknown ? Match::Unknown : Match::No;
}

Match negate(Match match) {
    if (match == Match::Unknown) return match;
    return match == Match::Yes ? Match::No : Match::Yes;
}

// The texts that a string search looks at: each part of a name or an address by itself.
template <class Visit>
void each_string(Slice value, Visit visit) {
    if (value.kind() == Slice::Kind::String) {
        visit(value.string());
        return;
    }
    value.each_member([&](std::string_view name, Slice part) {
        if (name == "use" || name == "type" || name == "period" || name == "id" || name == "extension") return;
        if (part.kind() == Slice::Kind::String) visit(part.string());
        part.each_element([&](Slice element) {
            if (element.kind() == Slice::Kind::String) visit(element.string());
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
            for (const SearchValue& wanted : term.values) found = found || string_matches(text, wanted, term.modifier);
        });
    });
    return to_match(found);
}

Match token_matches(const SearchParameter& parameter, std::string_view system, std::string_view code,
                    const SearchToken& wanted) {
    if (!wanted.code.empty() && !equals_ignoring_case(code, to_lower(wanted.code))) return Match::No;
    if (!wanted.has_bar) return to_match(!wanted.code.empty());
    const bool is_plain = parameter.element == ElementType::Plain || parameter.element == ElementType::Deceased;
    if (!is_plain) return to_match(system == wanted.system && !(wanted.system.empty() && wanted.code.empty()));
    // A code without a system of its own takes the one that its binding implies, as far as we know that.
    return parameter.system.empty() ? Match::Unknown : to_match(parameter.system == wanted.system);
}

Match spec_token(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None && term.modifier != Modifier::Not) return Match::Unknown;
    Match found = Match::No;
    each_token(resource, *term.definition, false, [&](const std::string& system, const std::string& code) {
        for (const SearchValue& wanted : term.values)
            found = or_else(found, token_matches(*term.definition, system, code, wanted.token));
    });
    return term.modifier == Modifier::Not ? negate(found) : found;
}

bool is_absolute(std::string_view reference) { return reference.find("://") != std::string_view::npos; }

bool reference_matches(std::string_view stored, const SearchTerm& term, std::string_view wanted) {
    if (wanted.empty()) return false;
    if (stored == wanted) return true;
    const std::string_view local = local_reference(stored);
    if (local.empty()) return false;
    const std::size_t slash = local.find('/');
    if (term.modifier == Modifier::TargetType && local.substr(0, slash) != term.modifier_text) return false;
    if (wanted.find('/') == std::string_view::npos) return local.substr(slash + 1) == wanted;
    // A relative and an absolute form are taken to be of one server.
    if (is_absolute(stored) && is_absolute(wanted)) return stored.substr(0, stored.find("/_history/")) == wanted;
    return local == local_reference(wanted);
}

Match spec_reference(const Resource& resource, const SearchTerm& term) {
    const bool is_known =
        term.modifier == Modifier::None || term.modifier == Modifier::Not || term.modifier == Modifier::TargetType;
    if (!is_known || term.whole.empty()) return Match::Unknown;
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        const std::string stored = reference_text(value);
        if (!is_wanted_target(*term.definition, local_reference(stored))) return;
        for (const SearchValue& wanted : term.values) found = found || reference_matches(stored, term, wanted.text);
    });
    return to_match(found != (term.modifier == Modifier::Not));
}

Match spec_date(const Resource& resource, const SearchTerm& term) {
    if (term.modifier != Modifier::None) return Match::Unknown;
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
    if (term.modifier != Modifier::None) return Match::Unknown;
    bool found = false;
    each_value(resource, *term.definition, [&](Slice value) {
        for (const SearchValue& wanted : term.values) found = found || value.is_string(wanted.text);
    });
    return to_match(found);
}

} // namespace

Match match_spec(const Resource& resource, const SearchTerm& term) {
    if (term.definition == nullptr) return Match::Unknown;
    if (term.modifier == Modifier::Missing) {
        if (term.whole != "true" && term.whole != "false") return Match::Unknown;
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

} // namespace fhirscope::fhir
