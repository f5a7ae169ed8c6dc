#include "sim/discovery.hpp"

#include "fhir/json.hpp"
#include "sim/dialect.hpp"

#include <array>

namespace fhirscope::sim {

namespace {

constexpr std::string_view version = "5.0.10-fhirscope";

// What panels look at; others are served as well, without being listed one by one.
constexpr std::array listed_types = {"Basic",   "Device",       "Observation",  "Organization",
                                     "Patient", "Practitioner", "Subscription", "Task"};

std::string url(std::string_view base, std::string_view path) {
    return fhir::quote(std::string(base) + std::string(path));
}

} // namespace

namespace {

using fhir::Dialect;

std::string_view fhir_version(Dialect dialect) {
    return dialect == Dialect::R5 ? "5.0.0" : dialect == Dialect::R4B ? "4.3.0" : "4.0.1";
}

// Of the resource Subscription, in dialects with topics.
std::string subscription_features(Dialect dialect) {
    constexpr std::string_view backport = "http://hl7.org/fhir/uv/subscriptions-backport/";
    std::string text;
    if (dialect != Dialect::R5)
        text += ",\"supportedProfile\":[" + url(backport, "StructureDefinition/backport-subscription") + "]";
    text += ",\"operation\":[";
    for (const char* name : {"status", "events", "get-ws-binding-token"}) {
        if (text.back() == '}') text += ',';
        const auto definition = dialect == Dialect::R5
                                    ? "http://hl7.org/fhir/OperationDefinition/Subscription-" + std::string(name)
                                    : std::string(backport) + "OperationDefinition/backport-subscription-" + name;
        text += std::string("{\"name\":\"") + name + "\",\"definition\":" + fhir::quote(definition) + "}";
    }
    text += "]";
    if (dialect != Dialect::BackportR4) return text; // R4B and R5: SubscriptionTopic can be searched
    text += ",\"extension\":[";
    for (auto type : topic_types()) {
        if (text.back() == '}') text += ',';
        text += "{\"url\":" + url(backport, "StructureDefinition/capabilitystatement-subscriptiontopic-canonical") +
                ",\"valueCanonical\":" + fhir::quote(topic_url(type)) + "}";
    }
    return text + "]";
}

std::string standard_statement(Dialect dialect, std::string_view base, std::string_view websocket_url,
                               std::string_view date) {
    const bool hapi = dialect == Dialect::Hapi;
    std::string text = R"({"resourceType":"CapabilityStatement","status":"active","date":)" + fhir::quote(date) +
                       R"(,"kind":"instance","publisher":"fhirscope","fhirVersion":)" +
                       fhir::quote(fhir_version(dialect)) +
                       R"(,"format":["application/fhir+json","json"],"software":{"name":)" +
                       (hapi ? "\"HAPI FHIR Server, as fhirscope imitates it\"" : "\"fhirscope\"") + R"(,"version":)" +
                       fhir::quote(version) + R"(},"implementation":{"description":"fhirscope","url":)" +
                       url(base, "fhir/R4/") + R"(},"rest":[{"mode":"server",)";
    if (hapi)
        text +=
            R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket","valueUri":)" +
            fhir::quote(websocket_url) + "}],";
    text += R"("resource":[)";
    for (const char* type : listed_types) {
        if (text.back() == '}') text += ',';
        text += std::string(R"({"type":")") + type +
                R"(","interaction":[{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"delete"},)"
                R"({"code":"history-instance"},{"code":"history-type"},{"code":"create"},{"code":"search-type"}],)"
                R"("versioning":"versioned")";
        if (!hapi && std::string_view(type) == "Subscription") text += subscription_features(dialect);
        text += '}';
    }
    return text + "]}]}";
}

} // namespace

std::string capability_statement(Dialect dialect, std::string_view base, std::string_view websocket_url,
                                 std::string_view date) {
    if (dialect != Dialect::Medplum) return standard_statement(dialect, base, websocket_url, date);
    std::string text =
        R"({"resourceType":"CapabilityStatement","id":"medplum-server","version":)" + fhir::quote(version) +
        R"(,"name":"MedplumCapabilityStatement","title":"Medplum Capability Statement","status":"active","date":)" +
        fhir::quote(date) +
        R"(,"publisher":"fhirscope","description":"The embedded server of fhirscope, which behaves as a Medplum server does")"
        R"(,"kind":"instance","fhirVersion":"4.0.1","format":["json"],"patchFormat":["application/json-patch+json"],"url":)" +
        url(base, "fhir/R4/metadata") + R"(,"software":{"name":"medplum","version":)" + fhir::quote(version) +
        R"(},"implementation":{"description":"fhirscope","url":)" + url(base, "fhir/R4/") +
        R"(},"rest":[{"mode":"server","security":{"service":[{"coding":[{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/restful-security-service","code":"OAuth"}]},{"coding":[{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/restful-security-service","code":"Basic"}]}],"extension":[{"url":)"
        R"("http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris","extension":[{"url":"token","valueUri":)" +
        url(base, "oauth2/token") + R"(}]}]},"resource":[)";
    for (const char* type : listed_types) {
        if (text.back() == '}') text += ',';
        text +=
            std::string(R"({"type":")") + type +
            R"(","interaction":[{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"patch"},{"code":"delete"},)"
            R"({"code":"history-instance"},{"code":"create"},{"code":"search-type"}],"versioning":"versioned","readHistory":true,)"
            R"("updateCreate":false,"conditionalCreate":true,"conditionalUpdate":true,"conditionalRead":"not-supported",)"
            R"("conditionalDelete":"single"})";
    }
    return text + R"(],"interaction":[{"code":"transaction"},{"code":"batch"}]}]})";
}

std::string smart_configuration(std::string_view base) {
    return "{\"issuer\":" + url(base, "") + ",\"jwks_uri\":" + url(base, ".well-known/jwks.json") +
           ",\"authorization_endpoint\":" + url(base, "oauth2/authorize") +
           R"(,"grant_types_supported":["client_credentials"],"token_endpoint":)" + url(base, "oauth2/token") +
           R"(,"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],)"
           R"("scopes_supported":["openid"],"response_types_supported":["code"],)"
           R"("capabilities":["client-confidential-symmetric","permission-v1","permission-v2"],)"
           R"("code_challenge_methods_supported":["S256"]})";
}

std::string openid_configuration(std::string_view base) {
    return "{\"issuer\":" + url(base, "") + ",\"authorization_endpoint\":" + url(base, "oauth2/authorize") +
           ",\"token_endpoint\":" + url(base, "oauth2/token") + ",\"jwks_uri\":" + url(base, ".well-known/jwks.json") +
           R"(,"id_token_signing_alg_values_supported":["HS256"],"grant_types_supported":["client_credentials"],)"
           R"("response_types_supported":["code"],"subject_types_supported":["pairwise","public"]})";
}

std::string health() {
    return "{\"ok\":true,\"version\":" + fhir::quote(version) +
           R"(,"platform":"fhirscope","runtime":"fhirscope","postgres":true,"redis":true})";
}

} // namespace fhirscope::sim
