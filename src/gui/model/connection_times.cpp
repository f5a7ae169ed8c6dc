#include "gui/model/connection_times.hpp"

#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::gui {

PhaseTimes phase_times(const engine::ConnectionView& connection, LocalTime started, LocalTime now) {
    constexpr std::size_t kept = 256; // ConnectionView::transitions
    PhaseTimes times;
    const auto add = [&](engine::Phase phase, LocalTime from, LocalTime to) {
        times.total[static_cast<std::size_t>(phase)] += std::max(to - from, LocalTime::duration(0));
    };
    const auto& transitions = connection.transitions;
    if (transitions.empty()) return times;
    times.since = transitions.front().at;
    if (transitions.size() < kept && started != LocalTime{} && started < times.since) {
        times.since = started;
        add(transitions.front().from, started, transitions.front().at);
    }
    for (std::size_t i = 0; i < transitions.size(); ++i)
        add(transitions[i].to, transitions[i].at, i + 1 < transitions.size() ? transitions[i + 1].at : now);
    return times;
}

std::optional<engine::Phase> phase_at(const engine::ConnectionView& connection, LocalTime time) {
    std::optional<engine::Phase> phase;
    for (const engine::Transition& transition : connection.transitions) {
        if (transition.at > time) break;
        phase = transition.to;
    }
    return phase;
}

const std::vector<PollingPeriod>& PollingPeriods::update(const engine::Snapshot& snapshot) {
    const auto& events = snapshot.events;
    if (looked_to_ > events.end() || first_ > events.first()) { // another session
        looked_to_ = 0;
        periods_.clear();
    }
    first_ = events.first();
    looked_to_ = std::max(looked_to_, events.first());
    for (; looked_to_ < events.end(); ++looked_to_) {
        const engine::Event& event = events[looked_to_];
        if (event.what.code == engine::FactCode::PollingBegins)
            periods_.push_back({event.at, std::nullopt, words::text(event.what.why())});
        else if (event.what.code == engine::FactCode::PollingEnds && !periods_.empty())
            periods_.back().end = event.at;
    }
    return periods_;
}

} // namespace fhirscope::gui
