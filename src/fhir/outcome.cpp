#include "fhir/bundle.hpp"
#include "fhir/json.hpp"

namespace fhirscope::fhir {

std::optional<Outcome> parse_outcome(std::string_view text) {
    const Result<rapidjson::Document> parsed = parse_json(text);
    if (!parsed || string_at(*parsed, "resourceType") != "OperationOutcome") return std::nullopt;
    Outcome outcome;
    outcome.id = string_at(*parsed, "id");
    const auto issues = parsed->FindMember("issue");
    if (issues == parsed->MemberEnd() || !issues->value.IsArray() || issues->value.Empty()) return outcome;
    const rapidjson::Value& issue = issues->value[0];
    outcome.severity = string_at(issue, "severity");
    outcome.code = string_at(issue, "code");
    outcome.diagnostics = string_at(issue, "diagnostics");
    if (issue.IsObject())
        if (const auto details = issue.FindMember("details"); details != issue.MemberEnd())
            outcome.text = string_at(details->value, "text");
    return outcome;
}

std::string make_outcome(const Outcome& outcome) {
    JsonWriter json;
    json.object().member("resourceType", "OperationOutcome");
    if (!outcome.id.empty()) json.member("id", outcome.id);
    json.array("issue").object();
    json.member("severity", outcome.severity.empty() ? "error" : outcome.severity);
    json.member("code", outcome.code.empty() ? "exception" : outcome.code);
    if (!outcome.text.empty()) json.object("details").member("text", outcome.text).end();
    if (!outcome.diagnostics.empty()) json.member("diagnostics", outcome.diagnostics);
    json.end().end().end();
    return json.take();
}

} // namespace fhirscope::fhir
