#include "fhir/binding_token.hpp"

#include "fhir/base64.hpp"
#include "fhir/json.hpp"

namespace fhirscope::fhir {

std::optional<BindingToken> parse_binding_token(std::string_view body) {
    const auto json = parse_json(body);
    if (!json || !json->IsObject()) return std::nullopt;
    const auto parameters = json->FindMember("parameter");
    if (parameters == json->MemberEnd() || !parameters->value.IsArray()) return std::nullopt;
    BindingToken answer;
    for (const auto& parameter : parameters->value.GetArray()) {
        const std::string_view name = string_at(parameter, "name");
        if (name == "token") answer.token = string_at(parameter, "valueString");
        if (name == "expiration") answer.expires = parse_instant(string_at(parameter, "valueDateTime"));
        if (name == "websocket-url") answer.url = string_at(parameter, "valueUrl");
    }
    return answer.token.empty() ? std::nullopt : std::optional(answer);
}

std::optional<ServerTime> token_end(std::string_view token) {
    const auto first = token.find('.'), last = token.rfind('.');
    if (first == token.npos || first == last) return std::nullopt;
    const auto payload = decode_base64(token.substr(first + 1, last - first - 1));
    if (!payload) return std::nullopt;
    const auto claims = parse_json(*payload);
    if (!claims || !claims->IsObject()) return std::nullopt;
    const auto end = claims->FindMember("exp");
    if (end == claims->MemberEnd() || !end->value.IsNumber()) return std::nullopt;
    const double seconds = end->value.GetDouble();
    if (!(seconds > 0 && seconds < 1e11)) return std::nullopt;
    return ServerTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5)));
}

std::optional<ServerTime> binding_end(std::string_view body) {
    const auto binding = parse_binding_token(body);
    return binding ? token_end(binding->token) : std::nullopt;
}

} // namespace fhirscope::fhir
