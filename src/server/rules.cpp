#include "server/rules.hpp"

#include "fhir/ascii.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace fhirscope::server {

namespace {

// Ordered, for the binary search.
constexpr std::array types = std::to_array<std::string_view>({
    "AccessPolicy",
    "Account",
    "ActivityDefinition",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "BodyStructure",
    "Bot",
    "CarePlan",
    "CareTeam",
    "ChargeItem",
    "ChargeItemDefinition",
    "Claim",
    "ClaimResponse",
    "ClientApplication",
    "ClinicalImpression",
    "CodeSystem",
    "Communication",
    "CommunicationRequest",
    "CompartmentDefinition",
    "Composition",
    "ConceptMap",
    "Condition",
    "Consent",
    "Contract",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "Device",
    "DeviceDefinition",
    "DeviceMetric",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "Encounter",
    "Endpoint",
    "EnrollmentRequest",
    "EnrollmentResponse",
    "EpisodeOfCare",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "GraphDefinition",
    "Group",
    "GuidanceResponse",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "ImplementationGuide",
    "InsurancePlan",
    "Invoice",
    "Library",
    "Linkage",
    "List",
    "Location",
    "Measure",
    "MeasureReport",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationKnowledge",
    "MedicationRequest",
    "MedicationStatement",
    "MessageDefinition",
    "MessageHeader",
    "MolecularSequence",
    "NamingSystem",
    "NutritionOrder",
    "Observation",
    "ObservationDefinition",
    "OperationDefinition",
    "OperationOutcome",
    "Organization",
    "OrganizationAffiliation",
    "Patient",
    "PaymentNotice",
    "PaymentReconciliation",
    "Person",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Project",
    "ProjectMembership",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "ResearchStudy",
    "ResearchSubject",
    "RiskAssessment",
    "RiskEvidenceSynthesis",
    "Schedule",
    "SearchParameter",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "SubscriptionStatus",
    "Substance",
    "SupplyDelivery",
    "SupplyRequest",
    "Task",
    "TestReport",
    "TestScript",
    "User",
    "UserConfiguration",
    "ValueSet",
    "VerificationResult",
    "VisionPrescription",
});

struct Shape {
    std::string_view type;
    std::span<const std::string_view> required;
    std::span<const std::string_view> known; // beside those of every DomainResource
};

constexpr std::array common = std::to_array<std::string_view>(
    {"resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"});

constexpr std::array subscription_required =
    std::to_array<std::string_view>({"status", "reason", "criteria", "channel"});
constexpr std::array subscription_known =
    std::to_array<std::string_view>({"status", "contact", "end", "reason", "criteria", "error", "channel"});
constexpr std::array task_required = std::to_array<std::string_view>({"status", "intent"});
constexpr std::array task_known = std::to_array<std::string_view>({"identifier",
                                                                   "instantiatesCanonical",
                                                                   "instantiatesUri",
                                                                   "basedOn",
                                                                   "groupIdentifier",
                                                                   "partOf",
                                                                   "status",
                                                                   "statusReason",
                                                                   "businessStatus",
                                                                   "intent",
                                                                   "priority",
                                                                   "code",
                                                                   "description",
                                                                   "focus",
                                                                   "for",
                                                                   "encounter",
                                                                   "executionPeriod",
                                                                   "authoredOn",
                                                                   "lastModified",
                                                                   "requester",
                                                                   "performerType",
                                                                   "owner",
                                                                   "location",
                                                                   "reasonCode",
                                                                   "reasonReference",
                                                                   "insurance",
                                                                   "note",
                                                                   "relevantHistory",
                                                                   "restriction",
                                                                   "input",
                                                                   "output"});
constexpr std::array patient_known = std::to_array<std::string_view>(
    {"identifier", "active", "name", "telecom", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime", "address",
     "maritalStatus", "multipleBirthBoolean", "multipleBirthInteger", "photo", "contact", "communication",
     "generalPractitioner", "managingOrganization", "link"});
constexpr std::array basic_required = std::to_array<std::string_view>({"code"});
constexpr std::array basic_known =
    std::to_array<std::string_view>({"identifier", "code", "subject", "created", "author"});
constexpr std::array<std::string_view, 0> nothing{};

constexpr std::array shapes = std::to_array<Shape>({
    {"Subscription", subscription_required, subscription_known},
    {"Task", task_required, task_known},
    {"Patient", nothing, patient_known},
    {"Basic", basic_required, basic_known},
});

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_date(std::string_view text) {
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
    return true;
}

bool is_empty(const rapidjson::Value& value) {
    return value.IsNull() || (value.IsString() && value.GetStringLength() == 0) || (value.IsArray() && value.Empty()) ||
           (value.IsObject() && value.ObjectEmpty());
}

} // namespace

bool is_known_type(std::string_view type) { return std::binary_search(types.begin(), types.end(), type); }

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < 36; ++i) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : fhir::hex_digit(text[i]) < 0) return false;
    }
    return true;
}

Result<void> check_content(const rapidjson::Value& resource) {
    auto type = fhir::string_at(resource, "resourceType");
    auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& s) { return s.type == type; });
    if (shape == shapes.end()) return {};
    auto at = [&](std::string_view name) { return "\n" + std::string(type) + "." + std::string(name); };
    for (auto name : shape->required) {
        auto member = resource.FindMember(std::string(name).c_str());
        if (member == resource.MemberEnd() || is_empty(member->value))
            return fail(ErrorCode::Invalid, "Missing required property" + at(name));
    }
    if (auto date = resource.FindMember("birthDate"); type == "Patient" && date != resource.MemberEnd())
        if (!is_date(fhir::string_at(resource, "birthDate")))
            return fail(ErrorCode::Invalid, "Invalid date format" + at("birthDate"));
    for (const auto& member : resource.GetObject()) {
        std::string_view name(member.name.GetString(), member.name.GetStringLength());
        auto plain = name.starts_with('_') ? name.substr(1) : name;
        if (!contains(common, plain) && !contains(shape->known, plain))
            return fail(ErrorCode::Invalid, "Invalid additional property \"" + std::string(name) + "\"" + at(name));
    }
    return {};
}

} // namespace fhirscope::server
