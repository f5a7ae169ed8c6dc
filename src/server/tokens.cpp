#include "server/tokens.hpp"

#include "fhir/base64.hpp"
#include "fhir/json.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fhirscope::server {

namespace {

// Whole seconds where they are whole, as Medplum writes them; milliseconds for the short lives of tests.
std::string numeric_date(ServerTime time) {
    auto ms = time.time_since_epoch().count();
    auto text = std::to_string(ms / 1000);
    if (ms % 1000 != 0) {
        auto part = std::to_string(1000 + ms % 1000);
        text += "." + part.substr(1);
    }
    return text;
}

std::optional<ServerTime> time_at(const rapidjson::Value& object, const char* name) {
    auto member = object.FindMember(name);
    if (member == object.MemberEnd() || !member->value.IsNumber()) return std::nullopt;
    auto seconds = member->value.GetDouble();
    if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
    return ServerTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5)));
}

} // namespace

std::string random_secret(std::size_t bytes) {
    std::string raw(bytes, '\0');
    // Without randomness there is no secret: better to end than to go on with a guessable one.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1) std::abort();
    std::string hex;
    for (unsigned char byte : raw) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
}

std::string random_uuid() {
    auto hex = random_secret(16);
    hex[12] = '4';
    hex[16] = 'a';
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20);
}

Tokens::Tokens(std::string key, std::string issuer, Behaviour behaviour)
    : key_(std::move(key)), issuer_(std::move(issuer)), behaviour_(behaviour) {}

std::string Tokens::signature(std::string_view signed_part) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), digest.data(), &size);
    return fhir::encode_base64({reinterpret_cast<const char*>(digest.data()), size}, fhir::Base64::Url);
}

std::string Tokens::sign(const Claims& claims) const {
    fhir::JsonWriter json;
    json.object()
        .member("client_id", claims.client_id)
        .member("login_id", claims.login_id)
        .member("sub", claims.client_id)
        .member("username", claims.client_id)
        .member("scope", "openid")
        .member("profile", claims.profile);
    if (!claims.subscription_id.empty()) json.member("subscription_id", claims.subscription_id);
    if (!claims.membership_id.empty()) json.member("membership_id", claims.membership_id);
    if (behaviour_ == Behaviour::Medplum51) json.member("jti", random_uuid());
    json.raw("iat", numeric_date(claims.issued))
        .raw("nbf", numeric_date(claims.issued))
        .member("iss", issuer_)
        .member("aud", behaviour_ == Behaviour::Medplum51 ? issuer_ : claims.client_id)
        .raw("exp", numeric_date(claims.expires))
        .end();
    auto text = fhir::encode_base64(R"({"alg":"HS256","typ":"JWT"})", fhir::Base64::Url) + "." +
                fhir::encode_base64(json.take(), fhir::Base64::Url);
    return text + "." + signature(text);
}

std::optional<Claims> Tokens::read(std::string_view token, ServerTime now) const {
    auto last = token.rfind('.');
    auto first = token.find('.');
    if (last == std::string_view::npos || first == last) return std::nullopt;
    auto expected = signature(token.substr(0, last));
    auto given = token.substr(last + 1);
    if (given.size() != expected.size() || CRYPTO_memcmp(given.data(), expected.data(), given.size()) != 0)
        return std::nullopt;
    auto payload = fhir::decode_base64(token.substr(first + 1, last - first - 1));
    if (!payload) return std::nullopt;
    auto json = fhir::parse_json(*payload);
    if (!json) return std::nullopt;
    auto issued = time_at(*json, "iat"), expires = time_at(*json, "exp");
    if (!issued || !expires || now >= *expires) return std::nullopt;
    return Claims{.client_id = std::string(fhir::string_at(*json, "client_id")),
                  .login_id = std::string(fhir::string_at(*json, "login_id")),
                  .profile = std::string(fhir::string_at(*json, "profile")),
                  .subscription_id = std::string(fhir::string_at(*json, "subscription_id")),
                  .membership_id = std::string(fhir::string_at(*json, "membership_id")),
                  .issued = *issued,
                  .expires = *expires};
}

std::optional<Claims> Tokens::verify(std::string_view token, ServerTime now) const {
    auto claims = read(token, now);
    if (!claims || !stands(claims->login_id, now)) return std::nullopt;
    if (claims->subscription_id.empty() && logins_.find(claims->login_id)->second.access_over) return std::nullopt;
    return claims;
}

void Tokens::expire_access_tokens() {
    for (auto& [id, login] : logins_) login.access_over = true;
}

std::string Tokens::log_in(Random& random, ServerTime now, ServerTime expires) {
    if (logins_.size() >= max_logins) {
        std::erase_if(logins_, [&](const auto& login) { return login.second.expires <= now; });
        if (logins_.size() >= max_logins)
            logins_.erase(std::min_element(logins_.begin(), logins_.end(), [](const auto& a, const auto& b) {
                return a.second.expires < b.second.expires;
            }));
    }
    auto id = random.uuid();
    logins_.emplace(id, Login{expires});
    return id;
}

bool Tokens::stands(std::string_view login_id, ServerTime now) const {
    auto login = logins_.find(login_id);
    return login != logins_.end() && now < login->second.expires;
}

} // namespace fhirscope::server
