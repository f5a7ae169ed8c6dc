#include "gui/inspector/finding.hpp"

#include "diagnosis/catalog.hpp"
#include "diagnosis/report.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/finding_links.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

using diagnosis::Check;
using diagnosis::Finding;
using diagnosis::Verdict;

namespace {

std::string place(const diagnosis::Link& link) {
    switch (link.kind) {
        case diagnosis::Link::Kind::None:
            return "computed here";
        case diagnosis::Link::Kind::Connection:
            return "connection log";
        case diagnosis::Link::Kind::Resource:
            return link.reference;
        default: {
            std::string text(to_string(link.kind));
            return text + " " + std::string(number(static_cast<std::int64_t>(link.number)).view());
        }
    }
}

} // namespace

void FindingInspector::draw(Context& context, Rect area, const Finding& finding) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    area.take_top(px(10));
    Rect row = area.take_top(px(20));
    float x = tag(context, row.x + px(14), row.y, row.h, "Finding") + px(8);
    const diagnosis::CatalogEntry* entry = diagnosis::catalog_entry(finding.id);
    x = p.text(p.f().mono, x, row.y, row.h, c.t3, finding.id) + px(8);
    const float right = row.right() - px(14 + 24);
    if (entry != nullptr) p.text_cut(p.f().body, x, right - px(6), row.y, row.h, c.t3, entry->name);
    if (icon_button(context, "finding/copy", ImVec2(right, row.y - px(2)), Icon::Copy, false,
                    "Copy the finding as text"))
        ImGui::SetClipboardText(diagnosis::to_text(finding).str().c_str());
    area.take_top(px(2));
    row = area.take_top(px(20));
    p.text_cut(p.f().bold, row.x + px(14), row.right() - px(14), row.y, row.h, c.t1, finding.title);
    if (!finding.subject.empty()) {
        row = area.take_top(px(18));
        p.text_cut(p.f().mono, row.x + px(14), row.right() - px(14), row.y, row.h, c.t2, finding.subject);
    }
    row = area.take_top(px(22));
    x = p.mark(finding_mark(finding), row.x + px(14), row.y, row.h) + px(7);
    x = p.text(p.f().body, x, row.y, row.h, c.t2, capitalised(diagnosis::word(finding.severity))) + px(7);
    ShortText since("since ");
    since.append(clock_s(wall(finding.since)));
    if (!finding.open()) since.append(", closed ").append(clock_s(wall(finding.closed)));
    p.text_cut(p.f().body, x, row.right() - px(14), row.y, row.h, c.t3, since);
    area.take_top(px(6));
    const std::array<SegmentItem, 2> items = {{{"evidence", "Evidence"}, {"checks", "Checks"}}};
    const int clicked = tabs(context, "finding/tab", area.take_top(px(28)), items, tab_);
    tab_ = clicked >= 0 ? clicked : tab_;
    area.take_top(px(6));
    tab_ == 0 ? evidence(context, area, finding) : checks(context, area, finding);
}

void FindingInspector::evidence(Context& context, Rect area, const Finding& finding) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    for (std::size_t i = 0; i < finding.evidence.size() && area.h > px(40); ++i) {
        const diagnosis::Evidence& one = finding.evidence[i];
        const ShortText time = clock_s(wall(one.at));
        const float time_w = Painter::width(p.f().mono_small, time);
        const Rect text{area.x + px(35), area.y + px(4), area.w - px(35 + 14 + 8) - time_w, 0};
        p.list().ChannelsSplit(2);
        p.list().ChannelsSetCurrent(1);
        p.mark(Mark::Ok, area.x + px(14), text.y, px(16));
        p.put(p.f().mono_small, area.right() - px(14) - time_w, text.y, px(16), c.t3, time);
        float y = p.paragraph(p.f().cell, text, px(16), c.t2, one.text);
        p.text_cut(p.f().small, text.x, area.right() - px(14), y, px(16), c.t4, place(one.link));
        y += px(20);
        p.list().ChannelsSetCurrent(0);
        const Rect box{area.x, area.y, area.w, y - area.y};
        const std::string name = "finding/evidence/" + std::to_string(i);
        if (one.link.kind != diagnosis::Link::Kind::None) {
            const Hit state = hit(context, name, box);
            if (state.hovered) {
                p.fill(box, c.hover);
                ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
            }
            if (state.clicked && one.link.kind == diagnosis::Link::Kind::Resource)
                explain_resource(context, one.link.reference); // here, beside its evidence
            else if (state.clicked)
                open_link(context, one.link);
        }
        p.list().ChannelsMerge();
        area.take_top(box.h);
    }
    const std::uint64_t shown = finding.evidence.size();
    if (finding.count > shown && area.h > px(20)) {
        ShortText more = number(static_cast<std::int64_t>(finding.count - shown));
        p.text_cut(p.f().small, area.x + px(35), area.right(), area.y, px(20), c.t4, more.append(" older, not kept"));
        area.take_top(px(20));
    }
    if (finding.negative.verdict == Verdict::Failed && area.h > px(20)) {
        const float x = p.mark(Mark::Idle, area.x + px(14), area.y + px(4), px(16)) + px(9);
        p.text_cut(p.f().cell, x, area.right() - px(14), area.y + px(4), px(16), c.t2, "No contrary evidence");
    }
}

void FindingInspector::checks(Context& context, Rect area, const Finding& finding) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const auto block = [&](std::string_view title, const Check& check, bool refutes) {
        Rect row = area.take_top(px(26));
        p.put(p.f().bold, row.x + px(14), row.y, row.h, c.t1, title);
        const bool good = check.verdict == Verdict::Passed && !refutes;
        const std::string_view verdict = refutes && check.verdict == Verdict::Failed ? "no" : to_string(check.verdict);
        const float w = Painter::width(p.f().body, verdict);
        p.put(p.f().body, row.right() - px(14) - w, row.y, row.h, c.t2, verdict);
        p.mark(good ? Mark::Ok : Mark::Quiet, row.right() - px(14 + 18) - w, row.y, row.h);
        Rect text{area.x + px(14), area.y, area.w - px(28), area.h};
        float y = p.paragraph(p.f().cell, text, px(17), c.t2, check.question);
        if (!check.answer.empty()) {
            text.y = y + px(2);
            y = p.paragraph(p.f().cell, text, px(17), c.t3, capitalised(check.answer));
        }
        area.take_top(y - area.y + px(10));
        p.hline(area.x, area.right(), area.y, c.line);
        area.take_top(px(4));
    };
    block("Confirmed by", finding.decisive, false);
    block("Ruled out if", finding.negative, true);
}

} // namespace fhirscope::gui
