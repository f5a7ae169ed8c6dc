#include "app/report.hpp"

#include "diagnosis/incident_text.hpp"
#include "diagnosis/report_parts.hpp"
#include "engine/engine.hpp"

#include <fmt/format.h>

namespace fhirscope::app {

namespace {

double in_milliseconds(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

} // namespace

Report make_report(const engine::Snapshot& snapshot, std::uint64_t state_hash) {
    const engine::Histogram& latency = snapshot.metrics.all.end_to_end;
    Report report;
    report.counters = snapshot.metrics.counters;
    report.latency_p50 = in_milliseconds(latency.percentile(0.5));
    report.latency_p99 = in_milliseconds(latency.percentile(0.99));
    report.latency_max = in_milliseconds(latency.max());
    report.state_hash = state_hash;
    report.inputs = snapshot.inputs;
    report.checks_last_minute = snapshot.connection.checks_last_minute;
    report.check_budget = snapshot.connection.check_budget;
    using State = engine::VerifyView::State;
    if (snapshot.verify.state == State::Equal) report.server_equal = true;
    if (snapshot.verify.state == State::Different) report.server_equal = false;
    if (report.server_equal) report.compared_at = snapshot.verify.at;
    return report;
}

void add_incidents(Report& report, const diagnosis::Diagnosis& diagnosis, const engine::Snapshot& last) {
    report.incidents = met_incidents(diagnosis.incidents(), last.at);
    const diagnosis::Standings& standings = diagnosis.facts().standings();
    report.stale = standings.stale();
    report.not_confirmed = standings.unconfirmed();
    report.not_confirmed_since = standings.unconfirmed_since();
}

void write_members(fhir::JsonWriter& json, const Report& report) {
    const engine::Counters& c = report.counters;
    json.member("updates_received", c.received)
        .member("updates_applied", c.applied)
        .member("duplicates", c.duplicates)
        .member("superseded", c.superseded)
        .member("out_of_order", c.out_of_order)
        .member("rejected", c.rejected)
        .member("missed", c.missed)
        .member("recovered", c.recovered)
        .member("never_seen", c.never_seen)
        .member("hidden", c.hidden)
        .member("checking", c.checking)
        .member("overflowed", c.overflowed)
        .member("deaf", c.deaf)
        .member("gaps", c.gaps)
        .member("drifts", c.drifts)
        .member("polls", c.polls)
        .member("bad_frames", c.bad_frames)
        .member("reconnects", c.reconnects)
        .member("contents_given_up", c.contents_given_up)
        .member("contents_read", c.contents_read);
    json.object("latency_ms")
        .decimal("p50", report.latency_p50, 3)
        .decimal("p99", report.latency_p99, 3)
        .decimal("max", report.latency_max, 3)
        .end();
    json.member("state_hash", engine::hash_text(report.state_hash))
        .member("server_equal", report.server_equal)
        .member("inputs", report.inputs)
        .member("untimed", c.untimed)
        .member("stale", report.stale)
        .member("not_confirmed", report.not_confirmed);
    write_checks(json, report.checks_last_minute, report.check_budget);
    const auto time = [&](std::string_view member, const std::optional<LocalTime>& at) {
        if (at)
            json.member(member, diagnosis::instant_text(*at));
        else
            json.null(member);
    };
    time("not_confirmed_since", report.not_confirmed_since);
    time("compared_at", report.compared_at);
    if (report.incidents)
        write_incidents(json, *report.incidents);
    else
        json.null("incidents").null("over_count").null("not_kept");
    if (report.equal && report.recorded_hash) json.member("recorded_hash", engine::hash_text(*report.recorded_hash));
    if (report.equal)
        json.member("equal", report.equal).member("compared", report.recorded_hash ? "state" : "content");
    else if (!report.not_compared.empty())
        json.member("equal", std::optional<bool>());
}

fhir::Text to_text(const Report& report) {
    const engine::Counters& c = report.counters;
    const auto ms = [](double value) { return fmt::format("{:.1f} ms", value); };
    fhir::Text text;
    text << "updates     " << c.received << " received, " << c.applied << " applied, " << c.duplicates
         << " duplicates, " << c.superseded << " superseded, " << c.out_of_order << " out of order, " << c.rejected
         << " rejected\n";
    text << "gaps        " << c.missed << " missed, " << c.recovered << " recovered, " << c.never_seen
         << " never seen, " << c.reconnects << " reconnects\n";
    text << "troubles    " << c.deaf << " deaf, " << c.drifts << " drifted, " << c.polls << " polls, " << c.overflowed
         << " too many for the queue, " << c.bad_frames << " bad frames\n";
    text << "latency     p50 " << ms(report.latency_p50) << ", p99 " << ms(report.latency_p99) << ", max "
         << ms(report.latency_max) << "\n";
    text << "state       " << engine::hash_text(report.state_hash) << " after " << report.inputs << " inputs\n";
    if (c.contents_given_up > 0)
        text << "memory      " << c.contents_given_up << " contents given up for room, " << c.contents_read
             << " read again\n";
    if (report.server_equal && *report.server_equal)
        text << "server      equal: every resource has the server's current version\n";
    if (report.server_equal && !*report.server_equal)
        text << "server      DIFFERENT: the stores do not show what the server has\n";
    if (report.stale.value_or(0) > 0)
        text << "stale!      " << *report.stale << " differ from the server and are being read\n";
    if (report.not_confirmed.value_or(0) > 0)
        text << "stale?      " << *report.not_confirmed << " not confirmed"
             << (report.not_confirmed_since ? " since " + diagnosis::instant_text(*report.not_confirmed_since)
                                            : std::string())
             << "\n";
    if (report.incidents)
        for (const diagnosis::IncidentPtr& incident : report.incidents->all)
            text << "incident    " << diagnosis::to_line(*incident, report.incidents->at);
    if (report.equal && report.recorded_hash)
        text << "recorded    " << engine::hash_text(*report.recorded_hash) << ": "
             << (*report.equal ? "equal" : "DIFFERENT from the state that the replay reached") << "\n";
    else if (report.equal)
        text << "recorded    by another version of fhirscope: "
             << (*report.equal ? "the content is equal" : "the content is DIFFERENT from what the replay reached")
             << "\n";
    else if (!report.not_compared.empty())
        text << "recorded    NOT COMPARED: " << report.not_compared << "\n";
    return text;
}

} // namespace fhirscope::app
