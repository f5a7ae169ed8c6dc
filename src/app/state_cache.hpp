#pragma once
// Where the state of a session lies for the next one (engine/cache.hpp): one file for each server, client and set of criteria.

#include "engine/config.hpp"
#include "runtime/config.hpp"

#include <string>

namespace fhirscope::app {

// $XDG_CACHE_HOME/fhirscope/<hash>.state, or below ~/.cache; "" where neither is known.
std::string state_cache_path(const runtime::Connection& connection, const engine::Config& config);

// "" where there is none. Files that others can read or that are larger than 256 MiB are not used.
std::string load_state_cache(const std::string& path);

// Replaces the file as a whole; it is readable by its owner alone, since it holds patient data. Errors: "cache".
Result<void> save_state_cache(const std::string& path, const std::string& bytes);

} // namespace fhirscope::app
