#pragma once
// What a session came to, whichever build looks at it: a state hash holds within one build alone, this for years.

#include "engine/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::session {

struct ContentDigest {
    // Of every resource: type and id, versionId, whether it was deleted; how many updates had each outcome, how many were
    // missed and recovered, how many conflicts of each kind there were.
    std::uint64_t what = 0;
    // Of the bytes of every resource; absent where the contents of some were given up for room, which are they differs
    // from build to build.
    std::optional<std::uint64_t> bytes;

    // The bytes count where both have them.
    bool matches(const ContentDigest& other) const {
        return what == other.what && (!bytes || !other.bytes || *bytes == *other.bytes);
    }
};

ContentDigest content_digest(const engine::Snapshot& snapshot);

std::string to_text(const ContentDigest& digest); // "a1b2c3d4e5f60718-18076f5e4d3c2b1a"
std::optional<ContentDigest> content_digest_from(std::string_view text);

} // namespace fhirscope::session
