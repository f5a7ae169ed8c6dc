#pragma once
// Finds secrets in texts: values that it was told, in every form in which they can come back, and what looks like one.
// The runtime's vault hides with it what comes in; the recorder and the import use it for what they write.

#include "session/secret_index.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::session {

struct FoundSecret {
    std::size_t begin = 0, end = 0; // never a part of a JSON escape
    std::string_view kind;          // "access-token", "jwt", …; "hidden": a text that was made to be slow to search
    std::uint32_t value = 0;        // which of those that it was told, from 1; 0: it looks like one
};

// Whether all of it is one alias, or what others write in the place of a secret: "<client-secret:main>".
bool looks_hidden(std::string_view text);

class SecretFinder {
public:
    // Of one kind. What was told is never forgotten, so a session that needs more cannot go on.
    static constexpr std::size_t max_values = 16'384;
    static constexpr std::size_t max_bytes = 16u << 20;

    // From now on the value is found wherever it stands, unless it is shorter than SecretIndex::min_size. False: it is
    // too large, or there are too many.
    bool tell(std::string_view kind, std::string_view value);
    std::uint32_t number_of(std::string_view value) const; // as in FoundSecret; 0: it was not told

    // Whether binding tokens in the texts are to be told, too, as they are found.
    void follow_binding_tokens() { follows_binding_tokens_ = true; }
    // So many of them could not be.
    std::uint64_t lost_binding_tokens() const { return lost_binding_tokens_; }

    // In order; they do not touch each other's bytes. Names of hidden texts (engine/alias.hpp) are none.
    std::vector<FoundSecret> find(std::string_view text);

private:
    struct Held {
        std::size_t values = 0, bytes = 0;
    };

    SecretIndex index_;
    std::vector<std::string_view> kinds_; // by value, from 1; keys of held_
    std::map<std::string, Held, std::less<>> held_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> known_; // XXH3 of a value → its number
    std::uint64_t lost_binding_tokens_ = 0;
    bool follows_binding_tokens_ = false;
};

} // namespace fhirscope::session
