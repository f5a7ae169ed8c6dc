#include "session/line_secrets.hpp"

#include "fhir/base64.hpp"
#include "fhir/json.hpp"
#include "session/text_layers.hpp"

#include <algorithm>
#include <string>

namespace fhirscope::session {
namespace {

bool is_authorization(std::string_view name) {
    constexpr std::string_view wanted = "authorization"; // also Proxy-Authorization
    if (name.size() < wanted.size()) return false;
    return std::ranges::equal(name.substr(name.size() - wanted.size()), wanted,
                              [](char a, char b) { return (a | 0x20) == b; });
}

void visit_credentials(std::string_view header, const std::function<void(std::string_view)>& visit) {
    const std::size_t space = header.find(' ');
    if (space == header.npos) return;
    const std::string_view credentials = header.substr(header.find_last_of(' ') + 1);
    visit(credentials);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    const std::string pair =
        fhir::decode_base64(credentials.substr(0, credentials.find_first_not_of(alphabet))).value_or("");
    const std::size_t colon = pair.find(':');
    if ((header[0] | 0x20) != 'b' || (header[1] | 0x20) != 'a' || colon == pair.npos) return; // not Basic
    const std::string secret = pair.substr(colon + 1);
    visit(secret);
    const TextLayers layers(secret); // it may be percent-encoded
    if (layers.size() > 1) visit(layers.text(1));
}

} // namespace

void each_secret_used(const rapidjson::Value& line, const std::function<void(std::string_view)>& visit) {
    if (const auto headers = line.FindMember("headers"); headers != line.MemberEnd() && headers->value.IsObject())
        for (const auto& header : headers->value.GetObject())
            if (header.value.IsString() && is_authorization({header.name.GetString(), header.name.GetStringLength()}))
                visit_credentials({header.value.GetString(), header.value.GetStringLength()}, visit);

    const auto body = line.FindMember("body");
    if (body == line.MemberEnd() || fhir::string_at(line, "dir") != "ws-send") return;
    constexpr std::string_view bind = "bind-with-token "; // of the dialects that send no JSON
    if (body->value.IsString()) {
        const std::string_view text(body->value.GetString(), body->value.GetStringLength());
        if (text.starts_with(bind)) visit(text.substr(bind.size()));
        return;
    }
    if (!body->value.IsObject()) return;
    const auto payload = body->value.FindMember("payload");
    if (payload == body->value.MemberEnd()) return;
    if (const auto token = fhir::string_at(payload->value, "token"); !token.empty()) visit(token);
}

} // namespace fhirscope::session
