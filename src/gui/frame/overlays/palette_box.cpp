#include "gui/frame/overlays/palette_box.hpp"

#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr std::size_t most_resources = 40;
constexpr std::array<GridColumn, 2> action_columns = {
    {{"title", "", 300, Align::Left, true}, {"detail", "", 150, Align::Right}}};

} // namespace

void PaletteBox::search(const Context& context) {
    searched_ = text_;
    entries_.clear();
    chosen_ = 0;
    const std::string needle = fold(text_);
    for (const Action& action : all_actions()) {
        if (!action.in_list || !is_possible(action, context)) continue;
        const auto add = [&](const std::string& name) {
            std::string title = std::string(action.title) + name;
            if (contains_folded(title, needle))
                entries_.push_back({&action, name, std::move(title), std::string(action.key)});
        };
        if (action.names == nullptr) {
            add({});
            continue;
        }
        for (const std::string& name : action.names(context)) add(name);
    }
    if (needle.size() < 2) return;
    std::size_t found = 0;
    for (const engine::StoreView& store : context.snapshot.stores) {
        for (std::size_t i = 0; i < store.records.size() && found < most_resources; ++i) {
            const engine::Record& record = *store.records[i];
            if (record.standing == engine::Standing::Deleted) continue;
            const std::string_view title = title_of(context.snapshot, record);
            if (contains_folded(record.reference, needle) || contains_folded(title, needle)) {
                std::string detail = store.type + "/" + std::string(record.id().substr(0, 8));
                entries_.push_back({nullptr, record.reference, std::string(title), std::move(detail)});
                ++found;
            }
        }
    }
}

void PaletteBox::run(Context& context, View& view, const Entry& entry) {
    context.ui.overlays.palette = false;
    if (entry.action != nullptr) {
        ActionTarget target{context, view};
        if (entry.action->names != nullptr)
            entry.action->run_named(target, entry.what);
        else
            entry.action->run(target);
        return;
    }
    select_resource(context, entry.what);
    context.ui.inspector.tab = InspectorTab::Tree;
    open_inspector(context);
}

void PaletteBox::draw(Context& context, View& view, const Rect& window) {
    if (!context.ui.overlays.palette) {
        was_open_ = false;
        return;
    }
    const bool opened = !was_open_;
    was_open_ = true;
    if (opened) text_.clear();
    if (opened || text_ != searched_) search(context);
    const float w = std::min(context.px(520), window.w - context.px(40));
    const auto visible = static_cast<float>(std::clamp<std::size_t>(entries_.size(), 1, 12));
    const Rect box{snap(window.x + (window.w - w) / 2), window.y + context.px(48), w,
                   context.px(40 + 8 + 24 * visible)};
    begin_region("palette", box);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg1, context.px(4));
    p.outline(box, c.line2, context.px(4));
    Rect rest = box;
    const Rect head = rest.take_top(context.px(40));
    text_input(context, "palette/text", head.inset(context.px(8), context.px(8)), text_, "Find a resource or a command",
               Icon::Search, InputState::Empty, 0, opened, p.f().body);
    // A press elsewhere or Esc closes it; the frame in which it opened had that press too.
    const ImGuiIO& io = ImGui::GetIO();
    if (!opened && (ImGui::IsKeyPressed(ImGuiKey_Escape) || (io.MouseClicked[0] && !box.contains(io.MousePos))))
        context.ui.overlays.palette = false;
    const auto count = static_cast<std::int64_t>(entries_.size());
    if (ImGui::IsKeyPressed(ImGuiKey_DownArrow)) {
        chosen_ = std::min(chosen_ + 1, count - 1);
        grid_.reveal(chosen_);
    }
    if (ImGui::IsKeyPressed(ImGuiKey_UpArrow)) {
        chosen_ = std::max<std::int64_t>(chosen_ - 1, 0);
        grid_.reveal(chosen_);
    }
    GridStyle style;
    style.header = false;
    rest.take_bottom(context.px(4));
    grid_.begin(context, "palette/list", rest, action_columns, count, style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const Entry& entry = entries_[static_cast<std::size_t>(i)];
        grid_.row(context, i, {i == chosen_, 0, 0});
        grid_.text(context, 0, p.f().body, c.t1, entry.title);
        const Rect cell = grid_.cell_inner(context, 1);
        if (entry.action == nullptr)
            grid_.text(context, 1, p.f().mono, c.t3, entry.detail);
        else if (!entry.detail.empty())
            keycap(context, cell.right() - keycap_width(context, entry.detail), cell.y, cell.h, entry.detail);
    }
    grid_.end(context);
    if (count == 0) empty_state(context, rest, "No match");
    const bool enter = !opened && (ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter));
    const std::int64_t run_at = grid_.clicked() >= 0 ? grid_.clicked() : enter ? chosen_ : -1;
    if (run_at >= 0 && run_at < count) run(context, view, entries_[static_cast<std::size_t>(run_at)]);
    end_region();
}

} // namespace fhirscope::gui
