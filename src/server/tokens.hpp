#pragma once
// Access and binding tokens: JSON Web Tokens, because clients look into them (PROTOCOL A1, A9).

#include "fhir/random.hpp"
#include "fhir/time.hpp"
#include "server/behaviour.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::server {

// Bytes from the operating system's generator, as lower-case hex: for secrets, which a seed must not give away.
std::string random_secret(std::size_t bytes = 32);
// A lower-case UUID of the same source.
std::string random_uuid();

struct Claims {
    std::string client_id, login_id, profile;
    std::string subscription_id; // "" in an access token
    std::string membership_id;   // of a binding token of 5.1; "" otherwise
    ServerTime issued{}, expires{};
};

// Signs (HS256) and checks tokens, and knows which logins still stand. Not thread-safe.
class Tokens {
public:
    // `key`: at least 32 random bytes; `issuer`: the server's base URL.
    Tokens(std::string key, std::string issuer, Behaviour behaviour = default_behaviour());

    std::string sign(const Claims& claims) const;
    // nullopt: not a token of ours, altered, or expired by `now`. Whether its login stands is not asked.
    std::optional<Claims> read(std::string_view token, ServerTime now) const;
    // As read(), and nullopt also when its login ended, or it is an access token from before expire_access_tokens().
    std::optional<Claims> verify(std::string_view token, ServerTime now) const;

    // A new login, which stands until `expires` or until all are ended.
    std::string log_in(Random& random, ServerTime now, ServerTime expires);
    bool stands(std::string_view login_id, ServerTime now) const;
    // Their tokens are worth nothing any more, those for binding neither.
    void end_all_logins() { logins_.clear(); }
    // The access tokens given so far, as if their time were over. Their logins stand: what is bound goes on.
    void expire_access_tokens();

private:
    struct Login {
        ServerTime expires{};
        bool access_over = false;
    };

    std::string signature(std::string_view signed_part) const;

    std::string key_, issuer_;
    Behaviour behaviour_;
    std::map<std::string, Login, std::less<>> logins_; // at most max_logins; the first to end goes first
    static constexpr std::size_t max_logins = 10'000;
};

} // namespace fhirscope::server
