// What stands over a resource's tabs: what it is called, how sure its state is, what an edit of it waits for.

#include "engine/certainty.hpp"
#include "fhir/reference.hpp"
#include "fhir/validate.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <string>

namespace fhirscope::gui {

void ResourceInspector::head(Context& context, Rect& area, const engine::Record& record) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::string_view type = fhir::type_part(record.reference);
    inspector_id_line(context, area, type, record.id(), record.id(), moment_of(context.snapshot, record.current()));
    inspector_title(context, area, {}, title_of(context.snapshot, record));
    area.take_top(context.px(2));
    const Rect row = area.take_top(context.px(24));
    const float right_pad = row.right() - context.px(14);
    Mark mark = Mark::Quiet;
    std::string_view state;
    ShortText detail;
    const engine::CertaintyView sure = engine::certainty_of(record, engine::unheard_of(context.snapshot, type));
    const auto ago = [&](LocalTime time) {
        const ShortText passed = age(context.now - time, AgeUnits::Two);
        ShortText text(passed);
        return text.append(passed.view() == "now" ? "" : " ago");
    };
    switch (sure.certainty) {
        case engine::Certainty::Compared:
            mark = Mark::Ok;
            state = "Compared";
            detail.append(ago(sure.since)).append(", equal");
            break;
        case engine::Certainty::Received:
            state = "Last received";
            detail.append(ago(sure.since)).append(", not compared");
            break;
        case engine::Certainty::MayBeStale:
            mark = Mark::Unconfirmed;
            state = "May be stale";
            if (sure.since != LocalTime{}) detail.append("not confirmed since ").append(clock_s(wall(sure.since)));
            break;
        case engine::Certainty::Stale:
            mark = Mark::Attention;
            state = "Stale";
            if (record.server_side->version.empty())
                detail.append("the server does not list it");
            else
                detail.append("the server has version ").append(short_id(record.server_side->version));
            detail.append(", it is being read");
            break;
        case engine::Certainty::Checking:
            mark = Mark::Checking;
            state = "Checking";
            detail.append("the server is asked");
            break;
        case engine::Certainty::OutOfView:
            mark = Mark::Unknown;
            state = "Out of view";
            detail.append("deleted, or hidden from this login");
            break;
        case engine::Certainty::Deleted:
            mark = Mark::NotReached;
            state = "Deleted on the server";
            break;
    }
    float x = p.mark(mark, row.x + context.px(14), row.y, row.h) + context.px(6);
    x = p.text(p.f().body, x, row.y, row.h, c.t2, state) + context.px(6);
    float room = right_pad;
    if (can_send(context)) {
        float button_x = right_pad - button_width(context, "Check now");
        room = button_x - context.px(8);
        if (button(context, "inspector/check", button_x, row.y, row.h, "Check now"))
            context.send(engine::ReadResource{record.reference});
    }
    p.text_cut(p.f().body, x, room, row.y, row.h, c.t3, detail);
    inspector_incident(context, area, incident_about(context, record.reference));
    if (record.resource() == nullptr || record.key_only()) return;
    if (const std::string flaws = fhir::flaws_of(*record.resource()); !flaws.empty()) {
        const Rect line = area.take_top(context.px(20));
        const float text = p.mark(Mark::Info, line.x + context.px(14), line.y, line.h) + context.px(6);
        p.text_cut(p.f().small, text, right_pad, line.y, line.h, c.t3, flaws);
        if (hit(context, "inspector/flaws", line).hovered) tooltip(context, "Formal flaws: " + flaws);
    }
}

} // namespace fhirscope::gui
