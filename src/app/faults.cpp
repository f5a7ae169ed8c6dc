#include "app/faults.hpp"

#include <algorithm>
#include <limits>

namespace fhirscope::app {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds seconds(double s) { return milliseconds(static_cast<std::int64_t>(s * 1000)); }

} // namespace

bool cuts_off(Fault fault) {
    return fault == Fault::Outage || fault == Fault::Restart || fault == Fault::Silence || fault == Fault::Deafness;
}

Faults::Faults(server::EmbeddedServer& server, server::FaultProxy& network)
    : server_(server), network_(network), thread_([this] { run(); }) {}

Faults::~Faults() {
    end_all();
    thread_.join();
}

void Faults::apply(Fault fault, bool on, double amount) {
    switch (fault) {
        case Fault::Outage:
            if (on) {
                network_.refuse();
                network_.cut();
            } else {
                // A port that another program took meanwhile stays lost; what the session comes to says it.
                static_cast<void>(network_.accept());
            }
            break;
        case Fault::Restart:
            server_.set_reachable(!on);
            if (on) server_.forget_subscriptions();
            break;
        case Fault::Silence:
            server_.set_silent(on);
            break;
        case Fault::Deafness:
            server_.set_deaf(on);
            break;
        case Fault::SlowAnswers:
            server_.set_delay(on ? seconds(amount) : milliseconds(0));
            break;
        case Fault::LateEvents:
            server_.set_event_delay(on ? seconds(amount) : milliseconds(0));
            break;
        case Fault::Throttling:
            server_.fail_requests(on ? std::numeric_limits<unsigned>::max() : 0, 429);
            break;
        case Fault::Pace:
            server_.set_rate(on ? amount : usual_rate_);
            break;
        case Fault::ClockSkew:
            server_.set_clock_offset(on ? seconds(amount) : milliseconds(0));
            break;
    }
}

void Faults::begin(Fault fault, milliseconds time, double amount) {
    const Lock work(work_);
    bool first = false;
    {
        const Lock lock(mutex_);
        if (stopping_) return;
        auto& end = ends_[static_cast<std::size_t>(fault)];
        first = !end;
        end = std::max(end.value_or(Time{}), Clock::now() + time);
    }
    if (fault == Fault::Pace && first) usual_rate_ = server_.rate();
    apply(fault, true, amount);
    wake_.notify_all();
}

void Faults::end(Fault fault, When when) {
    const Lock work(work_);
    {
        const Lock lock(mutex_);
        const auto& end = ends_[static_cast<std::size_t>(fault)];
        if (!end || (when == When::IfDue && *end > Clock::now())) return; // extended meanwhile
    }
    apply(fault, false, 0);
    const Lock lock(mutex_);
    ends_[static_cast<std::size_t>(fault)].reset();
}

void Faults::end_soon(std::span<const Fault> faults) {
    {
        const Lock lock(mutex_);
        for (const Fault fault : faults)
            if (auto& end = ends_[static_cast<std::size_t>(fault)]) end = Clock::now();
    }
    wake_.notify_all();
}

void Faults::end_all() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::size_t i = 0; i < fault_kinds; ++i) end(static_cast<Fault>(i));
}

bool Faults::any() const {
    const Lock lock(mutex_);
    return std::any_of(ends_.begin(), ends_.end(), [](const auto& end) { return end.has_value(); });
}

bool Faults::cut_off() const {
    const Lock lock(mutex_);
    for (std::size_t i = 0; i < fault_kinds; ++i)
        if (ends_[i] && cuts_off(static_cast<Fault>(i))) return true;
    return false;
}

std::optional<milliseconds> Faults::left(Fault fault) const {
    const Lock lock(mutex_);
    const auto& end = ends_[static_cast<std::size_t>(fault)];
    if (!end) return std::nullopt;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*end - Clock::now()));
}

void Faults::run() {
    Lock lock(mutex_);
    while (!stopping_) {
        std::optional<std::size_t> next;
        for (std::size_t i = 0; i < fault_kinds; ++i)
            if (ends_[i] && (!next || *ends_[i] < *ends_[*next])) next = i;
        if (!next) {
            wake_.wait(lock);
        } else if (*ends_[*next] > Clock::now()) {
            wake_.wait_until(lock, Time(*ends_[*next])); // a copy: it may be moved meanwhile
        } else {
            lock.unlock();
            end(static_cast<Fault>(*next), When::IfDue);
            lock.lock();
        }
    }
}

} // namespace fhirscope::app
