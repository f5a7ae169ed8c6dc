#pragma once
// Outages at regular intervals, for a demo that shows how they are recovered from.

#include "fhir/thread_safety.hpp"
#include "server/fault_proxy.hpp"

#include <chrono>
#include <thread>

namespace fhirscope::app {

// Every `period`, resets all connections through the proxy and refuses new ones for a while; on a thread of its own.
// Thread safety: any thread may call stop().
class Outages {
public:
    Outages(server::FaultProxy& proxy, std::chrono::milliseconds period);
    ~Outages(); // stops
    Outages(const Outages&) = delete;
    Outages& operator=(const Outages&) = delete;

    // Ends the outage that there may be, and causes no other.
    void stop();

private:
    void run();
    bool stopped_within(std::chrono::milliseconds time);

    server::FaultProxy& proxy_;
    const std::chrono::milliseconds period_;
    Mutex mutex_;
    ConditionVariable wake_;
    bool stopping_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace fhirscope::app
