#include "session/line_secrets.hpp"

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

std::string decoded_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<std::uint32_t>(c - 'a' + 26);
        else if (c >= '0' && c <= '9')
            value = static_cast<std::uint32_t>(c - '0' + 52);
        else if (c == '+' || c == '-' || c == '/' || c == '_')
            value = c == '+' || c == '-' ? 62 : 63;
        else
            break;
        bits = bits << 6 | value;
        if ((count += 6) >= 8) out += static_cast<char>(bits >> (count -= 8));
    }
    return out;
}

void visit_credentials(std::string_view header, const std::function<void(std::string_view)>& visit) {
    const std::size_t space = header.find(' ');
    if (space == header.npos) return;
    const std::string_view credentials = header.substr(header.find_last_of(' ') + 1);
    visit(credentials);
    const std::string pair = decoded_base64(credentials);
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
