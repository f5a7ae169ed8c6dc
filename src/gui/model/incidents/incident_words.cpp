#include "gui/model/incidents/incident_words.hpp"

#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Episode;
using diagnosis::Incident;
using diagnosis::IncidentState;
using diagnosis::Severity;
using Disc = EpisodeStation::Disc;

namespace {

constexpr LocalTime not_known{};

std::string text_of(const ShortText& text) { return std::string(text.view()); }

// A moment, or the bounds of one.
std::string moment(LocalTime from, LocalTime to) {
    if (from == not_known && to == not_known) return {};
    if (to == not_known || from == to) return text_of(clock_ms(wall(from)));
    if (from == not_known) return "by " + text_of(clock_ms(wall(to)));
    return text_of(clock_s(wall(from))) + " – " + text_of(clock_s(wall(to)));
}

// Between two stations; "" where one of them is not known, or they are in the other order.
std::string span_between(LocalTime from, LocalTime to) {
    if (from == not_known || to == not_known || to < from) return {};
    return to == from ? "at once" : text_of(duration_detail(to - from));
}

Disc severity_disc(Severity severity) {
    return severity == Severity::Error ? Disc::Error : severity == Severity::Attention ? Disc::Attention : Disc::Info;
}

EpisodeStation station(std::string_view name, Disc disc, const Episode& said) {
    return {.name = name, .disc = disc, .what = said.what, .text = said.text, .source = said.source};
}

EpisodeStation cause_station(const Incident& incident) {
    EpisodeStation made = station("Cause", severity_disc(incident.severity), incident.cause_station);
    const bool said = !made.what.empty();
    if (!said) made.what = incident.title;
    if (!said && made.text.empty()) made.text = incident.explanation;
    made.when =
        said ? moment(incident.cause_station.from, incident.cause_station.to) : moment(incident.from, incident.from);
    return made;
}

EpisodeStation effect_station(const Incident& incident) {
    const Disc disc = incident.severity == Severity::Info ? Disc::Info : Disc::Attention;
    EpisodeStation made = station("Effect", disc, incident.effect_station);
    // Before the colon of a headline stands the effect.
    if (made.what.empty()) made.what = incident.headline.substr(0, incident.headline.find(": "));
    const LocalTime from = incident.effect_station.from != not_known ? incident.effect_station.from : incident.from;
    const LocalTime to = incident.effect_station.to != not_known ? incident.effect_station.to : incident.to;
    made.when = incident.open() ? "since " + text_of(clock_s(wall(from)))
                : to > from     ? "for " + text_of(duration_detail(to - from))
                                : moment(from, from);
    return made;
}

EpisodeStation noticed_station(const Incident& incident) {
    EpisodeStation made = station("Noticed", Disc::Noticed, incident.noticed_station);
    if (made.what.empty()) made.what = "first sign of it";
    const Episode& said = incident.noticed_station;
    made.when = said.from != not_known ? moment(said.from, said.to) : moment(incident.noticed, incident.noticed);
    return made;
}

EpisodeStation repaired_station(const Incident& incident) {
    const Episode& said = incident.repaired_station;
    switch (incident.state) {
        case IncidentState::GoingOn:
            return {.name = "Repaired", .disc = Disc::NotYet, .what = "not yet", .text = said.text};
        case IncidentState::NotKnown: {
            EpisodeStation made = station("Repaired", Disc::NotKnown, said);
            if (made.what.empty()) made.what = "not known";
            return made;
        }
        case IncidentState::Repaired:
        case IncidentState::Ended:
            break;
    }
    const bool repaired = incident.state == IncidentState::Repaired;
    EpisodeStation made = station(repaired ? "Repaired" : "Ended", repaired ? Disc::Good : Disc::Ended, said);
    if (made.what.empty()) made.what = repaired ? "repaired" : "ended by itself";
    made.when = said.from != not_known ? moment(said.from, said.to) : moment(incident.to, incident.to);
    return made;
}

} // namespace

Mark state_mark(const Incident& incident) {
    switch (incident.state) {
        case IncidentState::GoingOn:
            return severity_mark(incident.severity);
        case IncidentState::Repaired:
            return Mark::Ok;
        case IncidentState::Ended:
            return Mark::Applied;
        case IncidentState::NotKnown:
            return Mark::Unknown;
    }
    return Mark::Unknown;
}

std::string scope_text(const Incident& incident, std::size_t subscriptions) {
    if (!incident.scope.empty()) return incident.scope;
    return subscriptions == 0 ? "all" : "all " + std::to_string(subscriptions);
}

std::size_t pressing(const diagnosis::Incidents& incidents) {
    const auto& all = incidents.going_on();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& one) { return one->severity > Severity::Info; }));
}

std::string sentence_of(const diagnosis::Incidents& incidents) {
    const diagnosis::IncidentPtr worst = incidents.worst();
    if (!worst) return {};
    const std::size_t count = pressing(incidents);
    if (count == 1) return worst->headline;
    return std::to_string(count) + (worst->open() ? " incidents going on" : " incidents not known to be over");
}

std::vector<std::string> resources_of(const Incident& incident) {
    std::vector<std::string> all;
    const auto add = [&](const std::string& reference) {
        // Criteria may hold a slash, too, but not before their question mark.
        const std::size_t slash = reference.find('/');
        if (slash == std::string::npos || reference.find('?') != std::string::npos) return;
        if (std::find(all.begin(), all.end(), reference) == all.end()) all.push_back(reference);
    };
    for (const std::string& about : incident.about) add(about);
    for (const diagnosis::Evidence& evidence : incident.evidence) add(evidence.link.reference);
    return all;
}

std::array<EpisodeStation, episode_stations> episode_of(const Incident& incident, LocalTime now) {
    std::array<EpisodeStation, episode_stations> all = {cause_station(incident), effect_station(incident),
                                                        noticed_station(incident), repaired_station(incident)};
    const auto begin_of = [](const Episode& said, LocalTime otherwise) {
        return said.from != not_known ? said.from : otherwise;
    };
    const LocalTime effect = begin_of(incident.effect_station, incident.from);
    const LocalTime noticed = begin_of(incident.noticed_station, incident.noticed);
    const Episode& cause = incident.cause_station;
    if (cause.from != not_known && cause.to > cause.from)
        all[0].span = "within " + text_of(duration_detail(cause.to - cause.from));
    else
        all[0].span = span_between(begin_of(cause, incident.from), effect);
    all[1].span = span_between(effect, noticed);
    if (!incident.open())
        all[2].span = span_between(noticed, begin_of(incident.repaired_station, incident.to));
    else if (now - noticed >= std::chrono::seconds(1))
        all[2].span = text_of(age(now - noticed, AgeUnits::Two)) + " so far";
    all[2].good = incident.state == IncidentState::Repaired;
    return all;
}

} // namespace fhirscope::gui
