#include "gui/inspector/json_pane.hpp"

#include "fhir/time.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/edit_actions.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

namespace {

// Containers start closed unless something in them changed; those of the first level with few members start open.
constexpr int open_depth = 0;
constexpr float tree_row = 20;
constexpr float line_row = 17;

bool is_container(const TreeNode& node) { return node.kind == NodeKind::Object || node.kind == NodeKind::Array; }

constexpr std::array<GridColumn, 1> one_column = {{{"text", "", 200, Align::Left, true, false}}};

} // namespace

void TreePane::show(const fhir::ResourcePtr& resource, const fhir::ResourcePtr& before, Against against) {
    against_ = against;
    if (resource == resource_ && before == before_) return;
    resource_ = resource;
    before_ = before;
    nodes_.clear();
    visible_.clear();
    problem_.clear();
    if (!resource) return;
    const Result<rapidjson::Document> document = fhir::parse_json(resource->text());
    if (!document) {
        problem_ = document.error().message;
        return;
    }
    if (before) {
        const Result<rapidjson::Document> other = fhir::parse_json(before->text());
        nodes_ = make_tree(*document, other ? &*other : nullptr);
    } else {
        nodes_ = make_tree(*document, nullptr);
    }
    visible_ = visible_nodes(nodes_, toggled_, open_depth);
}

namespace {

// Ids and times of a version in the short form that tables use; the tooltip has the whole.
ShortText short_leaf(const TreeNode& node, std::string_view value) {
    if (value.size() > 10 && node.path == "meta.versionId") {
        ShortText text(value.substr(0, 7));
        return text.append("…\"");
    }
    if (value.size() > 2 && node.path == "meta.lastUpdated") {
        if (const auto time = fhir::parse_instant(value.substr(1, value.size() - 2))) return clock_ms(wall(*time));
    }
    return {};
}

} // namespace

void TreePane::draw_node(Context& context, const TreeNode& node) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = grid_.row_rect();
    const bool container = is_container(node);
    const bool marked = node.changed && (!container || node.added);
    const float right = row.right() - context.px(14);
    float x = row.x + context.px(8 + 14.0F * static_cast<float>(node.depth));
    if (container && node.value != "{0}" && node.value != "[0]") {
        const bool open = is_open(node, toggled_, open_depth);
        const float cx = x + context.px(7);
        const float cy = row.y + row.h / 2;
        const float s = context.px(3.5F);
        const ImVec2 down[] = {{cx - s, cy - s * 0.6F}, {cx + s, cy - s * 0.6F}, {cx, cy + s * 0.8F}};
        const ImVec2 aside[] = {{cx - s * 0.6F, cy - s}, {cx + s * 0.8F, cy}, {cx - s * 0.6F, cy + s}};
        p.list().AddConvexPolyFilled(open ? down : aside, 3, c.t4);
    }
    x += context.px(14);
    const ImU32 key_color = marked ? c.t1 : c.t3;
    x = p.text_cut(p.f().body, x, right, row.y, row.h, key_color, node.key) + context.px(8);
    if (container) {
        const bool open = is_open(node, toggled_, open_depth);
        if (!open) {
            x = p.text_cut(p.f().mono, x, right, row.y, row.h, c.t2, node.value) + context.px(10);
            p.text_cut(p.f().mono, x, right, row.y, row.h, c.t4, node.note);
        }
        return;
    }
    const ShortText short_value = short_leaf(node, node.value);
    const ShortText short_was = short_leaf(node, node.was);
    const std::string_view value = short_value.empty() ? std::string_view(node.value) : short_value.view();
    const std::string_view old = short_was.empty() ? std::string_view(node.was) : short_was.view();
    const float room = old.empty() ? 0 : std::min(Painter::width(p.f().mono, old), context.px(120)) + context.px(10);
    x = p.text_cut(p.f().mono, x, right - room, row.y, row.h, marked ? c.t1 : c.t2, value);
    if (!old.empty()) p.text_struck(p.f().mono, x + context.px(10), right, row.y, row.h, c.t3, old);
}

Rect TreePane::value_rect(const Context& context, const TreeNode& node, const Rect& row) const {
    const float key = Painter::width(context.theme.f.body, node.key);
    const float left = row.x + context.px(8 + 14.0F * static_cast<float>(node.depth) + 14) + key + context.px(2);
    return {left, row.y, std::max(context.px(60), row.right() - context.px(8) - left), row.h};
}

void TreePane::node_tooltip(const Context& context, const TreeNode& node, const TreeEdit* edit) const {
    std::string tip;
    if (node.value.size() > 40 || !short_leaf(node, node.value).empty()) tip = node.value;
    if (edit != nullptr && !is_container(node) && !node.path.empty()) {
        const std::string reason =
            edit->blocked.empty() ? field_blocked(*resource_, node.path) : std::string(edit->blocked);
        if (!reason.empty()) tip += (tip.empty() ? "" : "\n") + reason;
    }
    if (!tip.empty()) tooltip(context, tip);
}

void TreePane::edit_clicks(Context& context, const TreeEdit& edit) {
    const auto leaf = [&](std::int64_t row) {
        return row >= 0 && !is_container(node_at(row)) && !node_at(row).path.empty();
    };
    if (leaf(grid_.right_clicked())) {
        const TreeNode& node = node_at(grid_.right_clicked());
        open_field_menu(context, *edit.record, node.path, edit.blocked,
                        value_rect(context, node, grid_.cell_at(grid_.right_clicked(), 0)));
    } else if (leaf(grid_.double_clicked()) && edit.blocked.empty()) {
        const TreeNode& node = node_at(grid_.double_clicked());
        if (field_blocked(*resource_, node.path).empty()) {
            open_form(context, *edit.record, field_at(node.path), EditPlace::Tree,
                      value_rect(context, node, grid_.cell_at(grid_.double_clicked(), 0)));
        }
    }
}

void TreePane::draw(Context& context, std::string_view name, const Rect& area, const TreeEdit* edit) {
    const Palette& c = context.theme.c;
    GridStyle style;
    style.row_height = tree_row;
    style.header = false;
    style.left = 0;
    style.right = 0;
    Rect rest = area;
    rest.take_top(context.px(6));
    const bool local = against_ == Against::Server;
    Editing& editing = context.ui.overlays.editing;
    const bool form = edit != nullptr && editing.at(EditPlace::Tree, edit->record->reference);
    grid_.begin(context, name, rest, one_column, static_cast<std::int64_t>(visible_.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const TreeNode& node = node_at(i);
        const bool marked = node.changed && (!is_container(node) || node.added);
        grid_.row(context, i, {false, !marked ? 0 : local ? c.sel : c.tlive, !marked ? 0 : local ? c.t3 : c.live});
        draw_node(context, node);
        if (grid_.row_hovered()) node_tooltip(context, node, edit);
        if (form && editing.form->field().path == node.path)
            editing.anchor = value_rect(context, node, grid_.row_rect());
    }
    grid_.end(context);
    if (edit != nullptr && resource_) edit_clicks(context, *edit);
    if (grid_.clicked() >= 0) {
        const TreeNode& node = node_at(grid_.clicked());
        if (is_container(node)) {
            if (!toggled_.erase(node.path)) toggled_.insert(node.path);
            visible_ = visible_nodes(nodes_, toggled_, open_depth);
        }
    }
    if (!problem_.empty()) {
        Painter(context.theme)
            .paragraph(context.theme.f.cell, rest.inset(context.px(14), context.px(8)), context.px(17),
                       context.theme.c.err, problem_);
    }
}

void LinesPane::show(const std::shared_ptr<const void>& owner, std::string_view text, bool pretty) {
    if (owner == owner_ && pretty == pretty_) return;
    owner_ = owner;
    pretty_ = pretty;
    grid_.scroll_to_top();
    lines_.clear();
    if (pretty) {
        lines_ = make_lines(text);
        return;
    }
    // As it came, in pieces that fit the pane's least width.
    constexpr std::size_t piece = 44;
    while (!text.empty()) {
        std::size_t n = std::min(piece, text.size());
        while (n > 1 && n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) --n;
        lines_.push_back({0, {}, std::string(text.substr(0, n))});
        text.remove_prefix(n);
    }
}

void LinesPane::draw(Context& context, std::string_view name, const Rect& area) {
    const Painter p(context.theme);
    GridStyle style;
    style.row_height = line_row;
    style.header = false;
    style.left = 0;
    style.right = 0;
    Rect rest = area;
    rest.take_top(context.px(6));
    grid_.begin(context, name, rest, one_column, static_cast<std::int64_t>(lines_.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const JsonLine& line = lines_[static_cast<std::size_t>(i)];
        grid_.row(context, i, {});
        const Rect row = grid_.row_rect();
        const float right = row.right() - context.px(14);
        float x = row.x + context.px(14 + 12.0F * static_cast<float>(line.depth));
        x = p.text_cut(p.f().mono_small, x, right, row.y, row.h, p.c().t3, line.key);
        const bool bracket = line.value.size() <= 2 && line.value.find_first_of("{}[]") != std::string::npos;
        p.text_cut(p.f().mono_small, x, right, row.y, row.h, bracket ? p.c().t3 : p.c().t1, line.value);
        if (grid_.row_hovered() && line.value.size() > 36) tooltip(context, line.value);
    }
    grid_.end(context);
}

} // namespace fhirscope::gui
