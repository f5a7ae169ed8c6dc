#include "gui/model/profiler_data.hpp"

#include "engine/config.hpp"
#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/latency/latency_data.hpp"

#include <algorithm>
#include <numeric>

namespace fhirscope::gui {

using engine::StageTimes;
using std::chrono::nanoseconds;

namespace {

constexpr std::uint64_t updates_looked_at = 4096;

StageCost cost_of(std::string_view name, std::vector<std::uint64_t>& nanos, double per_second) {
    StageCost cost;
    cost.name = name;
    cost.per_second = per_second;
    auto above = nanos.begin(); // what lies before it is smaller
    const auto rank = [&](double q) {
        const auto place = nanos.begin() + static_cast<std::ptrdiff_t>(engine::nearest_rank(q, nanos.size()) - 1);
        std::nth_element(above, place, nanos.end());
        above = place;
        return nanoseconds(*place);
    };
    const std::uint64_t sum = std::accumulate(nanos.begin(), nanos.end(), std::uint64_t{0});
    cost.mean = nanoseconds(sum / nanos.size());
    cost.p50 = rank(0.5);
    cost.p99 = rank(0.99);
    cost.max = nanoseconds(*std::max_element(above, nanos.end()));
    cost.cpu = std::chrono::duration<double>(cost.mean).count() * per_second;
    return cost;
}

} // namespace

StageCosts stage_costs(const engine::Snapshot& snapshot, LocalTime begin, LocalTime end) {
    StageCosts costs;
    const auto& updates = snapshot.updates;
    const std::uint64_t first = std::max(first_update_at(snapshot, begin), snapshot.stage_times.first());
    const std::uint64_t last = std::min(first_update_at(snapshot, end), snapshot.stage_times.end());
    if (first >= last) return costs;
    costs.updates = last - first;
    const std::uint64_t step = (costs.updates + updates_looked_at - 1) / updates_looked_at;
    std::vector<std::uint64_t> queued;
    std::array<std::vector<std::uint64_t>, StageTimes::stages> stages;
    std::uint64_t total = 0;
    const auto looked_at = static_cast<std::size_t>(std::min(costs.updates, updates_looked_at));
    queued.reserve(looked_at);
    for (auto& nanos : stages) nanos.reserve(looked_at);
    for (std::uint64_t n = first; n < last; n += step) {
        const engine::UpdateRow& row = updates[n];
        const auto waited = std::max(row.dequeued, row.received) - row.received;
        queued.push_back(static_cast<std::uint64_t>(std::chrono::duration_cast<nanoseconds>(waited).count()));
        for (std::size_t s = 0; s < StageTimes::stages; ++s) {
            stages[s].push_back(snapshot.stage_times[n].nanos[s]);
            total += snapshot.stage_times[n].nanos[s];
        }
    }
    costs.measured = queued.size();
    const double span = std::chrono::duration<double>(std::min(end, std::max(snapshot.at, begin)) - begin).count();
    const double per_second = static_cast<double>(costs.updates) / std::max(span, 0.001);
    costs.stages.push_back(cost_of(latency_stages[0], queued, per_second));
    costs.stages.back().cpu = -1;
    if (total == 0) return costs; // replayed or simulated: nobody measured
    for (std::size_t s = 0; s < StageTimes::stages; ++s) {
        costs.stages.push_back(cost_of(latency_stages[s + 1], stages[s], per_second));
        costs.pipeline += costs.stages.back().cpu;
    }
    return costs;
}

std::vector<MemoryPart> memory_parts(const engine::Snapshot& snapshot, std::uint64_t resident) {
    const engine::Config bounds; // the defaults, but for the bound that the snapshot says
    std::size_t resources = 0;
    for (const engine::StoreView& store : snapshot.stores) resources += store.records.size() - store.deleted;
    std::vector<MemoryPart> parts = {
        {"Update log", snapshot.updates.size(), snapshot.memory_updates,
         bounds.update_rows * (sizeof(engine::UpdateRow) + sizeof(StageTimes))},
        {"Resource store", resources, snapshot.memory_resources, snapshot.memory_bound},
        {"Older versions", 0, snapshot.memory_history, bounds.store.max_history_bytes},
        {"Raw frames", snapshot.frames.size(), snapshot.memory_frames, bounds.frame_bytes},
        {"Update queue", snapshot.queue_size, snapshot.queue_bytes, bounds.queue_max_bytes}};
    if (snapshot.keys_only > 0) parts.push_back({"Contents given up", snapshot.keys_only, 0, 0});
    std::uint64_t known = 0;
    for (const MemoryPart& part : parts) known += part.bytes;
    if (resident > known) parts.push_back({"Everything else", 0, resident - known, 0});
    return parts;
}

std::string profile_text(const StageCosts& costs, const std::vector<MemoryPart>& memory, const FrameHistory* frames,
                         const std::vector<ThreadLoad>* threads) {
    std::string text;
    const auto cell = [&](std::string_view value) {
        text += '\t';
        text += value;
    };
    text += "Stage\tper s\tmean\tp50\tp99\tmax\tCPU\n";
    for (const StageCost& cost : costs.stages) {
        text += cost.name;
        cell(rate(cost.per_second));
        cell(duration_detail(cost.mean));
        cell(duration_detail(cost.p50));
        cell(duration_detail(cost.p99));
        cell(duration_detail(cost.max));
        cell(cost.cpu < 0 ? ShortText() : percent(cost.cpu));
        text += '\n';
    }
    text += "\nMemory\tbytes\tbound\n";
    for (const MemoryPart& part : memory) {
        text += part.name;
        cell(bytes(part.bytes));
        cell(part.bound > 0 ? bytes(part.bound) : ShortText());
        text += '\n';
    }
    if (threads != nullptr) {
        text += "\nThread\tCPU\n";
        for (const ThreadLoad& thread : *threads) {
            text += thread.name;
            cell(percent(thread.share));
            text += '\n';
        }
    }
    if (frames != nullptr && frames->size() > 0) {
        double sum = 0;
        double worst = 0;
        for (std::uint64_t n = frames->count() - frames->size(); n < frames->count(); ++n) {
            sum += static_cast<double>((*frames)[n].total());
            worst = std::max(worst, static_cast<double>((*frames)[n].total()));
        }
        text += "\nFrames\tmean\tworst\n";
        text += number(static_cast<std::int64_t>(frames->size())).view();
        cell(decimal(sum / static_cast<double>(frames->size()), 2));
        cell(decimal(worst, 2));
        text += " ms\n";
    }
    return text;
}

} // namespace fhirscope::gui
