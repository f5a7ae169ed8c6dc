#include "app/outages.hpp"

#include <algorithm>

namespace fhirscope::app {

namespace {

// Long enough that reconnecting fails at first and people see it, short enough that most of the time there is a server.
constexpr std::chrono::milliseconds longest_outage{3000};

} // namespace

Outages::Outages(server::FaultProxy& proxy, std::chrono::milliseconds period) : proxy_(proxy), period_(period) {
    if (period_.count() > 0) thread_ = std::thread([this] { run(); });
}

Outages::~Outages() { stop(); }

void Outages::stop() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Outages::run() {
    const auto outage = std::min(longest_outage, period_ / 3);
    while (!stopped_within(period_ - outage)) {
        proxy_.refuse();
        proxy_.cut();
        stopped_within(outage); // either way the server can be reached again
        // A port that another program took meanwhile stays lost; the next round tries again, and what the session comes
        // to says it.
        static_cast<void>(proxy_.accept());
    }
}

bool Outages::stopped_within(std::chrono::milliseconds time) {
    Lock lock(mutex_);
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stopping_)
        if (!wake_.wait_until(lock, end)) break;
    return stopping_;
}

} // namespace fhirscope::app
