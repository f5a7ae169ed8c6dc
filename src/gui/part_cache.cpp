#include "gui/part_cache.hpp"

#include "gui/ageing.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr ImGuiWindowFlags kPartFlags =
    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoSavedSettings;

// What ImGui::Begin() does for a child window so that it is drawn, hovered and ordered, without emptying its draw list.
// Relies on the pinned version of ImGui; test_frame_cost.cpp compares the result with a fresh window's.
void keep_window(ImGuiContext& g, ImGuiWindow& window) {
    window.Active = true;
    window.LastFrameActive = g.FrameCount;
    window.LastTimeActive = static_cast<float>(g.Time);
    window.BeginOrderWithinContext = static_cast<short>(g.WindowsActiveCount++);
    for (ImGuiWindow* child : window.DC.ChildWindows) { // those within it stay in their order
        keep_window(g, *child);
    }
}

void keep_child(ImGuiContext& g, ImGuiWindow& parent, ImGuiWindow& window) {
    keep_window(g, window);
    window.BeginOrderWithinParent = static_cast<short>(parent.DC.ChildWindows.Size);
    parent.DC.ChildWindows.push_back(&window);
}

} // namespace

std::uint64_t window_key(const Context& context) {
    const UiState& ui = context.ui;
    const ImGuiIO& io = ImGui::GetIO();
    Key key;
    key.add(context.theme.scale).add(context.theme.f.generation).add(context.theme.c.bg0).add(context.theme.c.t1);
    key.add(context.theme.f.body->FontSize).add(context.theme.f.body->Glyphs.Data);
    key.add(io.DisplaySize.x).add(io.DisplaySize.y).add(context.session.source);
    key.add(ui.view).add(ui.selection.kind).add(ui.selection.reference).add(ui.selection.number).add(ui.tab);
    key.add(ui.version).add(ui.inspector_open).add(ui.inspector_overlay).add(ui.span).add(ui.paused);
    key.add(ui.brush.has_value());
    if (ui.brush) {
        key.add(ui.brush->begin).add(ui.brush->end);
    }
    const auto maybe = [&](const auto& value, auto count) {
        key.add(value.has_value()).add(value ? count(*value) : 0);
    };
    maybe(ui.timeline_length, [](auto length) { return length.count(); });
    maybe(ui.timeline_end, [](auto end) { return end.time_since_epoch().count(); });
    key.add(ui.diff_against).add(ui.explained).add(ui.finding).add(ui.findings_closed).add(ui.page);
    key.add(ui.demo_open).add(ui.help_open).add(ui.columns_open).add(ui.log_sheet).add(context.session.open);
    key.add(ui.log_filter).add(ui.conflict_segment).add(ui.choices_of).add(ui.choices.size()).add(ui.reduced_motion);
    return key;
}

bool Part::fits(const Context& context, const PartLook& look) const {
    if (!filled_ || look.at_once != at_once_ || context.now < drawn_at_ || context.now >= again_at_) {
        return false;
    }
    // Tests look at what was drawn from the snapshot that they put in.
    const bool waits = context.targets == nullptr && !time_stands(context);
    return look.soon == soon_ || (waits && context.now - drawn_at_ < look.wait);
}

void Part::stands_again(Context& context, const PartLook& look) {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    keep_child(g, *g.CurrentWindow, *window_);
    if (hovered_ != 0 && g.HoveredWindow == window_) {
        ImGui::SetHoveredID(hovered_);
        g.HoveredIdAllowOverlap = hovered_overlaps_;
    }
    if (context.targets != nullptr) {
        for (const auto& [target, rect] : targets_) {
            context.targets->insert_or_assign(target, rect);
        }
    }
    LocalTime next = again_at_;
    if (look.soon != soon_) {
        next = std::min(next, drawn_at_ + look.wait);
    }
    if (next != LocalTime::max()) {
        context.redraw_within(std::chrono::ceil<std::chrono::milliseconds>(next - context.now));
    }
}

// Of those regions that the mouse is over, and of the row in each.
std::uint64_t Part::pointed_at() const {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    if (g.HoveredWindow != window_) {
        return 0;
    }
    Key key;
    bool any = false;
    for (std::size_t i = 0; i < regions_.size(); ++i) {
        const MouseRegion& region = regions_[i];
        if (region.rect.contains(g.IO.MousePos)) {
            any = true;
            key.add(i).add(region.row > 0 ? std::floor((g.IO.MousePos.y - region.rect.y) / region.row) : 0.0F);
        }
    }
    return any ? key : 0;
}

bool Part::mouse_over(const Rect& area, const PartLook& look) {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    if (look.answers == Answers::nowhere || window_ == nullptr) {
        return false;
    }
    if (look.answers == Answers::everywhere) {
        return area.contains(g.IO.MousePos) || g.HoveredWindow == window_;
    }
    const std::uint64_t pointed = pointed_at();
    return std::exchange(pointed_, pointed) != pointed || (pointed != 0 && follows_mouse_);
}

bool Part::begin(Context& context, const char* name, const Rect& area, const PartLook& look) {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool hot = context.input || mouse_over(area, look) || (window_ != nullptr && g.ActiveIdWindow == window_);
    const bool was_hot = std::exchange(hot_, hot);
    PartLook with = look;
    with.at_once = Key().add(look.at_once).add(area).add(time_stands(context));
    // A window that was not there in the last frame, or that ImGui hides while it measures it, has nothing to keep.
    const bool stood = filled_ && window_->WasActive && !window_->Hidden && window_->ParentWindow == g.CurrentWindow;
    drawing_ = hot || was_hot || !stood || !fits(context, with);
    if (!drawing_) {
        stands_again(context, with);
        return false;
    }
    ImGuiWindowFlags flags = kPartFlags;
    if (look.answers == Answers::nowhere) {
        flags |= ImGuiWindowFlags_NoInputs;
    }
    ImGui::SetCursorScreenPos(area.min());
    ImGui::BeginChild(name, ImVec2(std::max(1.0F, area.w), std::max(1.0F, area.h)), ImGuiChildFlags_None, flags);
    window_ = g.CurrentWindow;
    at_once_ = with.at_once;
    soon_ = with.soon;
    drawn_at_ = context.now;
    targets_.clear();
    outer_ = context.targets;
    context.targets = outer_ != nullptr ? &targets_ : nullptr;
    outer_redraw_ = std::exchange(context.redraw_in, std::chrono::milliseconds::max());
    regions_.clear();
    outer_regions_ = std::exchange(context.mouse_regions, look.answers == Answers::regions ? &regions_ : nullptr);
    return true;
}

void Part::end(Context& context) {
    if (!drawing_) {
        return;
    }
    ImGui::EndChild();
    filled_ = true;
    context.mouse_regions = outer_regions_;
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    pointed_ = pointed_at();
    hovered_ = g.HoveredWindow == window_ ? g.HoveredId : 0;
    hovered_overlaps_ = g.HoveredIdAllowOverlap;
    follows_mouse_ = g.MouseCursor != ImGuiMouseCursor_Arrow ||
                     std::any_of(g.Windows.begin(), g.Windows.end(), [](const ImGuiWindow* window) {
                         return window->Active && (window->Flags & ImGuiWindowFlags_Tooltip) != 0;
                     });
    const bool fades = context.redraw_in != std::chrono::milliseconds::max();
    again_at_ = fades ? context.now + context.redraw_in : LocalTime::max();
    context.redraw_in = std::min(context.redraw_in, outer_redraw_);
    context.targets = outer_;
    if (outer_ != nullptr) {
        for (const auto& [target, rect] : targets_) {
            outer_->insert_or_assign(target, rect);
        }
    }
}

void KeptShape::begin(const ImDrawList& list) {
    first_vertex_ = list.VtxBuffer.Size;
    first_index_ = list.IdxBuffer.Size;
    commands_ = list.CmdBuffer.Size;
    base_ = list._VtxCurrentIdx;
}

bool KeptShape::end(const ImDrawList& list, ImVec2 origin) {
    vertices_.clear();
    indices_.clear();
    const int vertices = list.VtxBuffer.Size - first_vertex_;
    // Equal where no command began in between: then the clip rectangle and the vertex offset are the same as well.
    if (list.CmdBuffer.Size != commands_ || list._VtxCurrentIdx != base_ + static_cast<unsigned>(vertices)) {
        return false;
    }
    origin_ = origin;
    vertices_.assign(list.VtxBuffer.begin() + first_vertex_, list.VtxBuffer.end());
    indices_.assign(list.IdxBuffer.begin() + first_index_, list.IdxBuffer.end());
    for (ImDrawIdx& index : indices_) {
        index = static_cast<ImDrawIdx>(index - base_);
    }
    return true;
}

void KeptShape::replay(ImDrawList& list, ImVec2 at) const {
    if (indices_.empty()) {
        return;
    }
    const float dx = at.x - origin_.x;
    const float dy = at.y - origin_.y;
    list.PrimReserve(static_cast<int>(indices_.size()), static_cast<int>(vertices_.size()));
    const unsigned base = list._VtxCurrentIdx;
    ImDrawVert* to = list._VtxWritePtr;
    std::memcpy(to, vertices_.data(), vertices_.size() * sizeof(ImDrawVert));
    if (dx != 0 || dy != 0) {
        for (std::size_t i = 0; i < vertices_.size(); ++i) {
            to[i].pos.x += dx;
            to[i].pos.y += dy;
        }
    }
    to += vertices_.size();
    // Four indices at a time: none is larger than what 16 bits hold, so nothing is carried over.
    static_assert(sizeof(ImDrawIdx) == 2);
    ImDrawIdx* index = list._IdxWritePtr;
    const std::uint64_t four = base * 0x0001000100010001ULL;
    std::size_t i = 0;
    for (; i + 4 <= indices_.size(); i += 4) {
        std::uint64_t some = 0;
        std::memcpy(&some, indices_.data() + i, sizeof some);
        some += four;
        std::memcpy(index + i, &some, sizeof some);
    }
    for (; i < indices_.size(); ++i) {
        index[i] = static_cast<ImDrawIdx>(indices_[i] + base);
    }
    list._VtxWritePtr = to;
    list._IdxWritePtr = index + indices_.size();
    list._VtxCurrentIdx = base + static_cast<unsigned>(vertices_.size());
}

} // namespace fhirscope::gui
