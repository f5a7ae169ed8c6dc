#include "gui/frame/overlays/caption_box.hpp"

#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr float caption_width = 660;
constexpr float caption_line = 20;
constexpr std::uint64_t far_back = 512; // updates in which a resource's row is looked for

} // namespace

// In the log its newest update, among the conflicts its newest conflict, elsewhere the resource itself.
void CaptionBox::look_for(Context& context, const std::string& reference) {
    UiState& ui = context.ui;
    const engine::Snapshot& snapshot = context.snapshot;
    Selection found = ui.selection;
    if (ui.view == ViewId::Conflicts) {
        for (std::size_t i = snapshot.conflicts.size(); i-- > 0;) {
            if (const engine::ConflictPtr& conflict = snapshot.conflicts[i]; conflict->reference == reference) {
                found = Selection{Selection::Kind::Conflict, {}, conflict->number};
                break;
            }
        }
    } else if (ui.view == ViewId::Log) {
        const std::uint64_t end = snapshot.updates.end();
        const std::uint64_t begin = std::max({looked_, snapshot.updates.first(), end > far_back ? end - far_back : 0});
        for (std::uint64_t n = end; n-- > begin;) {
            if (reference_of(snapshot, snapshot.updates[n]) == reference) {
                found = Selection{Selection::Kind::Update, {}, n};
                break;
            }
        }
        looked_ = end;
    } else {
        found = Selection{Selection::Kind::Resource, reference, 0};
    }
    if (found == ui.selection) return;
    if (found.kind == Selection::Kind::Conflict)
        select_conflict(context, found.number);
    else
        select(context, found);
    chosen_ = ui.selection;
}

// As soon as the resource is held, and once: nobody finds one Task among hundreds.
void CaptionBox::follow_cause(Context& context) {
    UiState& ui = context.ui;
    if (context.demo->running.empty()) return;
    const DemoStatus::Running& newest = context.demo->running.back();
    if (newest.number <= ui.demo.caused_shown || newest.reference.empty() ||
        context.snapshot.find(newest.reference) == nullptr)
        return;
    ui.demo.caused_shown = newest.number;
    select_resource(context, newest.reference);
    ui.inspector.tab = InspectorTab::Tree;
}

void CaptionBox::follow(Context& context) {
    if (context.demo == nullptr) return;
    if (context.demo->playing || !context.demo->running.empty())
        context.redraw_within(std::chrono::milliseconds(250)); // what is said comes without a snapshot
    follow_cause(context);
    if (!context.demo->caption) return;
    const DemoStatus::Caption& caption = *context.demo->caption;
    UiState& ui = context.ui;
    const bool fresh = caption.number != ui.demo.caption_shown;
    if (fresh) {
        ui.demo.caption_shown = caption.number;
        looked_ = 0;
        if (caption.view) ui.view = *caption.view;
        chosen_ = ui.selection;
    }
    const bool theirs = caption.view && ui.view != *caption.view; // a person went elsewhere
    if (!caption.reference.empty() && !theirs && ui.selection == chosen_) look_for(context, caption.reference);
}

void CaptionBox::draw(Context& context, const Rect& main) {
    if (context.demo == nullptr || !context.demo->caption ||
        context.demo->caption->number == context.ui.demo.caption_closed)
        return;
    const DemoStatus::Caption& caption = *context.demo->caption;
    const bool plays = context.demo->playing.has_value();
    const float buttons = context.px(plays ? 84 : 28);
    const float w = std::min(context.px(caption_width), main.w - context.px(24));
    const float text_w = w - context.px(28) - buttons;
    const float h = Painter::paragraph_height(context.theme.f.body, text_w, context.px(caption_line), caption.text) +
                    context.px(20);
    const Rect box{snap(main.x + (main.w - w) / 2), snap(main.bottom() - h - context.px(16)), w, h};
    begin_region("caption", box);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg0, context.px(4));
    p.outline(box, c.line2, context.px(4));
    context.target("caption", box);
    p.paragraph(p.f().body, Rect{box.x + context.px(16), box.y + context.px(10), text_w, h}, context.px(caption_line),
                c.t1, caption.text);
    float x = box.right() - context.px(30);
    const float y = box.y + context.px(8);
    if (icon_button(context, "caption/close", ImVec2(x, y), Icon::Close, false, "Hide this caption"))
        context.ui.demo.caption_closed = caption.number;
    if (plays && context.session.demo != nullptr) {
        const bool paused = context.demo->playing->paused;
        x -= context.px(28);
        if (icon_button(context, "caption/next", ImVec2(x, y), Icon::StepForward, false, "To the next caption"))
            context.session.demo->next();
        x -= context.px(28);
        if (icon_button(context, "caption/pause", ImVec2(x, y), paused ? Icon::Play : Icon::Pause, paused,
                        paused ? "Resume the tour" : "Pause the tour"))
            context.session.demo->pause(!paused);
    }
    end_region();
}

} // namespace fhirscope::gui
