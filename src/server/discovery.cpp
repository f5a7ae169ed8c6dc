#include "server/discovery.hpp"

#include "fhir/json_writer.hpp"
#include "server/dialect.hpp"

#include <array>

namespace fhirscope::server {

namespace {

constexpr std::string_view version_of(Behaviour behaviour) {
    return behaviour == Behaviour::Medplum50 ? "5.0.10-fhirscope" : "5.1.26-fhirscope";
}

// What panels look at; others are served as well, without being listed one by one.
constexpr std::array listed_types = {"Basic",   "Device",       "Observation",  "Organization",
                                     "Patient", "Practitioner", "Subscription", "Task"};

std::string joined(std::string_view base, std::string_view path) { return std::string(base) + std::string(path); }

using fhir::Dialect;
using fhir::JsonWriter;

std::string_view fhir_version(Dialect dialect) {
    return dialect == Dialect::R5 ? "5.0.0" : dialect == Dialect::R4B ? "4.3.0" : "4.0.1";
}

// Of the resource Subscription, in dialects with topics.
void write_subscription_features(JsonWriter& json, Dialect dialect) {
    constexpr std::string_view backport = "http://hl7.org/fhir/uv/subscriptions-backport/";
    if (dialect != Dialect::R5)
        json.array("supportedProfile").value(joined(backport, "StructureDefinition/backport-subscription")).end();
    json.array("operation");
    for (const char* name : {"status", "events", "get-ws-binding-token"}) {
        const auto definition = dialect == Dialect::R5
                                    ? "http://hl7.org/fhir/OperationDefinition/Subscription-" + std::string(name)
                                    : std::string(backport) + "OperationDefinition/backport-subscription-" + name;
        json.object().member("name", name).member("definition", definition).end();
    }
    json.end();
    if (dialect != Dialect::BackportR4) return; // R4B and R5: SubscriptionTopic can be searched
    json.array("extension");
    for (auto type : topic_types())
        json.object()
            .member("url", joined(backport, "StructureDefinition/capabilitystatement-subscriptiontopic-canonical"))
            .member("valueCanonical", topic_url(type))
            .end();
    json.end();
}

std::string standard_statement(Dialect dialect, std::string_view version, std::string_view base,
                               std::string_view websocket_url, std::string_view date) {
    const bool hapi = dialect == Dialect::Hapi;
    JsonWriter json;
    json.object()
        .member("resourceType", "CapabilityStatement")
        .member("status", "active")
        .member("date", date)
        .member("kind", "instance")
        .member("publisher", "fhirscope")
        .member("fhirVersion", fhir_version(dialect))
        .raw("format", R"(["application/fhir+json","json"])");
    json.object("software")
        .member("name", hapi ? "HAPI FHIR Server, as fhirscope imitates it" : "fhirscope")
        .member("version", version)
        .end();
    json.object("implementation").member("description", "fhirscope").member("url", joined(base, "fhir/R4/")).end();
    json.array("rest").object().member("mode", "server");
    if (hapi)
        json.array("extension")
            .object()
            .member("url", "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket")
            .member("valueUri", websocket_url)
            .end()
            .end();
    json.array("resource");
    for (const char* type : listed_types) {
        json.object()
            .member("type", type)
            .raw("interaction",
                 R"([{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"delete"},)"
                 R"({"code":"history-instance"},{"code":"history-type"},{"code":"create"},{"code":"search-type"}])")
            .member("versioning", "versioned");
        if (!hapi && std::string_view(type) == "Subscription") write_subscription_features(json, dialect);
        json.end();
    }
    json.end().end().end().end();
    return json.take();
}

void write_security(JsonWriter& json, std::string_view base) {
    json.object("security")
        .raw(
            "service",
            R"([{"coding":[{"system":)"
            R"("http://terminology.hl7.org/CodeSystem/restful-security-service","code":"OAuth"}]},{"coding":[{"system":)"
            R"("http://terminology.hl7.org/CodeSystem/restful-security-service","code":"Basic"}]}])");
    json.array("extension")
        .object()
        .member("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris")
        .array("extension")
        .object()
        .member("url", "token")
        .member("valueUri", joined(base, "oauth2/token"))
        .end()
        .end()
        .end()
        .end();
    json.end();
}

} // namespace

std::string capability_statement(Dialect dialect, Behaviour behaviour, std::string_view base,
                                 std::string_view websocket_url, std::string_view date) {
    const auto version = version_of(behaviour);
    if (dialect != Dialect::Medplum) return standard_statement(dialect, version, base, websocket_url, date);
    JsonWriter json;
    json.object()
        .member("resourceType", "CapabilityStatement")
        .member("id", "medplum-server")
        .member("version", version)
        .member("name", "MedplumCapabilityStatement")
        .member("title", "Medplum Capability Statement")
        .member("status", "active")
        .member("date", date)
        .member("publisher", "fhirscope")
        .member("description", "The embedded server of fhirscope, which behaves as a Medplum server does")
        .member("kind", "instance")
        .member("fhirVersion", "4.0.1")
        .raw("format", R"(["json"])")
        .raw("patchFormat", R"(["application/json-patch+json"])")
        .member("url", joined(base, "fhir/R4/metadata"));
    json.object("software").member("name", "medplum").member("version", version).end();
    json.object("implementation").member("description", "fhirscope").member("url", joined(base, "fhir/R4/")).end();
    json.array("rest").object().member("mode", "server");
    write_security(json, base);
    json.array("resource");
    for (const char* type : listed_types)
        json.object()
            .member("type", type)
            .raw("interaction",
                 R"([{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"patch"},{"code":"delete"},)"
                 R"({"code":"history-instance"},{"code":"create"},{"code":"search-type"}])")
            .member("versioning", "versioned")
            .member("readHistory", true)
            .member("updateCreate", false)
            .member("conditionalCreate", true)
            .member("conditionalUpdate", true)
            .member("conditionalRead", "not-supported")
            .member("conditionalDelete", "single")
            .end();
    json.end().raw("interaction", R"([{"code":"transaction"},{"code":"batch"}])").end().end().end();
    return json.take();
}

std::string smart_configuration(std::string_view base) {
    JsonWriter json;
    json.object()
        .member("issuer", base)
        .member("jwks_uri", joined(base, ".well-known/jwks.json"))
        .member("authorization_endpoint", joined(base, "oauth2/authorize"))
        .raw("grant_types_supported", R"(["client_credentials"])")
        .member("token_endpoint", joined(base, "oauth2/token"))
        .raw("token_endpoint_auth_methods_supported", R"(["client_secret_basic","client_secret_post"])")
        .raw("scopes_supported", R"(["openid"])")
        .raw("response_types_supported", R"(["code"])")
        .raw("capabilities", R"(["client-confidential-symmetric","permission-v1","permission-v2"])")
        .raw("code_challenge_methods_supported", R"(["S256"])")
        .end();
    return json.take();
}

std::string openid_configuration(std::string_view base) {
    JsonWriter json;
    json.object()
        .member("issuer", base)
        .member("authorization_endpoint", joined(base, "oauth2/authorize"))
        .member("token_endpoint", joined(base, "oauth2/token"))
        .member("jwks_uri", joined(base, ".well-known/jwks.json"))
        .raw("id_token_signing_alg_values_supported", R"(["HS256"])")
        .raw("grant_types_supported", R"(["client_credentials"])")
        .raw("response_types_supported", R"(["code"])")
        .raw("subject_types_supported", R"(["pairwise","public"])")
        .end();
    return json.take();
}

std::string health(Behaviour behaviour) {
    JsonWriter json;
    json.object()
        .member("ok", true)
        .member("version", version_of(behaviour))
        .member("platform", "fhirscope")
        .member("runtime", "fhirscope")
        .member("postgres", true)
        .member("redis", true)
        .end();
    return json.take();
}

} // namespace fhirscope::server
