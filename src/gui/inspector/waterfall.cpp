#include "gui/inspector/waterfall.hpp"

#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/latency/latency_data.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

using std::chrono::nanoseconds;

namespace {

constexpr float stage_row = 19;

// One number of digits for a whole picture, so that its figures line up: microseconds count where the whole is short.
int decimals_of(nanoseconds whole) { return whole < std::chrono::milliseconds(10) ? 3 : 2; }

ShortText axis_figure(nanoseconds value, nanoseconds whole) {
    const double ms = std::chrono::duration<double, std::milli>(whole).count();
    return in_milliseconds(value, ms >= 9.95 ? 0 : ms >= 0.995 ? 1 : 3);
}

} // namespace

std::optional<Trace> trace_of(const engine::Snapshot& snapshot, const ShownLog& shown, std::uint64_t update) {
    if (!snapshot.updates.contains(update)) return std::nullopt;
    const engine::UpdateRow& row = snapshot.updates[update];
    Trace trace;
    if (const auto transport = transport_of(snapshot, row)) trace.transport = *transport;
    nanoseconds at{0};
    const auto add = [&](std::string_view name, nanoseconds duration) {
        trace.stages.push_back({name, at, duration});
        at += duration;
    };
    add(latency_stages[0], std::max(row.dequeued, row.received) - row.received);
    if (snapshot.stage_times.contains(update)) {
        const engine::StageTimes& times = snapshot.stage_times[update];
        for (std::size_t i = 0; i < times.nanos.size(); ++i) add(latency_stages[i + 1], nanoseconds(times.nanos[i]));
    }
    if (const auto shown_at = shown.shown_at(update)) {
        const nanoseconds since = *shown_at - row.received;
        add("Shown", std::max(nanoseconds(0), since - at));
    }
    trace.pipeline = at;
    trace.total = at + std::max(nanoseconds(0), trace.transport.value_or(nanoseconds(0)));
    return trace;
}

float draw_trace(Context& context, Rect area, const Trace& trace) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect title = area.take_top(px(28));
    section_title(context, title, px(14), "Stages");
    const float before =
        p.text_right(p.f().mono, title.right() - px(14), title.y, title.h, c.t1, in_milliseconds(trace.total, 2));
    p.text_right(p.f().small, before - px(8), title.y, title.h, c.t3, "ms, end to end");
    const float left = area.x + px(14);
    const float bars = area.x + px(100);
    const float figures = area.right() - px(14);
    const float width = std::max(px(40), figures - px(68) - bars);
    float y = area.y;

    int decimals = 2;
    const auto axis = [&](float height, nanoseconds whole) {
        for (int i = 0; i <= 4; ++i) {
            const float x = snap(bars + width * static_cast<float>(i) / 4);
            p.vline(x, y + px(16), y + px(16) + height, c.line);
            if (i % 2 == 0) {
                const nanoseconds value = whole * i / 4;
                ShortText label = i == 0 ? ShortText("0") : axis_figure(value, whole);
                if (i == 4) {
                    label.append(" ms");
                    p.text_right(p.f().axis, x, y, px(14), c.t4, label);
                } else {
                    const float w = Painter::width(p.f().axis, label);
                    p.put(p.f().axis, i == 0 ? x : x - w / 2, y, px(14), c.t4, label);
                }
            }
        }
        y += px(18);
    };
    const auto bar = [&](std::string_view name, double begin, double share, nanoseconds value, ImU32 color,
                         bool marked) {
        p.put(p.f().cell, left, y, px(stage_row), marked ? c.t1 : c.t3, name);
        const float x = bars + static_cast<float>(begin) * width;
        const float w = std::max(px(1.5F), static_cast<float>(share) * width);
        p.fill(Rect{std::min(x, bars + width - px(1.5F)), y + px(5), w, px(9)}, marked ? c.att : color, px(1));
        p.text_right(p.f().mono, figures, y, px(stage_row), marked ? c.att : c.t2, in_milliseconds(value, decimals));
        y += px(stage_row);
    };
    const auto ratio = [](nanoseconds part, nanoseconds whole) {
        return whole.count() > 0 ? static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0.0;
    };

    if (trace.transport && trace.transport->count() > 0) {
        axis(px(38), trace.total);
        const double share = ratio(*trace.transport, trace.total);
        bar("Transport", 0, share, *trace.transport, c.g[0], false);
        bar("Pipeline", share, 1 - share, trace.pipeline, c.s3, false);
        // The pipeline's part of the upper axis opens into the whole of the lower one.
        const float from = bars + static_cast<float>(share) * width;
        p.list().AddLine(ImVec2(from, y), ImVec2(bars, y + px(14)), c.line);
        p.list().AddLine(ImVec2(bars + width, y), ImVec2(bars + width, y + px(14)), c.line);
        y += px(12);
    }
    axis(px(stage_row) * static_cast<float>(trace.stages.size()) + px(4), trace.pipeline);
    decimals = decimals_of(trace.pipeline);
    // Amber only where one stage is most of a pipeline that is slow as a whole.
    constexpr nanoseconds slow = std::chrono::milliseconds(20);
    for (const TraceStage& stage : trace.stages) {
        const bool marked = stage.name != "Shown" && stage.duration > slow && stage.duration > trace.pipeline / 2;
        bar(stage.name, ratio(stage.begin, trace.pipeline), ratio(stage.duration, trace.pipeline), stage.duration,
            stage.name == "Shown" ? c.g[8] : c.s3, marked);
    }
    return y + px(6);
}

} // namespace fhirscope::gui
