#pragma once
// Runs an engine against a real server: performs its effects, feeds the results back, publishes what a window shows.
//
// Two threads. The network thread does all socket work and never waits for the engine; the engine thread is the only
// one that steps it. Between them is one bounded inbox. When it is full, no socket is read further until there is room
// again, so that TCP slows the server down; nothing is ever dropped.

#include "engine/config.hpp"
#include "engine/engine.hpp"
#include "engine/input.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "runtime/config.hpp"
#include "runtime/engine_loop.hpp"
#include "runtime/net.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace fhirscope::runtime {

struct RuntimeOptions {
    Connection connection;
    engine::Config engine; // base_url and fhir_path are taken from `connection`
    std::string known;     // what an earlier session left (engine/cache.hpp); "": nothing

    // Read the server's metadata before the engine starts: the dialect, unless it is given here, and its topics and
    // addresses. What engine.dialect says of the bind frame and the payload stays.
    bool probe = false;
    std::optional<fhir::Dialect> dialect;

    EngineLoopOptions loop;
    NetworkOptions network; // its ca_file is taken from `connection`
    std::chrono::milliseconds login_timeout{15'000};
};

// Thread safety: any thread may call anything, save that start() comes first and stop() is called once at a time.
class Runtime {
public:
    explicit Runtime(RuntimeOptions options);
    ~Runtime(); // stops
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    // Finds the FHIR base (see Connection::other_fhir_paths) and the dialect, where it is to probe.
    // Reaches the server and logs in (waits at most login_timeout), then starts the engine, which connects by itself.
    // Asked to stop meanwhile, it drops its connections and returns at once. Errors: Login (client id or secret
    // refused, or none given where one is wanted), Unreachable, Refused, Timeout, Tls, Protocol, BadUrl,
    // CaFile, Insecure (see transport.hpp), NoFhir (no FHIR base there; names the addresses), Cancelled. A
    // server that is away is no error where something is known of it: that is shown, and the engine goes on trying.
    Result<void> start(const std::stop_token& stop = {});
    // Ends both threads, drops every connection, and publishes the last snapshot.
    void stop();

    void send(engine::Command command);
    // Never null after start().
    engine::SnapshotPtr snapshot() const;
    // Throws Impossible when the engine came to what cannot be; run_until() does so, too.
    void check() const;

    // Waits until a published snapshot satisfies the predicate, which is called on this thread, once for each
    // publication that it sees. False: the time was over, or the runtime stopped, before one did.
    bool run_until(const std::function<bool(const engine::Snapshot&)>& predicate,
                   std::chrono::milliseconds timeout) const;

    // After stop().
    std::uint64_t state_hash() const;

    // What a person should know of the start: "" or sentences. After start().
    std::string note() const;

    // "ClientApplication/0b1c…": as whom the login was made; "" without one. After start().
    std::string profile() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::runtime
