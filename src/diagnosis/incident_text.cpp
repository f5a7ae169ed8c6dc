#include "diagnosis/incident_text.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace fhirscope::diagnosis {
namespace {

using fhir::JsonWriter;
using fhir::Text;

constexpr std::size_t resources_listed = 8;
constexpr std::size_t evidence_listed = 8; // more are summed up with the first, the last and the count

// Of the day on which the incident began, the time alone; of another, the date with it.
std::string moment(LocalTime at, LocalTime day) {
    const std::string text = instant_text(at);
    constexpr std::size_t date = 10; // "2026-02-10"
    return text.substr(0, date) == instant_text(day).substr(0, date) ? text.substr(date + 1, 12) : text;
}

std::optional<std::chrono::microseconds> how_long(const Incident& incident, LocalTime now) {
    if (incident.open() && now == LocalTime{}) return std::nullopt;
    return incident.lasted(now);
}

// "12 missed, 11 recovered, deleted ?": what cannot be known is not written as 0.
void add_counts(Text& text, const Incident& incident) {
    const auto add = [&](std::string_view name, const std::optional<std::uint64_t>& count) {
        if (count)
            text << *count << " " << name;
        else
            text << name << " ?";
    };
    add("missed", incident.missed);
    text << ", ";
    add("recovered", incident.recovered);
    text << ", ";
    add("deleted", incident.deleted);
}

bool has_counts(const Incident& incident) { return incident.missed || incident.recovered || incident.deleted; }

void add_station(Text& text, std::string_view name, const Episode& episode, const Incident& incident) {
    if (episode.what.empty() && episode.text.empty()) return;
    text << "- " << name;
    if (episode.from != LocalTime{}) {
        text << ", " << moment(episode.from, incident.from);
        if (episode.to > episode.from) text << " – " << moment(episode.to, incident.from);
    }
    text << ": " << plain_text(episode.what);
    if (!episode.text.empty()) text << (episode.what.empty() ? "" : ". ") << plain_text(episode.text);
    if (!episode.source.empty()) text << " (" << episode.source << ")";
    text << "\n";
}

// A resource as people call it, where somebody knows.
void add_named(Text& text, const Link& link, const NameOf& name_of) {
    const std::string name = name_of && link.kind == Link::Kind::Resource ? name_of(link.reference) : std::string();
    add_link(text, link);
    if (!name.empty()) text << " (" << name << ")";
}

void add_evidence_line(Text& text, const Evidence& evidence, const Incident& incident, std::string_view which,
                       const NameOf& name_of) {
    text << "- " << which << moment(evidence.at, incident.from) << "  " << plain_text(evidence.text);
    add_named(text, evidence.link, name_of);
    text << "\n";
}

void add_about(Text& text, const Incident& incident, const NameOf& name_of) {
    std::size_t count = 0;
    for (const std::string& about : incident.about) {
        if (!fhir::is_reference(about)) continue; // criteria, or a type
        if (++count > resources_listed) continue;
        text << (count == 1 ? "About " : ", ") << about;
        if (const std::string name = name_of ? name_of(about) : std::string(); !name.empty())
            text << " (" << name << ")";
    }
    if (count > resources_listed) text << " and " << count - resources_listed << " more";
    if (count > 0) text << "\n";
}

void add_evidence_list(Text& text, const Incident& incident, const NameOf& name_of) {
    const auto& all = incident.evidence;
    if (all.empty()) return;
    const std::uint64_t count = std::max<std::uint64_t>(incident.evidence_count, all.size());
    text << "\n### Evidence: " << count << "\n\n";
    if (count <= evidence_listed && count == all.size()) {
        for (auto one = all.rbegin(); one != all.rend(); ++one) add_evidence_line(text, *one, incident, "", name_of);
        return;
    }
    add_evidence_line(text, all.back(), incident, count == all.size() ? "first: " : "first of those kept: ", name_of);
    if (all.size() > 1) add_evidence_line(text, all.front(), incident, "last: ", name_of);
}

void add_observations(Text& text, const Incident& incident) {
    if (incident.observations.empty()) return;
    text << "\n### Observations\n\n";
    for (const Observed& one : incident.observations) {
        text << "- " << moment(one.first, incident.from);
        if (one.count > 1) text << " – " << moment(one.last, incident.from) << ", " << one.count << " times";
        text << "  " << diagnosis::text(one) << "\n";
    }
    if (incident.observations_left_out > 0) text << "- " << incident.observations_left_out << " more, not kept\n";
}

void add_decisive(Text& text, std::string_view name, const Check& check) {
    if (check.question.empty()) return;
    text << "- " << name << ": " << check.question << " " << to_string(check.verdict);
    if (!check.answer.empty()) text << ": " << plain_text(check.answer);
    text << "\n";
}

std::string cause_name(CauseCode code) {
    const CauseInfo& cause = cause_info(code);
    return std::string(cause.id) + " " + std::string(cause.name);
}

void write_station(JsonWriter& json, std::string_view member, const Episode& episode) {
    if (episode.what.empty() && episode.text.empty()) {
        json.null(member);
        return;
    }
    json.object(member);
    write_time(json, "from", episode.from);
    write_time(json, "to", episode.to);
    json.member("what", plain_text(episode.what))
        .member("text", plain_text(episode.text))
        .member("source", episode.source)
        .end();
}

} // namespace

std::string_view state_text(IncidentState state) {
    switch (state) {
        case IncidentState::GoingOn:
            return "going on";
        case IncidentState::Repaired:
            return "repaired";
        case IncidentState::Ended:
            return "ended";
        case IncidentState::NotKnown:
            return "end not known";
    }
    return "?";
}

std::string_view word(Consequence::Kind kind) {
    switch (kind) {
        case Consequence::Kind::Missed:
            return "missed";
        case Consequence::Kind::Recovered:
            return "recovered";
        case Consequence::Kind::NeverSeen:
            return "never-seen";
        case Consequence::Kind::DeletionsLate:
            return "deletions-late";
        case Consequence::Kind::Polling:
            return "polling";
        case Consequence::Kind::Attempts:
            return "attempts";
        case Consequence::Kind::Repeated:
            return "repeated";
        case Consequence::Kind::Unconfirmed:
            return "unconfirmed";
        case Consequence::Kind::Other:
            return "other";
    }
    return "?";
}

std::string lasting_text(std::chrono::microseconds duration) {
    using namespace std::chrono;
    const auto ms = std::max<std::int64_t>(0, duration_cast<milliseconds>(duration).count());
    const auto two = [](std::int64_t major, const char* major_unit, std::int64_t minor, const char* minor_unit) {
        return std::to_string(major) + " " + major_unit + " " + std::to_string(minor) + " " + minor_unit;
    };
    if (ms < 1000) return std::to_string(ms) + " ms";
    if (ms < 60'000) {
        std::array<char, 16> text{};
        std::snprintf(text.data(), text.size(), ms < 10'000 ? "%.2f s" : "%.1f s", static_cast<double>(ms) / 1000);
        return text.data();
    }
    const std::int64_t s = ms / 1000;
    if (s < 3600) return two(s / 60, "m", s % 60, "s");
    if (s < 86'400) return two(s / 3600, "h", s / 60 % 60, "m");
    return two(s / 86'400, "d", s / 3600 % 24, "h");
}

Text to_text(const Incident& incident, LocalTime now, const NameOf& name_of) {
    Text text;
    text << "## " << incident.headline << "\n\n";
    text << "Incident " << incident.number << ": cause " << incident.id << " " << to_string(incident.cause) << ", "
         << word(incident.severity) << ", " << state_text(incident.state) << ", confidence " << incident.confidence
         << " %\n";
    text << "From " << instant_text(incident.from);
    if (incident.settled()) text << " to " << instant_text(incident.to);
    if (!incident.settled() && !incident.open()) text << " to the end of the capture, " << instant_text(incident.to);
    if (const auto lasted = how_long(incident, now)) text << " (" << lasting_text(*lasted) << ")";
    if (incident.times > 1) text << ", " << incident.times << " times";
    if (incident.noticed != LocalTime{}) text << ", noticed " << moment(incident.noticed, incident.from);
    if (incident.decided != LocalTime{}) text << ", cause named " << moment(incident.decided, incident.from);
    text << "\n";
    if (!incident.scope.empty()) text << "Concerns " << incident.scope << "\n";
    add_about(text, incident, name_of);
    if (has_counts(incident) || incident.affects > 0) {
        text << "Resources: ";
        add_counts(text, incident);
        if (incident.affects > 0)
            text << ", " << incident.affects << (incident.settled() ? " were perhaps old" : " may be old");
        text << "\n";
    }
    if (!incident.alternatives.empty()) {
        text << "Cannot be told apart from:";
        for (std::size_t i = 0; i < incident.alternatives.size(); ++i)
            text << (i ? "; " : " ") << cause_name(incident.alternatives[i]) << " ("
                 << cause_info(incident.alternatives[i]).headline << ")";
        text << "\n";
    }
    if (!incident.explanation.empty()) text << "\n" << incident.explanation << "\n";

    Text part;
    add_station(part, "Cause", incident.cause_station, incident);
    add_station(part, "Effect", incident.effect_station, incident);
    add_station(part, "Noticed", incident.noticed_station, incident);
    add_station(part, "Repaired", incident.repaired_station, incident);
    if (!part.empty()) text << "\n### What happened\n\n" << part;

    if (!incident.followed.empty()) text << "\n### What followed\n\n";
    for (const Consequence& one : incident.followed) {
        text << "- ";
        if (one.count > 0) text << one.count << " ";
        text << plain_text(one.text);
        add_named(text, one.link, name_of);
        text << "\n";
    }
    if (!incident.ruled_out.empty()) text << "\n### Ruled out\n\n";
    for (const RuledOut& one : incident.ruled_out)
        text << "- " << cause_name(one.cause) << " (" << cause_info(one.cause).headline << ")"
             << (one.tested ? ": " : ": not tested, ") << plain_text(one.text) << "\n";

    part = {};
    add_decisive(part, "Confirmed by", incident.decisive);
    add_decisive(part, "Ruled out if", incident.negative);
    if (!incident.command.empty()) part << "\n    " << incident.command << "\n";
    if (!part.empty()) text << "\n### How it was decided\n\n" << part;

    add_evidence_list(text, incident, name_of);
    add_observations(text, incident);
    if (!incident.advice.empty()) text << "\n### Advice\n\n";
    add_advice(text, incident.advice, "");
    return text;
}

Text to_line(const Incident& incident, LocalTime now) {
    Text text;
    text << incident.id;
    text.pad_to(5) << word(incident.severity);
    text.pad_to(16) << instant_text(incident.from);
    if (const auto lasted = how_long(incident, now)) text << " for " << lasting_text(*lasted);
    text.pad_to(55) << state_text(incident.state) << ": " << incident.headline;
    if (has_counts(incident)) {
        text << " (";
        add_counts(text, incident);
        text << ")";
    }
    text << "\n";
    return text;
}

void write(JsonWriter& json, const Incident& incident) {
    json.object()
        .member("number", incident.number)
        .member("id", incident.id)
        .member("cause", to_string(incident.cause))
        .array("alternatives");
    for (const CauseCode code : incident.alternatives) json.value(to_string(code));
    json.end()
        .member("effect", to_string(incident.effect))
        .member("state", to_string(incident.state))
        .member("severity", word(incident.severity))
        .member("headline", incident.headline)
        .member("title", incident.title)
        .member("explanation", incident.explanation)
        .member("scope", incident.scope.empty() ? std::nullopt : std::optional(incident.scope))
        .array("about");
    for (const std::string& one : incident.about) json.value(one);
    json.end();
    write_time(json, "from", incident.from);
    write_time(json, "to", incident.to);
    const auto lasted = how_long(incident, {});
    json.member("lasted_ms", lasted ? std::optional(*lasted / std::chrono::milliseconds(1)) : std::nullopt);
    write_time(json, "noticed", incident.noticed);
    write_time(json, "decided", incident.decided);
    json.member("times", incident.times)
        .member("confidence", std::max(0, incident.confidence))
        .member("missed", incident.missed)
        .member("recovered", incident.recovered)
        .member("deleted", incident.deleted)
        .member("affects", incident.affects)
        .object("stations");
    write_station(json, "cause", incident.cause_station);
    write_station(json, "effect", incident.effect_station);
    write_station(json, "noticed", incident.noticed_station);
    write_station(json, "repaired", incident.repaired_station);
    json.end().array("followed");
    for (const Consequence& one : incident.followed) {
        json.object().member("kind", word(one.kind)).member("count", one.count).member("text", plain_text(one.text));
        write_link(json, one.link);
        json.end();
    }
    json.end().array("ruled_out");
    for (const RuledOut& one : incident.ruled_out)
        json.object()
            .member("cause", to_string(one.cause))
            .member("id", cause_info(one.cause).id)
            .member("tested", one.tested)
            .member("text", plain_text(one.text))
            .end();
    json.end();
    write_check(json, "decisive", incident.decisive);
    write_check(json, "negative", incident.negative);
    json.member("command", incident.command.empty() ? std::nullopt : std::optional(incident.command));
    write_evidence(json, incident.evidence);
    json.member("evidence_count", std::max<std::uint64_t>(incident.evidence_count, incident.evidence.size()));
    json.array("observations");
    for (const Observed& one : incident.observations) {
        json.object().member("seen", to_string(one.seen));
        json.member("criteria", one.criteria.empty() ? std::nullopt : std::optional(one.criteria))
            .member("count", one.count);
        write_time(json, "first", one.first);
        write_time(json, "last", one.last);
        json.member("status", one.status == 0 ? std::nullopt : std::optional(one.status)).end();
    }
    json.end().member("observations_left_out", incident.observations_left_out);
    write_advice(json, incident.advice);
    json.end();
}

} // namespace fhirscope::diagnosis
