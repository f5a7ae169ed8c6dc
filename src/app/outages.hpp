#pragma once
// Outages at regular intervals, for a demo that shows how they are recovered from.

#include "server/fault_proxy.hpp"

#include <chrono>
#include <thread>

namespace fhirscope::app {

// Every `period`, resets all connections through the proxy and refuses new ones for a while; on a thread of its own.
class Outages {
public:
    Outages(server::FaultProxy& proxy, std::chrono::milliseconds period);
    ~Outages(); // stops
    Outages(const Outages&) = delete;
    Outages& operator=(const Outages&) = delete;

    // Ends the outage that there may be, and causes no other.
    void stop();

private:
    void run(const std::stop_token& stop);

    server::FaultProxy& proxy_;
    const std::chrono::milliseconds period_;
    std::jthread thread_;
};

} // namespace fhirscope::app
