#include "fhir/choice.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

using namespace std::string_view_literals;

// Sorted. From the definitions of R4 and R5; a name must have both a known element and a known type.
constexpr std::array elements{
    // clang-format off
    "abatement"sv, "additive"sv, "age"sv, "allowed"sv, "amount"sv, "answer"sv, "asNeeded"sv, "author"sv, "born"sv,
    "chargeItem"sv, "collected"sv, "content"sv, "deceased"sv, "defaultValue"sv, "definition"sv, "detail"sv,
    "diagnosis"sv, "dose"sv, "due"sv, "effective"sv, "entity"sv, "event"sv, "fixed"sv, "indication"sv, "item"sv,
    "legallyBinding"sv, "location"sv, "maxValue"sv, "medication"sv, "minValue"sv, "multipleBirth"sv, "occurred"sv,
    "occurrence"sv, "onset"sv, "participantEffective"sv, "pattern"sv, "performed"sv, "procedure"sv, "product"sv,
    "rate"sv, "reported"sv, "scheduled"sv, "serviced"sv, "source"sv, "start"sv, "statusReason"sv, "subject"sv,
    "target"sv, "timing"sv, "topic"sv, "used"sv, "value"sv, "versionAlgorithm"sv,
    // clang-format on
};

constexpr std::array types{
    // clang-format off
    "Address"sv, "Age"sv, "Annotation"sv, "Attachment"sv, "Base64Binary"sv, "Boolean"sv, "Canonical"sv, "Code"sv,
    "CodeableConcept"sv, "CodeableReference"sv, "Coding"sv, "ContactDetail"sv, "ContactPoint"sv, "Contributor"sv, "Count"sv,
    "DataRequirement"sv, "Date"sv, "DateTime"sv, "Decimal"sv, "Distance"sv, "Dosage"sv, "Duration"sv, "Expression"sv,
    "HumanName"sv, "Id"sv, "Identifier"sv, "Instant"sv, "Integer"sv, "Integer64"sv, "Markdown"sv, "Meta"sv, "Money"sv,
    "Oid"sv, "ParameterDefinition"sv, "Period"sv, "PositiveInt"sv, "Quantity"sv, "Range"sv, "Ratio"sv, "RatioRange"sv,
    "Reference"sv, "RelatedArtifact"sv, "SampledData"sv, "Signature"sv, "String"sv, "Time"sv, "Timing"sv,
    "TriggerDefinition"sv, "UnsignedInt"sv, "Uri"sv, "Url"sv, "UsageContext"sv, "Uuid"sv,
    // clang-format on
};

static_assert(std::ranges::is_sorted(elements) && std::ranges::is_sorted(types));

} // namespace

bool is_choice_type(std::string_view type) { return std::ranges::binary_search(types, type); }

Choice split_choice(std::string_view name) {
    for (std::size_t i = 1; i < name.size(); ++i) {
        if (name[i] < 'A' || name[i] > 'Z') continue;
        const Choice choice{name.substr(0, i), name.substr(i)};
        if (is_choice_type(choice.type) && std::ranges::binary_search(elements, choice.element)) return choice;
    }
    return {};
}

} // namespace fhirscope::fhir
