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
    std::string text = R"({"resourceType":"OperationOutcome")";
    if (!outcome.id.empty()) text += R"(,"id":)" + quote(outcome.id);
    text += R"(,"issue":[{"severity":)" + quote(outcome.severity.empty() ? "error" : outcome.severity);
    text += R"(,"code":)" + quote(outcome.code.empty() ? "exception" : outcome.code);
    if (!outcome.text.empty()) text += R"(,"details":{"text":)" + quote(outcome.text) + '}';
    if (!outcome.diagnostics.empty()) text += R"(,"diagnostics":)" + quote(outcome.diagnostics);
    return text + "}]}";
}

} // namespace fhirscope::fhir
