#include "server/clinic_records.hpp"

#include "server/clinic.hpp"

namespace fhirscope::server {

namespace {

using fhir::JsonWriter;

constexpr std::string_view task_codes = "https://fhirscope.example/CodeSystem/tasks";

JsonWriter& begin_extension(JsonWriter& json, std::string_view name) {
    return json.object().member("url", std::string(alert_extension_base) + std::string(name));
}

void write_extension(JsonWriter& json, std::string_view name, std::string_view value_name, std::string_view value) {
    begin_extension(json, name).member(value_name, value).end();
}

} // namespace

void write_reference(JsonWriter& json, std::string_view member, const Referred& to) {
    json.object(member).member("reference", to.reference).member("display", to.display).end();
}

std::string practitioner_text(const data::Staff& who) {
    JsonWriter json;
    json.object().member("resourceType", "Practitioner").member("active", true);
    json.array("name").object().member("use", "official").member("family", who.family);
    json.array("given").value(who.given).end().end().end();
    json.array("qualification").object().object("code").member("text", who.role).end().end().end();
    json.end();
    return json.take();
}

std::string patient_text(const PatientFacts& facts) {
    JsonWriter json;
    json.object().member("resourceType", "Patient");
    json.array("identifier").object().member("use", "official").member("system", "https://fhirscope.example/mrn");
    json.member("value", facts.number).end().end();
    json.member("active", true);
    json.array("name").object().member("use", "official").member("family", facts.family);
    json.array("given").value(facts.given).end().end().end();
    json.array("telecom").object().member("system", "phone").member("value", facts.phone).member("use", "mobile");
    json.end().end();
    json.member("gender", facts.gender).member("birthDate", facts.birth_date);
    json.array("address").object().member("use", "home").member("city", facts.city);
    json.member("country", facts.country).end().end();
    json.array("generalPractitioner").object().member("reference", facts.practitioner.reference);
    json.member("display", facts.practitioner.display).end().end();
    json.end();
    return json.take();
}

std::string task_text(const TaskFacts& facts) {
    JsonWriter json;
    json.object().member("resourceType", "Task");
    json.array("identifier").object().member("system", "https://fhirscope.example/tasks");
    json.member("value", facts.number).end().end();
    json.member("status", facts.status).member("intent", "order").member("priority", facts.priority);
    json.object("code").array("coding").object().member("system", task_codes).member("code", facts.kind.code);
    json.member("display", facts.kind.display).end().end().end();
    json.member("description", facts.kind.description);
    write_reference(json, "for", facts.patient);
    json.member("authoredOn", facts.authored).member("lastModified", facts.modified);
    write_reference(json, "requester", facts.requester);
    if (!facts.owner.reference.empty()) write_reference(json, "owner", facts.owner);
    json.object("restriction").object("period").member("end", facts.due).end().end();
    json.end();
    return json.take();
}

std::string alert_text(const data::AlertKind& kind, std::int64_t value, const Referred& patient,
                       const std::string& created) {
    JsonWriter json;
    json.object().member("resourceType", "Basic").array("extension");
    write_extension(json, "severity", "valueCode", kind.severity);
    write_extension(json, "state", "valueCode", "active");
    write_extension(json, "device", "valueString", kind.device);
    write_extension(json, "message", "valueString", kind.message);
    begin_extension(json, "value").object("valueQuantity").member("value", value).member("unit", kind.unit).end().end();
    json.end();
    json.object("code").array("coding").object().member("system", alert_code_system);
    json.member("code", "device-alert").member("display", "Device alert").end().end().end();
    write_reference(json, "subject", patient);
    json.member("created", created).end();
    return json.take();
}

} // namespace fhirscope::server
