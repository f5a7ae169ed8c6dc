#include "gui/views/panels/columns_box.hpp"

#include "gui/ui/widgets.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr float columns_width = 232;
constexpr float column_line = 24;
constexpr float width_step = 8; // of a column, by key

} // namespace

void ColumnsBox::open(Context& context, std::string_view panel, ImVec2 at, std::string_view column) {
    panel_ = panel;
    column_ = column;
    at_ = at;
    chosen_ = 0;
    opened_now_ = true;
    context.ui.overlays.columns = true;
}

void ColumnsBox::close(Context& context) {
    panel_.clear();
    context.ui.overlays.columns = false;
}

std::vector<ColumnsBox::Line> ColumnsBox::lines(const engine::PanelDefinition& panel,
                                                const PanelSettings& settings) const {
    using Does = Line::Does;
    std::vector<Line> lines;
    const PanelSort sort = sort_of(panel, settings);
    if (!column_.empty()) {
        const bool mine = sort.column == column_;
        lines.push_back({Does::SortUp, 0, "Sort ascending", {}, mine && sort.order == SortOrder::Ascending});
        lines.push_back({Does::SortDown, 0, "Sort descending", {}, mine && sort.order == SortOrder::Descending});
        lines.push_back({Does::SortNone, 0, "Do not sort", {}, sort.order == SortOrder::None});
    }
    const auto arrow = [&](std::string_view id) {
        return std::string(sort.column != id || sort.order == SortOrder::None ? ""
                           : sort.order == SortOrder::Ascending               ? "↑"
                                                                              : "↓");
    };
    lines.push_back({Does::Freshness, 0, "Freshness", arrow(PanelSort::freshness), true});
    const std::vector<ArrangedColumn> columns = arrange(panel, settings);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const engine::Column& column = panel.columns[columns[i].column];
        lines.push_back({Does::Column, i, column.title, arrow(column.id), columns[i].shown});
    }
    lines.push_back({Does::Reset, 0, "Reset columns and order", {}, false});
    return lines;
}

void ColumnsBox::run(const engine::PanelDefinition& panel, PanelSettings& settings, const Line& line) const {
    const auto sort = [&](SortOrder order) {
        settings.sort = column_;
        settings.order = order;
    };
    switch (line.does) {
        case Line::Does::SortUp:
            sort(SortOrder::Ascending);
            break;
        case Line::Does::SortDown:
            sort(SortOrder::Descending);
            break;
        case Line::Does::SortNone:
            sort(SortOrder::None);
            break;
        case Line::Does::Freshness: // always shown
            cycle_sort(panel, settings, PanelSort::freshness);
            break;
        case Line::Does::Column:
            show_column(panel, settings, line.place, !line.on);
            break;
        case Line::Does::Reset:
            reset_columns(settings);
            break;
    }
}

void ColumnsBox::keys(Context& context, const engine::PanelDefinition& panel, PanelSettings& settings,
                      const std::vector<Line>& lines) {
    const bool shift = ImGui::GetIO().KeyShift;
    const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(key); };
    chosen_ = std::min(chosen_, lines.size() - 1);
    const Line& line = lines[chosen_];
    const bool column = line.does == Line::Does::Column;
    int step = pressed(ImGuiKey_DownArrow) || pressed(ImGuiKey_J) ? 1 : 0;
    step -= pressed(ImGuiKey_UpArrow) || pressed(ImGuiKey_K) ? 1 : 0;
    if (step != 0 && shift && column) {
        const std::size_t count = panel.columns.size();
        const std::size_t to = step > 0 ? line.place + 1 : line.place - 1; // wraps where there is none before
        if (to < count) {
            move_column(panel, settings, line.place, to);
            chosen_ = step > 0 ? chosen_ + 1 : chosen_ - 1;
        }
    } else if (step != 0) {
        chosen_ = step > 0 ? std::min(chosen_ + 1, lines.size() - 1) : chosen_ - std::min<std::size_t>(chosen_, 1);
    }
    const int wider = (pressed(ImGuiKey_RightArrow) ? 1 : 0) - (pressed(ImGuiKey_LeftArrow) ? 1 : 0);
    if (wider != 0 && column) {
        const float width = arrange(panel, settings)[line.place].width;
        size_column(panel, settings, line.place, width + width_step * static_cast<float>(wider));
    }
    if (pressed(ImGuiKey_S) && (column || line.does == Line::Does::Freshness)) {
        const std::size_t at = column ? arrange(panel, settings)[line.place].column : 0;
        cycle_sort(panel, settings, column ? std::string_view(panel.columns[at].id) : PanelSort::freshness);
    }
    if (pressed(ImGuiKey_Space)) run(panel, settings, line);
    if (pressed(ImGuiKey_Enter) || pressed(ImGuiKey_KeypadEnter)) {
        if (!column) run(panel, settings, line);
        close(context);
    }
    if (pressed(ImGuiKey_Escape)) close(context);
}

void ColumnsBox::draw(Context& context, const engine::PanelDefinition& panel, PanelSettings& settings,
                      const Rect& window, const Rect& button) {
    const bool fresh = opened_now_;
    opened_now_ = false;
    if (!fresh) {
        keys(context, panel, settings, lines(panel, settings));
        if (panel_.empty()) return;
    }
    const std::vector<Line> all = lines(panel, settings);
    const float height = context.px(column_line) * static_cast<float>(all.size()) + context.px(8 + 18 * 2 + 6);
    Rect box{at_.x, at_.y, context.px(columns_width), height};
    box.x = snap(std::max(window.x, std::min(box.x, window.right() - box.w)));
    box.y = snap(std::max(window.y, std::min(box.y, window.bottom() - box.h)));
    begin_region("columns", box);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg1, context.px(4));
    p.outline(box, c.line2, context.px(4));
    float y = box.y + context.px(4);
    for (std::size_t i = 0; i < all.size(); ++i, y += context.px(column_line)) {
        const Line& line = all[i];
        const Rect row{box.x + context.px(1), y, box.w - context.px(2), context.px(column_line)};
        std::string name = "columns/";
        switch (line.does) {
            case Line::Does::SortUp:
                name += "ascending";
                break;
            case Line::Does::SortDown:
                name += "descending";
                break;
            case Line::Does::SortNone:
                name += "none";
                break;
            case Line::Does::Freshness:
                name += PanelSort::freshness;
                break;
            case Line::Does::Column:
                name += "show/" + panel.columns[arrange(panel, settings)[line.place].column].id;
                break;
            case Line::Does::Reset:
                name += "reset";
                break;
        }
        const Hit state = hit(context, name, row);
        if (i == chosen_) {
            p.fill(row, c.sel);
            p.fill(Rect{row.x, row.y, context.px(2), row.h}, c.t1);
        } else if (state.hovered) {
            p.fill(row, c.hover);
        }
        if (line.on) p.mark(Mark::Applied, row.x + context.px(8), row.y, row.h);
        const bool faint = line.does == Line::Does::Freshness;
        p.text_cut(p.f().body, row.x + context.px(26), row.right() - context.px(24), row.y, row.h,
                   faint     ? c.t3
                   : line.on ? c.t1
                             : c.t2,
                   line.label);
        p.text_right(p.f().small, row.right() - context.px(10), row.y, row.h, c.t2, line.note);
        if (state.clicked) {
            chosen_ = i;
            run(panel, settings, line);
        }
        if (line.does == Line::Does::SortNone || line.does == Line::Does::Reset) {
            const float at = line.does == Line::Does::Reset ? row.y : row.bottom();
            p.hline(box.x + context.px(1), box.right() - context.px(1), at, c.line);
        }
    }
    p.put(p.f().small, box.x + context.px(10), y + context.px(2), context.px(18), c.t3,
          "Space shows or hides, S sorts");
    p.put(p.f().small, box.x + context.px(10), y + context.px(20), context.px(18), c.t3, "Shift ↑ ↓ moves, ← → widens");
    end_region();
    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere =
        (io.MouseClicked[0] || io.MouseClicked[1]) && !box.contains(io.MousePos) && !button.contains(io.MousePos);
    if (elsewhere && !fresh) close(context);
}

} // namespace fhirscope::gui
