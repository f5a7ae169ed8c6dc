#pragma once
// One client that edits Tasks at random, as its user would, and remembers what it asked for and what it was told.

#include "runtime/runtime.hpp"
#include "server/server.hpp"

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace fhirscope::edits {

// A value that was asked for: never the same twice, so that the server's histories tell whose it is.
struct Asked {
    LocalTime at; // when the engine was told
    std::string reference, path, value;
};

class Writer {
public:
    // Throws std::runtime_error where it cannot start.
    Writer(std::string name, const server::EmbeddedServer& server, engine::EditMethod method, std::uint64_t seed);

    bool wait(const std::function<bool(const engine::Snapshot&)>& predicate, std::chrono::milliseconds patience) const {
        return runtime_.run_until(predicate, patience);
    }
    engine::SnapshotPtr snapshot() const { return runtime_.snapshot(); }
    void edit(const std::string& reference);
    // What a user does with conflicts that ask: some now, at random; or all that there are.
    void decide(bool all);
    // Takes over which edits have ended; often enough, because the engine keeps only the newest.
    void collect();
    bool settled() const;
    bool equal_to_server();
    void stop() { runtime_.stop(); }

    const std::string& name() const { return name_; }
    std::vector<Asked> asked() const;
    const std::vector<engine::LocalEditPtr>& ended() const { return ended_; }
    std::uint64_t overlooked() const { return overlooked_; } // edits that ended without being collected
    std::uint64_t decided() const { return decided_; }

private:
    runtime::RuntimeOptions options_for(const server::EmbeddedServer& server);

    const std::string name_;
    const engine::EditMethod method_;
    std::mt19937_64 random_;
    std::uint64_t values_ = 0, next_ended_ = 0, overlooked_ = 0, decided_ = 0;
    mutable std::mutex mutex_; // of asked_, which the engine's thread fills
    LocalTime latest_;         // on the engine's thread
    std::vector<Asked> asked_;
    std::vector<engine::LocalEditPtr> ended_;
    runtime::Runtime runtime_;
};

} // namespace fhirscope::edits
