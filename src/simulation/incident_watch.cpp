#include "simulation/incident_watch.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

IncidentWatch::IncidentWatch(VirtualWorld& world, Client& client) : world_(world), client_(client) {
    client.network().effects.kept = true;
    moments_.push_back({client.local_now(), world.now(), world.now()});
    go_on();
}

void IncidentWatch::go_on() {
    world_.queue().after(
        period,
        [this] {
            if (stopped_) return;
            look();
            go_on();
        });
}

void IncidentWatch::stop() {
    if (!stopped_) look();
    stopped_ = true;
}

void IncidentWatch::look() {
    const LocalTime local = std::max(client_.local_now(), client_.last_input());
    if (local > moments_.back().local)
        moments_.push_back({local, world_.now(), world_.now()});
    else
        moments_.back().last = world_.now(); // it stands still
    diagnosis_.update(client_.engine().publish());
    const diagnosis::Incidents& incidents = diagnosis_.incidents();
    // One that is not told of any more became part of another, and is over by itself.
    for (auto& [number, seen] : seen_)
        if (std::exchange(seen.open, false)) seen.to = world_.now();
    for (const auto& incident : incidents.going_on()) keep(*incident);
    // What is over may still be told better for a while.
    for (const auto& incident : incidents.over()) keep(*incident);
}

void IncidentWatch::keep(const diagnosis::Incident& incident) {
    SeenIncident& seen = seen_[incident.number];
    seen.number = incident.number;
    if (seen.said.empty() || seen.said.back().cause != incident.cause)
        seen.said.push_back({incident.cause, world_.now()});
    seen.cause = incident.cause;
    seen.alternatives = incident.alternatives;
    seen.severity = std::max(seen.severity, incident.severity);
    seen.scope = incident.scope;
    seen.headline = incident.headline;
    seen.open = incident.open();
    seen.from = times_of(incident.from).first;
    seen.to = seen.open ? world_.now() : times_of(incident.to).second;
    seen.decided = times_of(incident.decided).second;
}

// Between two looks the clock is taken to go on from the first, up to the second.
std::pair<VirtualTime, VirtualTime> IncidentWatch::times_of(LocalTime local) const {
    const auto after = std::upper_bound(moments_.begin(), moments_.end(), local,
                                        [](LocalTime time, const Moment& moment) { return time < moment.local; });
    if (after == moments_.begin()) return {VirtualTime(0), VirtualTime(0)};
    const Moment& before = *(after - 1);
    const VirtualTime most = after == moments_.end() ? world_.now() : after->first;
    const VirtualTime time = std::min(before.last + (local - before.local), most);
    constexpr std::chrono::seconds at_once{1};
    // A sleep takes no time of its own clock: what is told of its end is told of all of it.
    const bool woke = before.last - before.first > at_once && local - before.local <= at_once;
    return {woke ? std::min(before.first, time) : time, time};
}

Judgement IncidentWatch::judge() const {
    std::vector<SeenIncident> incidents;
    for (const auto& [number, seen] : seen_) incidents.push_back(seen);
    return simulation::judge(client_.network().effects.traces(), incidents);
}

} // namespace fhirscope::simulation
