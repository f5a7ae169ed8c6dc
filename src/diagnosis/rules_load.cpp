// Rules about load: what arrives against what is done.

#include "diagnosis/rules.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace fhirscope::diagnosis {
namespace {

using engine::StageTimes;
using namespace std::chrono_literals;

constexpr std::size_t busy_queue = 64; // waiting, all the time
constexpr std::uint64_t rows_looked_at = 512;

std::uint64_t arrived_in(const engine::SecondBucket& second) {
    return std::accumulate(second.updates.begin(), second.updates.end(), std::uint64_t{0});
}

std::int64_t second_of(LocalTime at) { return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count(); }

void notification_storm(const Scene& scene, Report& report) {
    const auto& seconds = scene.s.seconds;
    if (scene.s.queue_size < busy_queue || seconds.size() < 10) return;
    std::uint64_t taken = 0;
    std::uint32_t least = UINT32_MAX;
    for (std::uint64_t n = seconds.end() - 10; n < seconds.end(); ++n) {
        if (second_of(scene.now) - seconds[n].second > 12) return;
        least = std::min(least, seconds[n].queue_max);
        taken += arrived_in(seconds[n]);
    }
    if (least < busy_queue) return;
    Finding& finding = report.hold("D20", "");
    finding.since = {};
    add_evidence(finding, {scene.now,
                           count_text(scene.s.queue_size, "update waits", "updates wait") + ", " +
                               std::to_string(taken / 10) + " a second are taken",
                           {Link::Kind::Update, scene.s.updates.end() > 0 ? scene.s.updates.end() - 1 : 0}});
    if (const Trace* full = scene.facts.find(Sign::QueueFull, "")) use(finding, *full);
    finding.affects = scene.s.queue_size;
    finding.confidence = 100;
    passed(finding.decisive, "never less than " + std::to_string(least) + " waited");
    failed(finding.negative, "it is not");
}

void slow(const Scene& scene, Report& report) {
    if (scene.s.queue_size == 0) return;
    const auto& times = scene.s.stage_times;
    const auto& updates = scene.s.updates;
    const std::uint64_t begin =
        std::max(times.first(), times.end() > rows_looked_at ? times.end() - rows_looked_at : 0);
    std::vector<std::uint64_t> totals;
    std::array<std::uint64_t, StageTimes::stages> by_stage{};
    for (std::uint64_t n = begin; n < times.end(); ++n) {
        if (!updates.contains(n) || scene.now - updates[n].dequeued > 10s) continue;
        std::uint64_t total = 0;
        for (std::size_t stage = 0; stage < StageTimes::stages; ++stage) {
            total += times[n].nanos[stage];
            by_stage[stage] += times[n].nanos[stage];
        }
        if (total > 0) totals.push_back(total);
    }
    if (totals.size() < 32) return;
    const LocalTime oldest = updates[times.end() - totals.size()].dequeued;
    const double span = std::max(0.001, std::chrono::duration<double>(scene.now - oldest).count());
    const double rate = static_cast<double>(totals.size()) / span;
    const auto place = static_cast<std::ptrdiff_t>((totals.size() - 1) * 99 / 100);
    std::nth_element(totals.begin(), totals.begin() + place, totals.end());
    const double p99 = static_cast<double>(totals[static_cast<std::size_t>(place)]) * 1e-9;
    if (p99 * rate <= 1) return;
    const auto worst = static_cast<std::size_t>(std::max_element(by_stage.begin(), by_stage.end()) - by_stage.begin());
    Finding& finding = report.hold("D21", engine::stage_name(worst));
    finding.since = {};
    const std::uint64_t all = std::accumulate(by_stage.begin(), by_stage.end(), std::uint64_t{0});
    add_evidence(finding, {scene.now,
                           std::string(engine::stage_name(worst)) + " takes " +
                               std::to_string(by_stage[worst] * 100 / std::max<std::uint64_t>(1, all)) +
                               " % of the pipeline's time",
                           {Link::Kind::Update, times.end() - 1}});
    finding.affects = scene.s.queue_size;
    finding.confidence = 85;
    passed(finding.decisive, std::to_string(static_cast<int>(p99 * 1e6)) + " µs × " +
                                 std::to_string(static_cast<int>(rate)) + "/s, measured on this machine");
    failed(finding.negative, count_text(scene.s.queue_size, "update waits", "updates wait"));
}

} // namespace

void rule_load(const Scene& scene, Report& report) {
    notification_storm(scene, report);
    slow(scene, report);
}

} // namespace fhirscope::diagnosis
