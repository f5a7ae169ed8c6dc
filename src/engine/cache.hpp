#pragma once
// What a session leaves for the next one: the resources that it showed, and how far it had seen. So that a restart
// shows data at once, marked as not yet confirmed, and then catches up from its watermark instead of reading everything
// again.

#include "engine/snapshot.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::engine {

// The cache of this instant, to be given to a later Start as `known`. It holds patient data. "" where there is nothing
// worth keeping, or where updates wait, so that a watermark could be ahead of what is shown.
std::string make_cache(const Snapshot& snapshot);

// The server of the session that left it, for a start while it is away; nullopt where it cannot be read.
std::optional<ServerFacts> cached_server(const std::string& cache);

// What each text of a cache becomes.
struct CacheTexts {
    std::function<std::string(std::string_view)> criteria, resource, etag, date;
    std::function<void(ServerFacts&)> server;
    std::chrono::milliseconds by{0}; // its times are moved by this
};
// The same cache with other texts; nullopt where it cannot be read, or a resource cannot be any more.
std::optional<std::string> rewritten_cache(const std::string& cache, const CacheTexts& texts);

} // namespace fhirscope::engine
