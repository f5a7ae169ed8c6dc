#pragma once
// Finds what must never be written: tokens and secrets (PROTOCOL G). The runtime already replaces those that it knows
// by aliases; this is the second line, and the first for imported files.

#include "engine/input.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::session {

// Replaces strings shaped like a JWT, and the values of members and form fields that hold a secret (client_secret,
// access_token, refresh_token, id_token, client_assertion). The same secret gets the same alias ("<redacted-1>"), so a
// token can still be followed from its answer to its use. Values in angle brackets are aliases already and stay.
// Remembers hashes of secrets, never the secrets.
class Redactor {
public:
    // The text without secrets, or nullopt when there is none in it.
    std::optional<std::string> apply(std::string_view text);
    // The input without secrets. Returns how many were replaced.
    std::size_t apply(engine::Input& input);

    std::uint64_t replaced() const { return replaced_; }

private:
    std::string alias_of(std::string_view secret);

    std::map<std::uint64_t, std::size_t> aliases_; // XXH3 of the secret → number
    std::uint64_t replaced_ = 0;
};

} // namespace fhirscope::session
