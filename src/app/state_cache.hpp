#pragma once
// Where the state of a session lies for the next one (engine/cache.hpp): one file for each server, client and set of
// criteria.

#include "engine/config.hpp"
#include "engine/snapshot.hpp"
#include "runtime/config.hpp"

#include <functional>
#include <string>
#include <thread>

namespace fhirscope::app {

// $XDG_CACHE_HOME/fhirscope/<hash>.state, or below ~/.cache; "" where neither is known.
std::string state_cache_path(const runtime::Connection& connection, const engine::Config& config);

// "" where there is none. Files that others can read or that are larger than 256 MiB are not used.
std::string load_state_cache(const std::string& path);

// Replaces the file as a whole; it is readable by its owner alone, since it holds patient data. Errors: Write.
Result<void> save_state_cache(const std::string& path, const std::string& bytes);

// Keeps the file up to date while a session lasts, so that a crash or a kill leaves something, too: first after 5 s,
// then every minute, at the next moment at which nothing is under way. Says once when it cannot.
class StateCacheKeeper {
public:
    // `snapshot` is called from a thread of the keeper's own. An empty path: nothing is kept.
    StateCacheKeeper(std::string path, std::function<engine::SnapshotPtr()> snapshot);

private:
    void run(std::stop_token stop);

    std::string path_;
    std::function<engine::SnapshotPtr()> snapshot_;
    std::jthread thread_; // the last, since it uses the others
};

} // namespace fhirscope::app
