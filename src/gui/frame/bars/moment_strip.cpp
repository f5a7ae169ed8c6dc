#include "gui/frame/bars/moment_strip.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"

namespace fhirscope::gui {

void draw_moment_strip(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(row, c.sel);
    context.target("moment-strip", row);
    float right = row.right() - context.px(12);
    right -= keycap_width(context, "End");
    keycap(context, right, row.y, row.h, "End");
    right -= button_width(context, "Back to live") + context.px(6);
    float at = right;
    if (button(context, "moment/live", at, row.y, row.h, "Back to live")) show_end(context);
    right -= context.px(12);

    const PlayheadStatus& playhead = *context.playhead;
    float x = row.x + context.px(16);
    if (!playhead.problem.empty()) {
        x = p.mark(Mark::Attention, x, row.y, row.h) + context.px(7);
        p.text_cut(p.f().body, x, right, row.y, row.h, c.att, playhead.problem);
        return;
    }
    x = p.text_cut(p.f().body, x, right, row.y, row.h, c.t1, "Every view shows") + context.px(6);
    x = p.text_cut(p.f().mono, x, right, row.y, row.h, c.t1, clock_ms(wall(playhead.at))) + context.px(10);
    const std::uint64_t since = context.whole->updates.end() - context.snapshot.updates.end();
    ShortText rest("live goes on, ");
    rest.append(number(static_cast<std::int64_t>(since)))
        .append(since == 1 ? " update since then" : " updates since then");
    if (right - x > context.px(60)) p.text_cut(p.f().body, x, right, row.y, row.h, c.t3, rest);
}

} // namespace fhirscope::gui
