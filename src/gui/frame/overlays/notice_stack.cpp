#include "gui/frame/overlays/notice_stack.hpp"

#include "gui/frame/actions/actions.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float notice_width = 380;
constexpr std::size_t most_shown = 3;

struct Style {
    Mark mark;
    ImU32 Palette::*bar;
};

Style style_of(Notice::Severity severity) {
    switch (severity) {
        case Notice::Severity::Info:
            return {Mark::Info, &Palette::line3};
        case Notice::Severity::Attention:
            return {Mark::Attention, &Palette::attm};
        case Notice::Severity::Error:
            return {Mark::Error, &Palette::err};
    }
    return {Mark::Info, &Palette::line3};
}

float wrapped_height(const ImFont* font, const std::string& text, float width) {
    return text.empty() ? 0 : font->CalcTextSizeA(font->FontSize, FLT_MAX, width, text.c_str()).y;
}

// ImGui's own wrapping: paths have no spaces to break at.
void wrapped(const Painter& p, ImFont* font, float x, float y, float width, ImU32 color, const std::string& text) {
    p.need(font, text);
    p.list().AddText(font, font->FontSize, ImVec2(snap(x), snap(y)), color, text.c_str(), nullptr, width);
}

const Action* action_of(const Context& context, const std::string& id) {
    for (const Action& action : all_actions())
        if (!id.empty() && action.id == id && is_possible(action, context)) return &action;
    return nullptr;
}

} // namespace

void draw_notices(Context& context, View& view, const Rect& area) {
    Notices& notices = context.ui.notices;
    if (notices.empty()) return;
    const Palette& c = context.theme.c;
    const Fonts& f = context.theme.f;
    const float width = std::min(context.px(notice_width), area.w - context.px(16));
    const float inner = width - context.px(12 + 12 + 8 + 32);
    float bottom = area.bottom() - context.px(8);
    std::uint64_t dismissed = 0;
    const Action* run = nullptr;
    const std::size_t count = notices.size();
    std::size_t drawn = 0;
    for (; drawn < std::min(most_shown, count); ++drawn) {
        const Notices::Entry& entry = notices.all()[count - 1 - drawn];
        const Notice& notice = entry.notice;
        const Action* action = action_of(context, notice.action);
        const float text_h = std::ceil(wrapped_height(f.body, notice.text, inner));
        const float cause_h = std::ceil(wrapped_height(f.small, notice.cause, inner));
        const float height = context.px(16) + text_h + (cause_h > 0 ? cause_h + context.px(4) : 0) +
                             (action != nullptr ? context.px(28) : 0);
        if (bottom - height < area.y && drawn > 0) break;
        const Rect box{snap(area.right() - context.px(8) - width), snap(bottom - height), width, height};
        const std::string name = "notice/" + std::to_string(entry.number);
        begin_region(name.c_str(), box);
        const Painter p(context.theme);
        const Style looks = style_of(notice.severity);
        p.fill(box, c.bg1, context.px(4));
        p.outline(box, c.line2, context.px(4));
        p.fill(Rect{box.x, box.y, context.px(2), box.h}, c.*looks.bar);
        const float x = box.x + context.px(12);
        const float line = std::min(text_h, f.body->FontSize + context.px(1));
        p.mark(looks.mark, x, box.y + context.px(8), line);
        const float left = x + context.px(12 + 8);
        float y = box.y + context.px(8);
        wrapped(p, f.body, left, y, inner, c.t1, notice.text);
        y += text_h + context.px(4);
        if (!notice.cause.empty()) {
            wrapped(p, f.small, left, y, inner, c.t3, notice.cause);
            y += cause_h + context.px(4);
        }
        if (action != nullptr) {
            float at = left;
            if (button(context, name + "/do", at, y, context.px(24), action->title, {.small = true})) {
                run = action;
                dismissed = entry.number;
            }
        }
        if (icon_button(context, name + "/close", ImVec2(box.right() - context.px(28), box.y + context.px(4)),
                        Icon::Close, false, "Dismiss"))
            dismissed = entry.number;
        end_region();
        bottom = box.y - context.px(6);
    }
    if (drawn < count && bottom - context.px(24) > area.y) {
        const std::string label = std::to_string(count - drawn) + " more, dismiss all";
        const float w = button_width(context, label, {.small = true});
        const Rect box{snap(area.right() - context.px(8) - w), snap(bottom - context.px(22)), w, context.px(22)};
        begin_region("notice/more", box);
        float at = box.x;
        if (button(context, "notice/all", at, box.y, box.h, label, {.small = true})) {
            notices.clear();
            dismissed = 0;
        }
        end_region();
    }
    notices.dismiss(dismissed); // numbers begin at 1
    if (run != nullptr) {
        ActionTarget target{context, view};
        run->run(target);
    }
}

} // namespace fhirscope::gui
