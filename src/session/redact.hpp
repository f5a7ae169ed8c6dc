#pragma once
// Finds what must never be written: tokens and secrets (PROTOCOL G). The runtime already replaces those that it knows
// by aliases; this is the second line, and the first for imported files.

#include "engine/input.hpp"
#include "session/secret_finder.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::session {

// Replaces what looks like a secret (secret_finder.hpp), and what it was told, by an alias. The same secret gets the
// same alias ("<redacted-1>"), so a token can still be followed from its answer to its use. Values in angle brackets
// are aliases already and stay.
class Redactor {
public:
    enum class Follow : std::uint8_t {
        Nothing,
        Secrets, // once named as one, a secret is found wherever it stands, in any form
    };
    explicit Redactor(Follow follow = Follow::Nothing);

    // A secret that no text names as one. False: too many (SecretFinder::max_values).
    [[nodiscard]] bool tell(std::string_view secret);

    // Follows what the text names as a secret, also in texts that came before it.
    void learn(std::string_view text) { static_cast<void>(find(text)); }
    // The text without secrets, or nullopt when there is none in it.
    std::optional<std::string> apply(std::string_view text);
    // The input without secrets. Returns how many were replaced.
    std::size_t apply(engine::Input& input);

    std::uint64_t replaced() const { return replaced_; }
    // A secret was named that could not be followed: there were too many.
    bool has_lost_any() const { return has_lost_any_ || finder_.lost_binding_tokens() > 0; }

private:
    std::vector<FoundSecret> find(std::string_view text);
    std::string alias_of(const FoundSecret& found, std::string_view text);

    const Follow follow_;
    SecretFinder finder_;
    std::map<std::uint64_t, std::size_t> aliases_; // XXH3 of a secret, or its number in the finder → number
    std::uint64_t replaced_ = 0;
    bool has_lost_any_ = false;
};

} // namespace fhirscope::session
