// The inspector of one update of the log: its trace, the frame that brought it, and the resource it carried.

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/inspector/waterfall.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<InspectorTabItem, 3> update_tabs = {{{InspectorTab::Trace, "trace", "Trace"},
                                                          {InspectorTab::Frame, "frame", "Frame"},
                                                          {InspectorTab::Resource, "resource", "Resource"}}};

std::string_view meaning(const engine::UpdateRow& row) {
    switch (row.outcome) {
        case engine::Outcome::Applied:
            return row.deleted ? "the resource was deleted" : "it became the shown version";
        case engine::Outcome::Duplicate:
            return "this version was held already";
        case engine::Outcome::Superseded:
            return "a newer version waited behind it";
        case engine::Outcome::OutOfOrder:
            return "a newer version was shown already";
        case engine::Outcome::Rejected:
            return "a stage refused it";
        case engine::Outcome::Checking:
            return "only a read can tell; it follows";
    }
    return {};
}

} // namespace

void UpdateInspector::head(Context& context, Rect& area, std::uint64_t number_of, const engine::UpdateRow& row) {
    const Painter p(context.theme);
    const std::string_view reference = named_by(context.snapshot, number_of);
    inspector_id_line(context, area, "Update", number(static_cast<std::int64_t>(number_of)), fhir::id_part(reference),
                      row.dequeued);
    std::string shortened(query::type_named_by(context.snapshot, number_of));
    shortened.append("/").append(short_id(fhir::id_part(reference)));
    std::string_view title;
    if (row.type < context.snapshot.stores.size() && row.record < context.snapshot.stores[row.type].records.size()) {
        const engine::Record& record = *context.snapshot.stores[row.type].records[row.record];
        title = title_of(context.snapshot, record);
        title = title == record.reference ? std::string_view() : title;
    }
    inspector_title(context, area, shortened, title);
    inspector_incident(context, area, incident_with(context, {diagnosis::Link::Kind::Update, number_of, {}}));
    area.take_top(context.px(2));
    const Rect line = area.take_top(context.px(24));
    const Palette& c = p.c();
    float x = line.x + context.px(14);
    const engine::Outcome outcome = row.outcome;
    if (outcome == engine::Outcome::Rejected) {
        x = badge(context, x, line.y, line.h, Mark::Error, engine::to_string(outcome), c.err, c.terr);
    } else if (outcome == engine::Outcome::OutOfOrder) {
        x = badge(context, x, line.y, line.h, Mark::Attention, engine::to_string(outcome), c.att, c.tatt);
    } else {
        x = p.mark(outcome_mark(outcome), x, line.y, line.h) + context.px(6);
        x = p.text(p.f().body, x, line.y, line.h, c.t2, engine::to_string(outcome));
    }
    p.text_cut(p.f().body, x + context.px(6), line.right() - context.px(14), line.y, line.h, c.t3, meaning(row));
}

void UpdateInspector::trace_pane(Context& context, const Rect& area, std::uint64_t number_of,
                                 const engine::UpdateRow& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto trace = trace_of(context.snapshot, context.shown, number_of);
    float y = draw_trace(context, area, *trace);

    const Rect text{area.x + context.px(14), y, area.w - context.px(28), area.h};
    const std::uint64_t usual = context.snapshot.metrics.all.queued.percentile(0.5);
    const auto queued = std::max(row.dequeued, row.received) - row.received;
    if (queued > std::chrono::milliseconds(20) && queued > std::chrono::microseconds(usual) * 4) {
        std::string why = "Queued ";
        why.append(duration_detail(queued).view()).append("; the usual wait is ");
        why.append(duration_detail(std::chrono::microseconds(usual)).view()).append(".");
        y = p.paragraph(p.f().cell, text, context.px(16), c.att, why) + context.px(6);
    }
    if (row.outcome == engine::Outcome::Rejected) {
        if (const engine::Rejection* rejection = query::find_rejection(context.snapshot, number_of)) {
            const std::string why = rejection->stage + ": " + words::text(rejection->reason);
            y = p.paragraph(p.f().cell, Rect{text.x, y, text.w, text.h}, context.px(16), c.err, why) + context.px(6);
        }
    }
    p.hline(area.x, area.right(), y, c.line);
    y += context.px(8);
    const auto line = [&](std::string_view key, std::string_view value) { key_value(context, area, y, key, value); };
    if (row.changed != ServerTime{}) line("Changed at the server", clock_ms(wall(row.changed)));
    if (row.sent != ServerTime{}) line("Sent by the server", clock_ms(wall(row.sent)));
    line("Received", clock_ms(wall(row.received)));
    const engine::ConnectionView& connection = context.snapshot.connection;
    if (connection.clock_known) {
        ShortText offset = duration_detail(connection.clock_offset);
        line("Clock offset", offset.append(" ± ").append(duration_detail(connection.clock_uncertainty)));
    } else {
        line("Clock offset", "not known yet");
    }
    line("Version", short_id(version_of(row), 6));
    if (row.subscription < context.snapshot.subscriptions.size())
        line("Delivered by", context.snapshot.subscriptions[row.subscription].criteria);
    else
        line("Found by", engine::to_string(row.channel));
    if (context.snapshot.frames.contains(row.frame)) {
        ShortText frame("#");
        frame.append(number(static_cast<std::int64_t>(row.frame))).append(", ");
        line("Frame", frame.append(bytes(context.snapshot.frames[row.frame].size)));
    }
    line("Size", bytes(row.size));
    const std::string reference(named_by(context.snapshot, number_of));
    if (!reference.empty()) {
        float x = area.x + context.px(14);
        if (button(context, "inspector/open-resource", x, y + context.px(8), context.px(24), "Open the resource")) {
            select_resource(context, reference);
            context.ui.inspector.tab = InspectorTab::Tree;
        }
    }
}

void UpdateInspector::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    const std::uint64_t number_of = context.ui.selection.number;
    if (!context.snapshot.updates.contains(number_of)) {
        inspector_id_line(context, area, "Update", number(static_cast<std::int64_t>(number_of)), {},
                          moment_of_selection(context));
        area.take_top(context.px(6));
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), p.c().t3,
              number_of < context.snapshot.updates.end() ? "It has left the log."
                                                         : "It comes after the moment that is shown.");
        return;
    }
    const engine::UpdateRow& row = context.snapshot.updates[number_of];
    head(context, area, number_of, row);
    inspector_tabs(context, area, update_tabs);
    const auto sentence = [&](std::string_view text) {
        p.paragraph(p.f().body, Rect{area.x + context.px(14), area.y + context.px(10), area.w - context.px(28), area.h},
                    context.px(18), p.c().t3, text);
    };
    switch (context.ui.inspector.tab) {
        case InspectorTab::Frame:
            if (!context.snapshot.frames.contains(row.frame)) {
                sentence(row.channel == engine::Channel::Socket
                             ? "The frame has left the log."
                             : "It did not come in a frame but with a search or read.");
            } else if (const auto& text = context.snapshot.frames[row.frame].text) {
                frame_.show(text, *text, true);
                frame_.draw(context, "inspector/frame", area);
            } else {
                sentence("The frame's text was given up for the memory bound.");
            }
            break;
        case InspectorTab::Resource: {
            fhir::ResourcePtr shown;
            fhir::ResourcePtr before;
            if (row.type < context.snapshot.stores.size() &&
                row.record < context.snapshot.stores[row.type].records.size()) {
                const auto& history = context.snapshot.stores[row.type].records[row.record]->history;
                const std::string_view prefix = version_of(row);
                for (std::size_t i = 0; i < history.size(); ++i) {
                    const bool same =
                        history[i]->update == number_of ||
                        (!prefix.empty() && history[i]->version_id().compare(0, prefix.size(), prefix) == 0);
                    if (same && history[i]->resource && !history[i]->key_only) {
                        shown = history[i]->resource;
                        before = i > 0 ? history[i - 1]->resource : nullptr;
                    }
                }
            }
            if (shown) {
                tree_.show(shown, before);
                tree_.draw(context, "inspector/resource", area);
            } else {
                sentence("This version is not kept.");
            }
            break;
        }
        default:
            trace_pane(context, area, number_of, row);
            break;
    }
}

} // namespace fhirscope::gui
