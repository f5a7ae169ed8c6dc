#include "app/outages.hpp"

#include "app/pause.hpp"

#include <algorithm>

namespace fhirscope::app {

namespace {

// Long enough that reconnecting fails at first and people see it, short enough that most of the time there is a server.
constexpr std::chrono::milliseconds longest_outage{3000};

} // namespace

Outages::Outages(server::FaultProxy& proxy, std::chrono::milliseconds period) : proxy_(proxy), period_(period) {
    if (period_.count() > 0) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Outages::~Outages() { stop(); }

void Outages::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Outages::run(const std::stop_token& stop) {
    const auto outage = std::min(longest_outage, period_ / 3);
    while (!stopped_within(stop, period_ - outage)) {
        proxy_.refuse();
        proxy_.cut();
        stopped_within(stop, outage); // either way the server can be reached again
        // A port that another program took meanwhile stays lost; the next round tries again, and what the session comes
        // to says it.
        static_cast<void>(proxy_.accept());
    }
}

} // namespace fhirscope::app
