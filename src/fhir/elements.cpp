#include "fhir/elements.hpp"

#include "fhir/task.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

using namespace std::string_view_literals;

constexpr std::array intents{"unknown"sv,      "proposal"sv,     "plan"sv,           "order"sv, "original-order"sv,
                             "reflex-order"sv, "filler-order"sv, "instance-order"sv, "option"sv};
constexpr std::array priorities{"routine"sv, "urgent"sv, "asap"sv, "stat"sv};
constexpr std::array genders{"male"sv, "female"sv, "other"sv, "unknown"sv};
constexpr std::array name_uses{"usual"sv, "official"sv, "temp"sv, "nickname"sv, "anonymous"sv, "old"sv, "maiden"sv};
constexpr std::array contact_systems{"phone"sv, "fax"sv, "email"sv, "pager"sv, "url"sv, "sms"sv, "other"sv};
constexpr std::array contact_uses{"home"sv, "work"sv, "temp"sv, "old"sv, "mobile"sv};
constexpr std::array address_uses{"home"sv, "work"sv, "temp"sv, "old"sv, "billing"sv};
constexpr std::array address_types{"postal"sv, "physical"sv, "both"sv};
constexpr std::array identifier_uses{"usual"sv, "official"sv, "temp"sv, "secondary"sv, "old"sv};

constexpr Element one(std::string_view name, FieldType type) { return {name, {}, type, false, Presence::Optional, {}}; }
constexpr Element one(std::string_view name, std::span<const Element> parts) {
    return {name, parts, FieldType::String, false, Presence::Optional, {}};
}
constexpr Element code(std::string_view name, std::span<const std::string_view> codes) {
    return {name, {}, FieldType::Code, false, Presence::Optional, codes};
}
constexpr Element list(Element element) {
    element.is_list = true;
    return element;
}
constexpr Element with(Element element, Presence presence) {
    element.presence = presence;
    return element;
}

constexpr std::array period{one("start", FieldType::DateTime), one("end", FieldType::DateTime)};
constexpr std::array coding{one("system", FieldType::Uri), one("version", FieldType::String),
                            one("code", FieldType::Code), one("display", FieldType::String)};
constexpr std::array concept_parts{list(one("coding", coding)), one("text", FieldType::String)};
constexpr std::array reference{one("reference", FieldType::Reference), one("type", FieldType::Uri),
                               one("display", FieldType::String)};
constexpr std::array identifier{code("use", identifier_uses), one("type", concept_parts), one("system", FieldType::Uri),
                                one("value", FieldType::String), one("period", period)};
constexpr std::array annotation{one("authorReference", reference), one("authorString", FieldType::String),
                                one("time", FieldType::DateTime),
                                with(one("text", FieldType::Markdown), Presence::RequiredBesideOthers)};
constexpr std::array human_name{code("use", name_uses),
                                one("text", FieldType::String),
                                one("family", FieldType::String),
                                list(one("given", FieldType::String)),
                                list(one("prefix", FieldType::String)),
                                list(one("suffix", FieldType::String)),
                                one("period", period)};
constexpr std::array contact_point{code("system", contact_systems), one("value", FieldType::String),
                                   code("use", contact_uses), one("rank", FieldType::Integer), one("period", period)};
constexpr std::array address{code("use", address_uses),         code("type", address_types),
                             one("text", FieldType::String),    list(one("line", FieldType::String)),
                             one("city", FieldType::String),    one("district", FieldType::String),
                             one("state", FieldType::String),   one("postalCode", FieldType::String),
                             one("country", FieldType::String), one("period", period)};

constexpr std::array restriction{one("repetitions", FieldType::Integer), one("period", period),
                                 list(one("recipient", reference))};

std::span<const Element> task() {
    static const std::array elements{
        list(one("identifier", identifier)),
        one("groupIdentifier", identifier),
        list(one("basedOn", reference)),
        list(one("partOf", reference)),
        with(code("status", task_states()), Presence::Required),
        one("statusReason", concept_parts),
        one("businessStatus", concept_parts),
        with(code("intent", intents), Presence::Required),
        code("priority", priorities),
        one("code", concept_parts),
        one("description", FieldType::String),
        one("focus", reference),
        one("for", reference),
        one("encounter", reference),
        one("executionPeriod", period),
        one("authoredOn", FieldType::DateTime),
        one("lastModified", FieldType::DateTime),
        one("requester", reference),
        list(one("performerType", concept_parts)),
        one("owner", reference),
        one("location", reference),
        one("reasonCode", concept_parts),
        one("reasonReference", reference),
        list(one("insurance", reference)),
        list(one("note", annotation)),
        one("restriction", restriction),
    };
    return elements;
}

constexpr std::array contact{list(one("relationship", concept_parts)),
                             one("name", human_name),
                             list(one("telecom", contact_point)),
                             one("address", address),
                             code("gender", genders),
                             one("organization", reference),
                             one("period", period)};
constexpr std::array communication{one("language", concept_parts), one("preferred", FieldType::Boolean)};

constexpr std::array patient{
    list(one("identifier", identifier)),
    one("active", FieldType::Boolean),
    list(one("name", human_name)),
    list(one("telecom", contact_point)),
    code("gender", genders),
    one("birthDate", FieldType::Date),
    one("deceasedBoolean", FieldType::Boolean),
    one("deceasedDateTime", FieldType::DateTime),
    list(one("address", address)),
    one("maritalStatus", concept_parts),
    one("multipleBirthBoolean", FieldType::Boolean),
    one("multipleBirthInteger", FieldType::Integer),
    list(one("contact", contact)),
    list(one("communication", communication)),
    list(one("generalPractitioner", reference)),
    one("managingOrganization", reference),
};

} // namespace

std::span<const Element> elements_of_type(std::string_view resource_type) {
    if (resource_type == "Task") return task();
    if (resource_type == "Patient") return patient;
    return {};
}

const Element* find_element(std::span<const Element> elements, std::string_view name) {
    const auto found = std::ranges::find(elements, name, &Element::name);
    return found == elements.end() ? nullptr : &*found;
}

} // namespace fhirscope::fhir
