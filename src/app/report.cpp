#include "app/report.hpp"

#include "engine/engine.hpp"

#include <fmt/format.h>

namespace fhirscope::app {

namespace {

double in_milliseconds(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

const char* json(const std::optional<bool>& value) { return !value ? "null" : *value ? "true" : "false"; }

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
    using State = engine::VerifyView::State;
    if (snapshot.verify.state == State::Equal) report.server_equal = true;
    if (snapshot.verify.state == State::Different) report.server_equal = false;
    return report;
}

std::string to_json(const Report& report) {
    const engine::Counters& c = report.counters;
    std::string text = fmt::format(
        R"({{"updates_received":{},"updates_applied":{},"duplicates":{},"superseded":{},"out_of_order":{},"rejected":{},)"
        R"("missed":{},"recovered":{},"never_seen":{},"hidden":{},"checking":{},"overflowed":{},"deaf":{},"gaps":{},)"
        R"("drifts":{},"polls":{},"bad_frames":{},"reconnects":{},"contents_given_up":{},"contents_read":{},"latency_ms":{{"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}},)"
        R"("state_hash":"{}","server_equal":{},"inputs":{})",
        c.received, c.applied, c.duplicates, c.superseded, c.out_of_order, c.rejected, c.missed, c.recovered,
        c.never_seen, c.hidden, c.checking, c.overflowed, c.deaf, c.gaps, c.drifts, c.polls, c.bad_frames, c.reconnects,
        c.contents_given_up, c.contents_read, report.latency_p50, report.latency_p99, report.latency_max,
        engine::hash_text(report.state_hash), json(report.server_equal), report.inputs);
    if (report.equal) {
        text += fmt::format(R"(,"recorded_hash":"{}","equal":{})", engine::hash_text(*report.recorded_hash),
                            json(report.equal));
    } else if (!report.not_compared.empty()) {
        text += R"(,"equal":null)";
    }
    return text + "}";
}

std::string to_text(const Report& report) {
    const engine::Counters& c = report.counters;
    std::string text = fmt::format(
        "updates     {} received, {} applied, {} duplicates, {} superseded, {} out of order, {} rejected\n"
        "gaps        {} missed, {} recovered, {} never seen, {} reconnects\n"
        "troubles    {} deaf, {} drifted, {} polls, {} too many for the queue, {} bad frames\n"
        "latency     p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms\n"
        "state       {} after {} inputs\n",
        c.received, c.applied, c.duplicates, c.superseded, c.out_of_order, c.rejected, c.missed, c.recovered,
        c.never_seen, c.reconnects, c.deaf, c.drifts, c.polls, c.overflowed, c.bad_frames, report.latency_p50,
        report.latency_p99, report.latency_max, engine::hash_text(report.state_hash), report.inputs);
    if (c.contents_given_up > 0)
        text += fmt::format("memory      {} contents given up for room, {} read again\n", c.contents_given_up,
                            c.contents_read);
    if (report.server_equal) {
        text += *report.server_equal ? "server      equal: every resource has the server's current version\n"
                                     : "server      DIFFERENT: the stores do not show what the server has\n";
    }
    if (report.equal) {
        text += fmt::format("recorded    {}: {}\n", engine::hash_text(*report.recorded_hash),
                            *report.equal ? "equal" : "DIFFERENT from the state that the replay reached");
    } else if (!report.not_compared.empty()) {
        text += "recorded    NOT COMPARED: " + report.not_compared + '\n';
    }
    return text;
}

} // namespace fhirscope::app
