#pragma once
// The engine's state, as plain data: what many parts work with, and the parts. A file includes this and the headers of
// the parts that it looks into; more it does not see.

#include "engine/core/part.hpp"
#include "engine/core/queue.hpp"
#include "engine/core/requests.hpp"
#include "engine/core/subscription.hpp"

#include <vector>

namespace fhirscope::engine {

struct Asking;
struct Checks;
struct Conflicts;
struct Contents;
struct Edits;
struct Farewell;
struct History;
struct Journal;
struct Login;
struct Metrics;
struct Observation;
struct ObservedSockets;
struct Polling;
struct Reads;
struct Recovery;
struct RowMakers;
struct Run;
struct ServerClockReading;
struct Sockets;
struct SubscriptionIds;
struct Verification;
struct Versions;

struct Engine::State {
    State(); // src/engine/state.cpp, which alone knows all parts
    // For Engine::keep: shares what does not change, and leaves out what Stores leave out.
    State(const State&);
    State& operator=(const State&) = delete;
    ~State();

    Config config;
    LocalTime now = never;
    std::vector<Subscription> subscriptions;
    ConnectionView connection;
    bool socket_open = false;
    bool leaving = false; // the session ends: nothing is begun any more
    Requests requests;
    UpdateQueue queue;
    Stores stores;
    Counters counters;
    Effects effects; // of this step: not archived

    Part<Run> run;           // core/
    Part<Journal> journal;   //
    Part<Metrics> metrics;   //
    Part<Versions> versions; //
    Part<Sockets> sockets;   // connection/
    Part<ObservedSockets> observed_sockets;
    Part<Login> login;                     //
    Part<ServerClockReading> server_clock; //
    Part<Polling> polling;                 //
    Part<SubscriptionIds> ids;             // subscriptions/
    Part<Farewell> farewell;               //
    Part<Checks> checks;                   //
    Part<Recovery> recovery;               // recovery/
    Part<Reads> reads;                     //
    Part<Observation> observation;         //
    Part<History> history;                 //
    Part<Verification> verification;       //
    Part<Contents> contents;               //
    Part<Asking> asking;                   //
    Part<Edits> edits;                     // edits/
    Part<Conflicts> conflicts;             //
    Part<RowMakers> row_makers;            // pipeline/; made from the configuration: not archived

    bool live() const { return config.mode == Mode::Live; }
    bool login_ended() const { return connection.phase == Phase::LoginEnded; }
    template <class A>
    void archive(A& a); // ArchiveWriter, ArchiveReader, ArchiveHasher
};

} // namespace fhirscope::engine
