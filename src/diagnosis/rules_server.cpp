// Rules about the server: its pace, its clock, its limits.

#include "diagnosis/rules.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr std::size_t lags_wanted = 8;

microseconds median(std::vector<microseconds>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void lag(const Scene& scene, Report& report) {
    std::vector<microseconds> server, network;
    LocalTime first, last;
    for (const Lag& one : scene.facts.lags()) {
        if (scene.now - one.at > 60s) continue;
        if (server.empty()) first = one.at;
        last = one.at;
        server.push_back(one.server);
        network.push_back(one.network);
    }
    if (server.size() < lags_wanted) return;
    const microseconds there = median(server), between = median(network);
    if (there <= 1s && between <= 1s) return;
    const bool at_the_server = there > between;
    Finding& finding = report.hold(at_the_server ? "D22" : "D54", "");
    finding.since = first;
    add_evidence(finding, {last, "changed → sent takes " + seconds_text(there), {Link::Kind::None}});
    add_evidence(finding, {last, "sent → received takes " + seconds_text(between), {Link::Kind::None}});
    finding.count = server.size();
    finding.confidence = scene.s.connection.clock_known ? 95 : 70;
    passed(finding.decisive, seconds_text(at_the_server ? there : between) + ", the median of " +
                                 std::to_string(server.size()) + " updates");
    failed(finding.negative, "it is " + seconds_text(at_the_server ? between : there));
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
