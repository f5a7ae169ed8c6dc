#pragma once
// Keeps the secrets that pass by on the wire, and gives out aliases in their place ("<binding-token-3>"), so that
// nothing behind it (engine, recording, log, screenshot) can hold one.

#include "runtime/secret.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace fhirscope::runtime {

// Thread safety: any thread.
class Vault {
public:
    static constexpr std::size_t max_binding_tokens = 1'024; // the oldest are forgotten
    static constexpr std::size_t max_protected = 16;         // the oldest are forgotten
    static constexpr std::size_t max_seen = 4'096;           // after so many other secrets their aliases start anew
    static constexpr std::size_t min_protected_size = 8;     // shorter ones would match ordinary words

    // From now on redact() replaces this value wherever it stands. For what the runtime itself sends: client secret,
    // access token.
    void protect(std::string_view kind, const Secret& secret);

    // Replaces by aliases: the value of a Parameters' parameter "token", here and wherever it is repeated later; string
    // members named access_token, refresh_token, id_token, client_secret, clientSecret, secret, retiringSecret;
    // whatever looks like a JWT (eyJ….….…); protected values. Aliases of each kind are numbered from 1 in the order in
    // which the secrets are first seen.
    std::string redact(std::string text);

    // Puts binding tokens back in the place of their aliases, as they stand inside a JSON string. Other aliases stay:
    // nothing that we send needs them, and a server could plant one in a resource to be given the secret.
    std::string reveal(std::string_view text) const;

private:
    std::string alias_of_binding_token(std::string_view value);
    std::string alias_of_seen(std::string_view kind, std::string_view value);
    void replace_everywhere(const std::string& alias, std::string_view value);
    void redact_parameters(std::string& text);
    void redact_members(std::string& text);
    void redact_jwts(std::string& text);
    void redact_protected(std::string& text);

    struct Known {
        std::string alias;
        Secret secret;
    };
    mutable std::mutex mutex_;
    std::deque<Known> binding_tokens_, protected_;
    std::map<std::string, std::uint64_t, std::less<>> counts_; // by kind
    std::map<std::uint64_t, std::string> seen_;                // hash of the value → alias; the values are not kept
};

} // namespace fhirscope::runtime
