#pragma once
// Access and binding tokens: JSON Web Tokens, because clients look into them (PROTOCOL A1, A9).

#include "fhir/time.hpp"
#include "sim/random.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::sim {

// Bytes from the operating system's generator, as lower-case hex: for secrets, which a seed must not give away.
std::string random_secret(std::size_t bytes = 32);

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);
// The standard alphabet with optional padding, as in `Authorization: Basic`.
std::optional<std::string> base64_decode(std::string_view text);

struct Claims {
    std::string client_id, login_id, profile;
    std::string subscription_id; // "" in an access token
    ServerTime issued{}, expires{};
};

// Signs (HS256) and checks tokens, and knows which logins still stand. Not thread-safe.
class Tokens {
public:
    // `key`: at least 32 random bytes; `issuer`: the server's base URL.
    Tokens(std::string key, std::string issuer);

    std::string sign(const Claims& claims) const;
    // nullopt: not a token of ours, altered, expired by `now`, or its login ended.
    std::optional<Claims> verify(std::string_view token, ServerTime now) const;

    // A new login, which stands until `expires` or until all are ended.
    std::string log_in(Random& random, ServerTime now, ServerTime expires);
    bool stands(std::string_view login_id, ServerTime now) const;
    void end_all_logins() { logins_.clear(); }

private:
    std::string signature(std::string_view signed_part) const;

    std::string key_, issuer_;
    std::map<std::string, ServerTime, std::less<>> logins_; // at most max_logins; the first to end goes first
    static constexpr std::size_t max_logins = 10'000;
};

} // namespace fhirscope::sim
