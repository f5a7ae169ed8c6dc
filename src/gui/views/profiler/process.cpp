// What the process takes: memory by part, and its threads.

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/profiler/profiler_view.hpp"

#include <algorithm>
#include <string>

namespace fhirscope::gui {

void ProfilerView::memory(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect head = area.take_top(context.px(26));
    section_title(context, head, context.px(16), "Memory",
                  context.stats.memory > 0 ? bytes(context.stats.memory) : ShortText("?"));
    p.text_right(p.f().small, head.right() - context.px(16), head.y, head.h, c.t3, "share, size, bound");
    std::uint64_t total = 1;
    for (const MemoryPart& part : memory_) total = std::max(total, part.bytes);
    context.target("profiler/memory", area);
    for (const MemoryPart& part : memory_) {
        if (area.h < context.px(26)) break;
        const Rect row = area.take_top(context.px(26));
        const float line = context.px(19);
        float right = row.right() - context.px(16);
        const ShortText bound = part.bound > 0 ? ShortText("of ").append(bytes(part.bound)) : ShortText();
        p.text_right(p.f().mono_small, right, row.y, line, c.t4, bound);
        right -= context.px(76);
        const bool full = part.bound > 0 && part.bytes * 10 > part.bound * 9;
        p.text_right(p.f().mono, right, row.y, line, full ? c.att : c.t1, bytes(part.bytes));
        std::string name(part.name);
        if (part.count > 0) {
            name += ", ";
            name += number(static_cast<std::int64_t>(part.count)).view();
        }
        p.text_cut(p.f().cell, row.x + context.px(16), right - context.px(66), row.y, line, c.t2, name);
        const Rect track{row.x + context.px(16), row.y + line + context.px(1), row.w - context.px(32), context.px(3)};
        p.fill(track, c.bg2);
        const double share = static_cast<double>(part.bytes) / static_cast<double>(total);
        p.fill(Rect{track.x, track.y, track.w * static_cast<float>(share), track.h}, full ? c.attm : c.s2);
    }
}

void ProfilerView::threads(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect head = area.take_top(context.px(26));
    p.hline(head.x, head.right(), head.y, c.line);
    const float x = section_title(context, head, context.px(16), "Threads");
    p.text_cut(p.f().small, x + context.px(10), head.right(), head.y, head.h, c.t3, "% of one core, last second");
    context.target("profiler/threads", area);
    const auto& threads = context.stats.threads;
    if (!threads) {
        context.target("profiler/threads/none", area);
        empty_state(context, area, "Threads are not measured yet.");
        return;
    }
    for (const ThreadLoad& thread : *threads) {
        if (area.h < context.px(22)) break;
        const Rect row = area.take_top(context.px(22));
        const bool busy = thread.share > 0.9;
        std::string name = thread.window ? std::string("Window") : thread.name;
        p.text_cut(p.f().cell, row.x + context.px(16), row.x + context.px(140), row.y, row.h, c.t1, name);
        p.text_right(p.f().mono, row.x + context.px(200), row.y, row.h, busy ? c.att : c.t2, percent(thread.share));
        const Rect track{row.x + context.px(216), row.y + row.h / 2 - context.px(4),
                         std::max(0.0F, row.right() - context.px(16) - row.x - context.px(216)), context.px(8)};
        p.fill(track, c.bg2);
        p.fill(Rect{track.x, track.y, track.w * static_cast<float>(std::min(1.0, thread.share)), track.h},
               busy ? c.attm : c.g[4]);
    }
}

} // namespace fhirscope::gui
