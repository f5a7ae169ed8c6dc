#include "fhir/criteria_program.hpp"
#include "fhir/reference.hpp"

namespace fhirscope::fhir {
namespace {

void add(std::vector<CriteriaWarning>& warnings, std::string code, std::string message) {
    warnings.push_back({std::move(code), std::move(message)});
}

void check_modifier(const SearchTerm& term, std::vector<CriteriaWarning>& warnings) {
    const bool is_understood =
        term.modifier == Modifier::None || term.modifier == Modifier::Not || term.modifier == Modifier::Missing;
    if (is_understood && !(term.modifier == Modifier::Not && term.definition->type == SearchType::Date)) return;
    add(warnings, "modifier",
        "Medplum takes no notice of :" + term.modifier_text + " on " + term.name +
            "; write the parameter without it, with :not or with :missing");
}

void check_references(const SearchTerm& term, std::vector<CriteriaWarning>& warnings) {
    for (const SearchValue& value : term.values) {
        const std::string_view local = local_reference(value.text);
        if (local.empty() || local != value.text) {
            const std::string better = local.empty() ? "Type/id, as in Practitioner/123" : std::string(local);
            add(warnings, "reference-form",
                term.name + "=" + value.text + " will not match: Medplum compares the text as stored; write " + better);
        }
    }
}

void check_dates(const SearchTerm& term, std::vector<CriteriaWarning>& warnings) {
    if (term.values.size() > 1) {
        add(warnings, "date-comma",
            term.name + " has several dates: Medplum cannot read that and sends nothing; make a subscription for each");
        return;
    }
    const SearchValue& value = term.values.front();
    if (term.is_medplum_error) {
        const bool lost_plus = value.text.find(' ') != std::string::npos;
        add(warnings, "date-value",
            term.name + "=" + value.text + " is not a date with a prefix out of eq ne lt gt le ge sa eb ap; " +
                (lost_plus ? "write the + of a zone as %2B" : "write it as 2026-02-10 or 2026-02-10T10:30:15Z"));
        return;
    }
    if (!value.medplum_date) {
        add(warnings, "date-value", term.name + "=" + value.text + " never matches on Medplum: add the seconds");
        return;
    }
    if (value.prefix == DatePrefix::Eq && value.medplum_date->start == value.medplum_date->end)
        add(warnings, "date-prefix",
            term.name + "=" + value.text +
                " never matches: an exact millisecond is an empty interval to Medplum; use ge and le");
}

void check_tokens(const SearchTerm& term, std::vector<CriteriaWarning>& warnings) {
    if (term.definition->system.empty()) return;
    for (const SearchValue& value : term.values)
        if (!value.medplum_token.system.empty())
            add(warnings, "token-system",
                term.name + "=" + value.text + " never matches: Medplum gives a plain code no system; write " +
                    term.name + "=" + value.token.code);
}

void check_term(const std::string& type, bool knows_all, const SearchTerm& term,
                std::vector<CriteriaWarning>& warnings) {
    if (term.needs_server) {
        add(warnings, "unknown-parameter",
            term.name + " cannot be evaluated on one resource, so a Medplum subscription with it never fires");
        return;
    }
    if (term.definition == nullptr) {
        if (knows_all)
            add(warnings, "unknown-parameter",
                type + " has no search parameter " + term.name + ", so a Medplum subscription with it never fires");
        return;
    }
    if (term.definition->type == SearchType::Number) {
        add(warnings, "unsupported-type",
            term.name + " is a number, which Medplum does not evaluate in subscriptions: it never fires");
        return;
    }
    check_modifier(term, warnings);
    if (term.values.empty()) // :missing
        return;
    if (term.definition->type == SearchType::Reference && !term.whole.empty())
        check_references(term, warnings);
    else if (term.definition->type == SearchType::Date)
        check_dates(term, warnings);
    else if (term.definition->type == SearchType::Token)
        check_tokens(term, warnings);
}

} // namespace

std::vector<CriteriaWarning> Criteria::lint() const {
    std::vector<CriteriaWarning> warnings;
    if (program_ == nullptr) return warnings;
    for (const SearchTerm& term : program_->terms) check_term(type_, program_->knows_all_parameters, term, warnings);
    return warnings;
}

} // namespace fhirscope::fhir
