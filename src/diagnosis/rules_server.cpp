// Rules about the server: its pace, its clock, its limits.

#include "diagnosis/rules.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr std::size_t lags_wanted = 8, lateness_told = 4;

microseconds median(std::vector<microseconds>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Lateness {
    microseconds usual{0}; // the median
    std::size_t updates = 0;
    LocalTime first, last;
};

// A few updates that came late close together, or most of a minute's.
std::optional<Lateness> lateness(const Scene& scene, microseconds Lag::*part, microseconds tolerated) {
    for (const auto& [window, wanted] : {std::pair(10s, lateness_told), std::pair(60s, lags_wanted)}) {
        std::vector<microseconds> all;
        Lateness found;
        for (const Lag& one : scene.facts.lags()) {
            if (scene.now - one.at > window) continue;
            if (all.empty()) found.first = one.at;
            found.last = one.at;
            all.push_back(one.*part);
        }
        if (all.size() < wanted) continue;
        found.updates = all.size();
        found.usual = median(all);
        if (found.usual > tolerated) return found;
    }
    return std::nullopt;
}

void hold_lateness(Report& report, std::string_view id, const Lateness& late, std::string_view way, int confidence) {
    Finding& finding = report.hold(id, "");
    finding.since = late.first;
    add_evidence(finding, {late.last, std::string(way) + " takes " + seconds_text(late.usual), {Link::Kind::None}});
    finding.count = late.updates;
    finding.confidence = confidence;
    passed(finding.decisive, seconds_text(late.usual) + ", the median of " + std::to_string(late.updates) + " updates");
    failed(finding.negative, "it is not");
}

void lag(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    const auto server = lateness(scene, &Lag::server, 1s);
    // Times of two clocks cannot be compared while one of them was just set.
    const bool set = scene.facts.clock_changed() != LocalTime{} && scene.now - scene.facts.clock_changed() < 90s;
    auto network =
        set ? std::nullopt : lateness(scene, &Lag::network, std::max<microseconds>(1s, 2 * c.clock_uncertainty));
    // A way that brings a pong at once is not slow: then one of the clocks was set.
    const bool slow_pong = scene.facts.slow_pong() >= (network ? network->first : scene.now) - 10s;
    if (network && scene.facts.sends_pings() && !slow_pong) network.reset();
    if (server && (!network || server->usual >= network->usual))
        hold_lateness(report, "D22", *server, "changed → sent", 95);
    else if (network)
        hold_lateness(report, "D54", *network, "sent → received", c.clock_known ? 90 : 60);
}

void skew(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    const microseconds offset = c.clock_offset.count() < 0 ? -c.clock_offset : c.clock_offset;
    if (!c.clock_known || offset <= std::max<microseconds>(1s, c.clock_uncertainty)) return;
    Finding& finding = report.hold("D23", "");
    finding.since = {};
    const std::string text =
        "the server's clock is " + seconds_text(offset) + (c.clock_offset.count() < 0 ? " behind" : " ahead");
    add_evidence(finding, {scene.now, text, {Link::Kind::Connection}});
    finding.confidence = offset > 2 * c.clock_uncertainty ? 100 : 80;
    passed(finding.decisive, text);
    failed(finding.negative, "± " + seconds_text(c.clock_uncertainty) + " at most");
}

} // namespace

void rule_server(const Scene& scene, Report& report) {
    lag(scene, report);
    skew(scene, report);
    for (const auto& [subject, trace] : scene.facts.all(Sign::Throttled)) {
        if (scene.now - trace->last > 1min) continue;
        Finding& finding = report.hold("D29", subject);
        use(finding, *trace);
        finding.confidence = 100;
        passed(finding.decisive, trace->evidence.front().text);
        failed(finding.negative, "not for a minute without a pause");
    }
}

} // namespace fhirscope::diagnosis
