// Rules about the server: its pace, its clock, its limits.

#include "diagnosis/rules.hpp"

#include <algorithm>

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

// A few updates that came late close together, before a minute of them has a median.
bool is_late_now(const Scene& scene) {
    const auto& lags = scene.facts.lags();
    std::size_t late = 0, all = 0;
    for (auto one = lags.rbegin(); one != lags.rend() && scene.now - one->at <= 10s; ++one) {
        ++all;
        late += one->network > std::max<microseconds>(1s, 2 * scene.s.connection.clock_uncertainty);
    }
    return late >= lateness_told && 2 * late > all;
}

void network_lag(const Scene& scene, Report& report) {
    const auto& lags = scene.facts.lags();
    std::vector<microseconds> network;
    LocalTime first = scene.now;
    for (auto one = lags.rbegin(); one != lags.rend() && scene.now - one->at <= 10s; ++one) {
        if (one->network <= 1s) continue;
        first = one->at - one->network;
        network.push_back(one->network);
    }
    Finding& finding = report.hold("D54", "");
    const microseconds between = median(network);
    finding.since = first;
    add_evidence(finding, {lags.back().at, "sent → received takes " + seconds_text(between), {Link::Kind::None}});
    finding.count = network.size();
    finding.confidence = scene.s.connection.clock_known ? 90 : 60;
    passed(finding.decisive, seconds_text(between) + ", the median of " + std::to_string(network.size()) + " updates");
    failed(finding.negative, "the server sends at once");
}

void lag(const Scene& scene, Report& report) {
    // Times of two clocks cannot be compared while one of them was just set.
    if (scene.facts.clock_changed() != LocalTime{} && scene.now - scene.facts.clock_changed() < 90s) return;
    std::vector<microseconds> server, network;
    LocalTime first, last;
    for (const Lag& one : scene.facts.lags()) {
        if (scene.now - one.at > 60s) continue;
        if (server.empty()) first = one.at;
        last = one.at;
        server.push_back(one.server);
        network.push_back(one.network);
    }
    if (is_late_now(scene)) return network_lag(scene, report);
    if (server.size() < lags_wanted) return;
    const microseconds there = median(server), between = median(network);
    if (there <= 1s || between > there) return;
    Finding& finding = report.hold("D22", "");
    finding.since = first;
    add_evidence(finding, {last, "changed → sent takes " + seconds_text(there), {Link::Kind::None}});
    add_evidence(finding, {last, "sent → received takes " + seconds_text(between), {Link::Kind::None}});
    finding.count = server.size();
    finding.confidence = scene.s.connection.clock_known ? 95 : 70;
    passed(finding.decisive, seconds_text(there) + ", the median of " + std::to_string(server.size()) + " updates");
    failed(finding.negative, "it is " + seconds_text(between));
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
