#include "simulation/fault_effects.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

// Two refusals of connections may hold at once, each of something else.
bool touches(const Fault& fault, std::string_view concerned) {
    if (fault.kind != FaultKind::RefusedConnect) return true;
    return concerned == "sockets" ? fault.amount != 2 : fault.amount != 1;
}

} // namespace

void FaultEffects::begin(const Fault& fault) {
    if (kept) traces_.push_back({.fault = fault});
}

void FaultEffects::add(FaultTrace& trace, VirtualTime now, std::string_view concerned) {
    if (trace.times.size() < FaultTrace::times_kept) trace.times.push_back(now);
    trace.last = std::max(trace.last, now);
    ++trace.effects;
    if (!concerned.empty()) trace.concerned.emplace(concerned);
}

std::vector<FaultTrace*> FaultEffects::blamed(FaultKind kind, VirtualTime now) {
    std::vector<FaultTrace*> holding;
    FaultTrace* newest = nullptr;
    for (FaultTrace& trace : traces_) {
        if (trace.fault.kind != kind || trace.fault.at > now) continue;
        newest = &trace;
        if (trace.fault.end() >= now && trace.fault.lasts.count() > 0) holding.push_back(&trace);
    }
    if (holding.empty() && newest) holding.push_back(newest);
    return holding;
}

void FaultEffects::note(FaultKind kind, VirtualTime now, std::string_view concerned) {
    for (FaultTrace* trace : blamed(kind, now)) add(*trace, now, concerned);
}

void FaultEffects::note_held(std::initializer_list<FaultKind> kinds, VirtualTime now, std::string_view concerned) {
    for (FaultTrace& trace : traces_)
        if (std::find(kinds.begin(), kinds.end(), trace.fault.kind) != kinds.end() && trace.fault.at <= now &&
            trace.fault.end() >= now && touches(trace.fault, concerned))
            add(trace, now, concerned);
}

void FaultEffects::heard(VirtualTime now) {
    std::erase_if(
        unheard_,
        [&](const Unheard& unheard) {
            if (now < unheard.since) return false;
            for (FaultTrace& trace : traces_)
                if (trace.fault.salt == unheard.salt) add(trace, now, {});
            return true;
        });
}

void FaultEffects::lose(const std::string& reference, const std::string& version_id, FaultKind kind) {
    if (kept) lost_[version_id] = {kind, reference};
}

void FaultEffects::find(std::map<std::string, Lost, std::less<>>::iterator lost, VirtualTime now) {
    const auto [kind, reference] = std::move(lost->second);
    lost_.erase(lost);
    for (FaultTrace* trace : blamed(kind, now)) {
        add(*trace, now, std::string_view(reference).substr(0, reference.find('/')));
        ++trace->lost;
    }
}

void FaultEffects::answered(std::string_view body, VirtualTime now) {
    constexpr std::string_view name = "\"versionId\":\"";
    if (lost_.empty()) return;
    for (std::size_t at = body.find(name); at != std::string_view::npos; at = body.find(name, at)) {
        at += name.size();
        if (const auto found = lost_.find(body.substr(at, body.find('"', at) - at)); found != lost_.end())
            find(found, now);
    }
}

void FaultEffects::found_gone(std::string_view url, VirtualTime now) {
    const auto found = std::find_if(lost_.begin(), lost_.end(),
                                    [&](const auto& lost) { return url.ends_with(lost.second.reference); });
    if (found != lost_.end()) find(found, now);
}

} // namespace fhirscope::simulation
