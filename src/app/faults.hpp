#pragma once
// What goes wrong for a while, and is put right in time: between the demo's client and its server, and in the server.

#include "fhir/thread_safety.hpp"
#include "server/fault_proxy.hpp"
#include "server/server.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace fhirscope::app {

enum class Fault : std::uint8_t {
    Outage,      // connections are cut and refused
    Restart,     // the server is away, and its Subscriptions with it
    Silence,     // sockets stay open and nothing comes
    Deafness,    // heartbeats go on, events are lost
    SlowAnswers, // HTTP, by `amount` seconds
    LateEvents,  // by `amount` seconds
    Throttling,  // 429 to every request
    Pace,        // the clinic makes `amount` changes a second
    ClockSkew,   // the server's clock is `amount` seconds ahead
};
constexpr std::size_t fault_kinds = 9;
// The client hears of no change while it lasts.
bool cuts_off(Fault fault);

// Thread safety: any thread may call anything. begin(), end() and end_all() wait for the server; the others do not.
class Faults {
public:
    // Both must outlive this, and be running while there is a fault.
    Faults(server::EmbeddedServer& server, server::FaultProxy& network);
    ~Faults(); // puts everything right
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;

    // One that is there already is extended, with the new amount.
    void begin(Fault fault, std::chrono::milliseconds time, double amount = 0);
    void end(Fault fault) { end(fault, When::Now); }
    void end_soon(std::span<const Fault> faults);
    void end_all(); // and begins no more

    bool any() const;
    bool cut_off() const; // one is there by which the client hears of no change
    // Time left; nothing where it is not there.
    std::optional<std::chrono::milliseconds> left(Fault fault) const;

private:
    using Time = std::chrono::steady_clock::time_point;
    void run();
    enum class When : std::uint8_t { Now, IfDue };
    void end(Fault fault, When when);
    void apply(Fault fault, bool on, double amount) FHIRSCOPE_REQUIRES(work_);

    server::EmbeddedServer& server_;
    server::FaultProxy& network_;
    Mutex work_; // held while the server is told: faults begin and end one after another
    double usual_rate_ FHIRSCOPE_GUARDED_BY(work_) = 0; // before another pace
    mutable Mutex mutex_;
    std::array<std::optional<Time>, fault_kinds> ends_ FHIRSCOPE_GUARDED_BY(mutex_);
    ConditionVariable wake_;
    bool stopping_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace fhirscope::app
