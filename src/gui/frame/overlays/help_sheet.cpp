#include "gui/frame/overlays/help_sheet.hpp"

#include "gui/frame/actions/actions.hpp"
#include "gui/ui/widgets.hpp"
#include "query/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

using query::contains_folded;
using query::fold;

namespace {

constexpr float sheet_width = 960;
constexpr float contents = 220;
constexpr float contents_below = 720; // narrower than this there is the text only
constexpr std::array<SegmentItem, 2> pages = {{{"guide", "Guide"}, {"keys", "Keys"}}};
constexpr std::array<GridColumn, 2> key_columns = {
    {{"title", "Does", 300, Align::Left, true}, {"key", "Key", 110, Align::Left}}};

ImFont* font_of(const Fonts& fonts, GuideFace face) {
    return face == GuideFace::Name ? fonts.mono : face == GuideFace::Strong ? fonts.bold : fonts.body;
}

} // namespace

HelpSheet::HelpSheet() : blocks_(parse_guide(guide_text())) {}

void HelpSheet::search() {
    searched_ = text_;
    found_.clear();
    at_ = 0;
    const std::string needle = fold(text_);
    if (needle.size() < 2) return;
    for (std::size_t i = 0; i < blocks_.size(); ++i)
        if (contains_folded(plain_text(blocks_[i]), needle)) found_.push_back(i);
    if (!found_.empty()) show_block(found_.front());
}

void HelpSheet::show_block(std::size_t block) { to_ = static_cast<std::ptrdiff_t>(block); }

void HelpSheet::draw_contents(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.vline(area.right() - context.px(1), area.y, area.bottom(), c.line);
    float y = area.y + context.px(8);
    for (std::size_t i = 0; i < blocks_.size() && y < area.bottom() - context.px(22); ++i) {
        const GuideBlock& block = blocks_[i];
        if (block.kind != GuideBlock::Kind::Heading || block.level < 2) continue;
        const Rect row{area.x + context.px(6), y, area.w - context.px(13), context.px(22)};
        const Hit state = hit(context, "help/contents/" + plain_text(block), row);
        if (state.hovered) p.fill(row, c.hover, context.px(4));
        const bool top = block.level == 2;
        p.text_cut(top ? p.f().body : p.f().cell, row.x + context.px(top ? 8 : 20), row.right(), row.y, row.h,
                   top ? c.t2 : c.t3, plain_text(block));
        if (state.clicked) show_block(i);
        y += row.h;
    }
}

void HelpSheet::draw_text(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect text{area.x + context.px(20), area.y, std::min(area.w - context.px(40), context.px(680)), area.h};
    if (laid_width_ != text.w || laid_unit_ != context.theme.scale) {
        laid_width_ = text.w;
        laid_unit_ = context.theme.scale;
        const Fonts& f = p.f();
        lines_ = lay_out_guide(
            blocks_, text.w,
            {[&f](std::string_view piece, GuideFace face) { return Painter::width(font_of(f, face), piece); },
             laid_unit_});
    }
    if (to_ >= 0) {
        const auto line = std::find_if(lines_.begin(), lines_.end(), [&](const GuideLine& one) {
            return one.block >= static_cast<std::size_t>(to_);
        });
        scroll_ = line != lines_.end() ? line->y : 0;
        to_ = -1;
    }
    const ImGuiIO& io = ImGui::GetIO();
    if (area.contains(io.MousePos)) scroll_ -= io.MouseWheel * context.px(57);
    const auto pressed = [&](ImGuiKey key) { return ImGui::IsKeyPressed(key); };
    scroll_ += (pressed(ImGuiKey_PageDown) ? 0.9F : 0) * area.h - (pressed(ImGuiKey_PageUp) ? 0.9F : 0) * area.h;
    if (!io.WantTextInput) scroll_ = pressed(ImGuiKey_Home) ? 0 : pressed(ImGuiKey_End) ? bottom() : scroll_;
    scroll_ += (pressed(ImGuiKey_DownArrow) ? context.px(38) : 0) - (pressed(ImGuiKey_UpArrow) ? context.px(38) : 0);
    const float pad = context.px(16);
    scroll_ = snap(std::clamp(scroll_, 0.0F, std::max(0.0F, bottom() + 2 * pad - area.h)));

    {
        const Clip clip(area);
        const float top = area.y + pad - scroll_;
        const auto first = std::partition_point(lines_.begin(), lines_.end(), [&](const GuideLine& line) {
            return line.y + line.height + context.px(200) < scroll_; // cells of one row are not in order
        });
        for (auto line = first; line != lines_.end() && top + line->y < area.bottom() + context.px(200); ++line) {
            const GuideBlock& block = blocks_[line->block];
            const Rect row{text.x, top + line->y, text.w, line->height};
            if (!found_.empty() && std::binary_search(found_.begin(), found_.end(), line->block))
                p.fill(row, found_[at_] == line->block ? c.sel : c.hover);
            const ImU32 color = block.kind == GuideBlock::Kind::Heading             ? c.t1
                                : block.kind == GuideBlock::Kind::Row && block.head ? c.t4
                                                                                    : c.t2;
            for (const GuidePiece& piece : line->pieces) {
                p.put(font_of(p.f(), piece.face), text.x + piece.x, row.y, row.h,
                      piece.face == GuideFace::Words                  ? color
                      : piece.face == GuideFace::Strong && block.head ? c.t4
                                                                      : c.t1,
                      piece.text);
            }
        }
    }
    const float whole = bottom() + 2 * pad;
    if (whole > area.h) {
        const float h = std::max(context.px(24), area.h * area.h / whole);
        const float y = area.y + (area.h - h) * scroll_ / (whole - area.h);
        p.fill(Rect{area.right() - context.px(8), snap(y), context.px(6), snap(h)}, c.line2, context.px(3));
    }
    context.target("help/text", text);
}

void HelpSheet::draw_guide(Context& context, Rect area) {
    if (text_ != searched_) search();
    if (area.w >= context.px(contents_below)) draw_contents(context, area.take_left(context.px(contents)));
    draw_text(context, area);
}

void HelpSheet::draw_keys(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::string needle = fold(text_);
    std::vector<const Action*> shown;
    for (const Action& action : all_actions())
        if (!action.key.empty() && (contains_folded(action.title, needle) || contains_folded(action.key, needle)))
            shown.push_back(&action);
    GridStyle style;
    style.row_height = 22;
    grid_.begin(context, "help/keys", area.inset(context.px(8), context.px(6)), key_columns,
                static_cast<std::int64_t>(shown.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const Action& action = *shown[static_cast<std::size_t>(i)];
        grid_.row(context, i, {});
        grid_.text(context, 0, p.f().cell, c.t1, action.title);
        const Rect cell = grid_.cell_inner(context, 1);
        keycap(context, cell.x, cell.y, cell.h, action.key);
        context.target("help/key/" + std::string(action.id), grid_.row_rect());
    }
    grid_.end(context);
    if (shown.empty()) empty_state(context, area, "No key does that. Ctrl K finds commands without a key, too.");
}

void HelpSheet::draw(Context& context, const Rect& window) {
    if (!context.ui.overlays.help) {
        was_open_ = false;
        return;
    }
    const bool opened = !was_open_;
    was_open_ = true;
    const float w = std::min(context.px(sheet_width), window.w - context.px(32));
    const Rect box{snap(window.x + (window.w - w) / 2), window.y + context.px(48), w, window.h - context.px(80)};
    begin_region("help", box);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg1, context.px(4));
    p.outline(box, c.line2, context.px(4));
    Rect rest = box;
    const Rect head = rest.take_top(context.px(40));
    p.hline(box.x, box.right(), head.bottom(), c.line);
    const int chosen = segment(context, "help/page", head.x + context.px(14), head.y, head.h, pages,
                               context.ui.overlays.help_keys ? 1 : 0);
    if (chosen >= 0) context.ui.overlays.help_keys = chosen == 1;
    const float close = head.right() - context.px(34);
    const Rect input{close - context.px(8 + 260), head.y + context.px(8), context.px(260), context.px(24)};
    const bool guide = !context.ui.overlays.help_keys;
    const InputState state = !guide || text_.size() < 2 ? InputState::Empty
                             : found_.empty()           ? InputState::Invalid
                                                        : InputState::Valid;
    const std::string count = state == InputState::Valid
                                  ? std::to_string(at_ + 1) + " of " + std::to_string(found_.size())
                              : state == InputState::Invalid ? "nothing"
                                                             : std::string();
    const float count_w = Painter::width(p.f().mono_small, count) + context.px(8);
    text_input(context, "help/search", input, text_, guide ? "Search the guide, Enter: next" : "Search the keys",
               Icon::Search, state, count_w, opened || again_, p.f().body);
    p.text_right(p.f().mono_small, input.right() - context.px(6), input.y, input.h, c.t4, count);
    context.target("help/found/" + count, input);
    const bool enter = !opened && (ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter));
    again_ = enter; // it has taken the keyboard from the field
    if (enter && guide && !found_.empty() && text_ == searched_) {
        at_ = (at_ + 1) % found_.size();
        show_block(found_[at_]);
    }
    rest = rest.inset(context.px(1), context.px(1));
    if (guide)
        draw_guide(context, rest);
    else
        draw_keys(context, rest);
    // A press elsewhere or Esc closes it; the frame in which it opened had that press too.
    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere = io.MouseClicked[0] && !box.contains(io.MousePos);
    if (icon_button(context, "help/close", ImVec2(close, head.y + context.px(8)), Icon::Close, false, "Close (Esc)") ||
        (!opened && (ImGui::IsKeyPressed(ImGuiKey_Escape) || elsewhere)))
        context.ui.overlays.help = false;
    end_region();
}

} // namespace fhirscope::gui
