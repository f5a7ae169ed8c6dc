#include "fhir/search_parameters.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace fhirscope::fhir {
namespace {

using enum SearchType;
using E = ElementType;

constexpr std::array common{
    SearchParameter{"_id", Token, E::Plain, "id"},
    SearchParameter{"_lastUpdated", Date, E::Plain, "meta.lastUpdated"},
    SearchParameter{"_tag", Token, E::Coding, "meta.tag"},
    SearchParameter{"_security", Token, E::Coding, "meta.security"},
    SearchParameter{"_profile", Uri, E::Plain, "meta.profile"},
    SearchParameter{"_source", Uri, E::Plain, "meta.source"},
    // Medplum's own; they need the extended meta.
    SearchParameter{"_project", Reference, E::Plain, "meta.project", "Project"},
    SearchParameter{"_compartment", Reference, E::Plain, "meta.compartment"},
};

constexpr std::string_view performer_targets =
    "Practitioner,PractitionerRole,Organization,CareTeam,HealthcareService,Patient,Device,RelatedPerson";
constexpr std::string_view requester_targets =
    "Practitioner,PractitionerRole,Organization,Patient,RelatedPerson,Device";

constexpr std::array task_parameters{
    SearchParameter{"status", Token, E::Plain, "status", "", "", "http://hl7.org/fhir/task-status"},
    SearchParameter{"owner", Reference, E::Plain, "owner", performer_targets},
    SearchParameter{"patient", Reference, E::Plain, "for", "Patient"},
    SearchParameter{"subject", Reference, E::Plain, "for"},
    SearchParameter{"code", Token, E::CodeableConcept, "code"},
    SearchParameter{"priority", Token, E::Plain, "priority", "", "", "http://hl7.org/fhir/request-priority"},
    SearchParameter{"intent", Token, E::Plain, "intent", "", "", "http://hl7.org/fhir/task-intent"},
    SearchParameter{"business-status", Token, E::CodeableConcept, "businessStatus"},
    SearchParameter{"performer", Token, E::CodeableConcept, "performerType"},
    SearchParameter{"identifier", Token, E::Identifier, "identifier"},
    SearchParameter{"group-identifier", Token, E::Identifier, "groupIdentifier"},
    SearchParameter{"requester", Reference, E::Plain, "requester", requester_targets},
    SearchParameter{"encounter", Reference, E::Plain, "encounter", "Encounter"},
    SearchParameter{"part-of", Reference, E::Plain, "partOf", "Task"},
    SearchParameter{"focus", Reference, E::Plain, "focus"},
    SearchParameter{"based-on", Reference, E::Plain, "basedOn"},
    SearchParameter{"authored-on", Date, E::Plain, "authoredOn"},
    SearchParameter{"modified", Date, E::Plain, "lastModified"},
    SearchParameter{"period", Date, E::Plain, "executionPeriod"},
    SearchParameter{"due-date", Date, E::Plain, "restriction.period"},
    SearchParameter{"priority-order", Number, E::Plain, "priority"},
};

constexpr std::string_view us_core_race = "url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
constexpr std::string_view us_core_ethnicity = "url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity";
constexpr std::string_view us_core_gender_identity =
    "url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity";
constexpr std::string_view gender_system = "http://hl7.org/fhir/administrative-gender";
constexpr std::string_view address_use_system = "http://hl7.org/fhir/address-use";

// Shared by Patient and Practitioner.
constexpr std::array person{
    SearchParameter{"identifier", Token, E::Identifier, "identifier"},
    SearchParameter{"active", Token, E::Plain, "active"},
    SearchParameter{"gender", Token, E::Plain, "gender", "", "", gender_system},
    SearchParameter{"name", String, E::HumanName, "name"},
    SearchParameter{"family", String, E::Plain, "name.family"},
    SearchParameter{"given", String, E::Plain, "name.given"},
    SearchParameter{"phonetic", String, E::HumanName, "name"},
    SearchParameter{"telecom", Token, E::ContactPoint, "telecom"},
    SearchParameter{"phone", Token, E::ContactPoint, "telecom", "", "system=phone"},
    SearchParameter{"email", Token, E::ContactPoint, "telecom", "", "system=email"},
    SearchParameter{"address", String, E::Address, "address"},
    SearchParameter{"address-city", String, E::Plain, "address.city"},
    SearchParameter{"address-state", String, E::Plain, "address.state"},
    SearchParameter{"address-country", String, E::Plain, "address.country"},
    SearchParameter{"address-postalcode", String, E::Plain, "address.postalCode"},
    SearchParameter{"address-use", Token, E::Plain, "address.use", "", "", address_use_system},
};

constexpr std::array patient_parameters{
    SearchParameter{"birthdate", Date, E::Plain, "birthDate"},
    SearchParameter{"deceased", Token, E::Deceased, "deceased[x]"},
    SearchParameter{"death-date", Date, E::Plain, "deceasedDateTime"},
    SearchParameter{"general-practitioner", Reference, E::Plain, "generalPractitioner",
                    "Practitioner,Organization,PractitionerRole"},
    SearchParameter{"organization", Reference, E::Plain, "managingOrganization", "Organization"},
    SearchParameter{"link", Reference, E::Plain, "link.other", "Patient,RelatedPerson"},
    SearchParameter{"language", Token, E::CodeableConcept, "communication.language"},
    SearchParameter{"race", Token, E::Plain, "extension.extension.valueCoding.code", "", us_core_race},
    SearchParameter{"ethnicity", Token, E::Plain, "extension.extension.valueCoding.code", "", us_core_ethnicity},
    SearchParameter{"gender-identity", Token, E::Plain, "extension.valueCodeableConcept.coding.code", "",
                    us_core_gender_identity},
};

constexpr std::array practitioner{
    SearchParameter{"communication", Token, E::CodeableConcept, "communication"},
    SearchParameter{"qualification-code", Token, E::CodeableConcept, "qualification.code"},
};

constexpr std::array basic{
    SearchParameter{"code", Token, E::CodeableConcept, "code"},
    SearchParameter{"identifier", Token, E::Identifier, "identifier"},
    SearchParameter{"subject", Reference, E::Plain, "subject"},
    SearchParameter{"patient", Reference, E::Plain, "subject", "Patient"},
    SearchParameter{"author", Reference, E::Plain, "author",
                    "Practitioner,Organization,Patient,PractitionerRole,RelatedPerson"},
    SearchParameter{"created", Date, E::Plain, "created"},
};

constexpr std::array observation{
    SearchParameter{"status", Token, E::Plain, "status", "", "", "http://hl7.org/fhir/observation-status"},
    SearchParameter{"code", Token, E::CodeableConcept, "code"},
    SearchParameter{"category", Token, E::CodeableConcept, "category"},
    SearchParameter{"identifier", Token, E::Identifier, "identifier"},
    SearchParameter{"subject", Reference, E::Plain, "subject", "Group,Device,Patient,Location"},
    SearchParameter{"patient", Reference, E::Plain, "subject", "Patient"},
    SearchParameter{"encounter", Reference, E::Plain, "encounter", "Encounter,EpisodeOfCare"},
    SearchParameter{"performer", Reference, E::Plain, "performer",
                    "Practitioner,Organization,CareTeam,Patient,PractitionerRole,RelatedPerson"},
    SearchParameter{"date", Date, E::Plain, "effective[x]"},
};

struct Table {
    std::string_view type;
    std::array<std::span<const SearchParameter>, 2> parameters;
    bool complete = false;
};

constexpr std::array tables{
    Table{"Task", {std::span(task_parameters), {}}, true},
    Table{"Patient", {std::span(patient_parameters), std::span(person)}, true},
    Table{"Practitioner", {std::span(practitioner), std::span(person)}, true},
    Table{"Basic", {std::span(basic), {}}, true},
    Table{"Observation", {std::span(observation), {}}, false},
};

const Table* find_table(std::string_view type) {
    const auto* found = std::ranges::find(tables, type, &Table::type);
    return found == tables.end() ? nullptr : found;
}

} // namespace

const SearchParameter* find_search_parameter(std::string_view type, std::string_view name) {
    const auto find_in = [&](std::span<const SearchParameter> parameters) -> const SearchParameter* {
        const auto found = std::ranges::find(parameters, name, &SearchParameter::name);
        return found == parameters.end() ? nullptr : &*found;
    };
    if (const SearchParameter* found = find_in(common)) return found;
    if (const Table* table = find_table(type))
        for (const auto& parameters : table->parameters)
            if (const SearchParameter* found = find_in(parameters)) return found;
    return nullptr;
}

bool knows_all_parameters(std::string_view type) {
    const Table* table = find_table(type);
    return table != nullptr && table->complete;
}

bool is_result_parameter(std::string_view name) {
    static constexpr std::array<std::string_view, 14> names{
        "_sort",   "_count",   "_offset",     "_cursor", "_total",  "_summary", "_elements",
        "_fields", "_include", "_revinclude", "_format", "_pretty", "_type",    "_"};
    return std::ranges::find(names, name) != names.end();
}

bool needs_a_server(std::string_view name) {
    static constexpr std::array<std::string_view, 7> names{"_has",  "_filter", "_text", "_content",
                                                           "_list", "_query",  "near"};
    return std::ranges::find(names, name) != names.end() || name.find('.') != std::string_view::npos;
}

} // namespace fhirscope::fhir
