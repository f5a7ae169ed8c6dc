// The frames that passed: what they are and hold, oldest kept to newest, with a filter in the language of the log.

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/incidents/concerned.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/news.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/connections/connections_view.hpp"
#include "query/frame_fields.hpp"
#include "query/update_fields.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace fhirscope::gui {

namespace {

using engine::FrameKind;

// So many frames are looked at within one of the window: their texts may be long.
constexpr std::uint64_t frames_at_once = 512;

constexpr std::array<GridColumn, 5> frame_columns = {{{"time", "Time", 108},
                                                      {"direction", "", 28},
                                                      {"kind", "Kind", 84},
                                                      {"size", "Size", 64, Align::Right},
                                                      {"preview", "Preview", 200, Align::Left, true}}};

constexpr std::array<SegmentItem, 3> kinds = {{{"all", "All"}, {"events", "Events"}, {"control", "Control"}}};

bool is_error(FrameKind kind) {
    return kind == FrameKind::Outcome || kind == FrameKind::Unknown || kind == FrameKind::Bad;
}

} // namespace

bool ConnectionsView::Listed::wants(const engine::FrameRow& frame) const {
    if (hide_beats && is_beat(frame.kind)) return false;
    switch (kinds) {
        case Kinds::All:
            return true;
        case Kinds::Events:
            return frame.kind == FrameKind::Event;
        case Kinds::Errors:
            return is_error(frame.kind);
        case Kinds::Control:
            return frame.kind != FrameKind::Event && !is_error(frame.kind);
    }
    return true;
}

// Each frame is looked at once.
void ConnectionsView::Listed::go_on(const engine::Snapshot& snapshot, const std::stop_token& stop) {
    const auto& frames = snapshot.frames;
    query::FrameFacts facts(snapshot);
    for (end = std::max(end, frames.first()); end < frames.end(); ++end) {
        leave_if(stop);
        if (wants(frames[end]) && query.matches(facts.at(end))) numbers.push_back(end);
    }
}

void ConnectionsView::list_frames(Context& context) {
    const auto& frames = context.snapshot.frames;
    if (input_.ask(filter_, query::frame_fields())) list_anew();
    if (listed_.end > frames.end()) { // another session
        listed_ = {};
        errors_to_ = errors_ = 0;
        list_anew();
    }
    if (auto listed = listing_.take()) listed_ = std::move(*listed);
    const std::uint64_t unseen = frames.end() - std::max(listed_.end, frames.first());
    const bool many = (list_anew_ ? frames.size() : unseen) > frames_at_once && context.worker != nullptr;
    if (list_anew_ || (many && !listing_.pending())) {
        list_anew_ = false;
        Listed listed{.query = input_.query(), .kinds = kinds_, .hide_beats = hide_beats_};
        if (many) {
            listing_.start(
                *context.worker,
                [snapshot = context.snapshot_ptr, listed](const std::stop_token& stop) mutable {
                    listed.go_on(*snapshot, stop);
                    return std::move(listed);
                });
        } else {
            listed_ = std::move(listed);
        }
    }
    std::vector<std::uint64_t>& numbers = listed_.numbers;
    numbers.erase(numbers.begin(), std::lower_bound(numbers.begin(), numbers.end(), frames.first()));
    // What is shown goes on meanwhile, unless it is far behind.
    if (unseen <= frames_at_once || !listing_.pending()) listed_.go_on(context.snapshot, {});
    for (errors_to_ = std::max(errors_to_, frames.first()); errors_to_ < frames.end(); ++errors_to_)
        errors_ += is_error(frames[errors_to_].kind) ? 1 : 0;
    range_begin_ = 0;
    range_end_ = numbers.size();
    if (context.ui.brush) {
        const auto first_at = [&](LocalTime time) {
            return static_cast<std::size_t>(std::partition_point(numbers.begin(), numbers.end(),
                                                                 [&](std::uint64_t n) { return frames[n].at < time; }) -
                                            numbers.begin());
        };
        range_begin_ = first_at(context.ui.brush->begin);
        range_end_ = std::max(range_begin_, first_at(context.ui.brush->end));
    }
}

void ConnectionsView::frame_row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::uint64_t number_of = listed_.numbers[range_end_ - 1 - static_cast<std::size_t>(place)];
    const engine::FrameRow& frame = context.snapshot.frames[number_of];
    const bool selected =
        context.ui.selection.kind == Selection::Kind::Frame && context.ui.selection.number == number_of;
    Grid& grid = frames_grid_;
    grid.row(context, place, {selected, 0, 0});
    draw_row_incident(context, grid, "connections/frames", place, context.px(7),
                      incident_of_frame(context.findings.incidents(), context.snapshot, number_of));
    const bool bright = selected || grid.row_hovered();
    const bool quiet = is_beat(frame.kind);
    const ImU32 text = quiet ? (bright ? c.t3 : c.t4) : c.t2;
    grid.text(context, 0, p.f().mono, c.t3, clock_ms(wall(frame.at)));
    const Rect arrow = grid.cell_inner(context, 1);
    if (is_error(frame.kind)) {
        p.mark(Mark::Error, arrow.x, arrow.y, arrow.h);
    } else {
        const ImVec2 pos(arrow.x, arrow.y + (arrow.h - context.px(12)) / 2);
        draw_icon(p.list(), context.theme, frame.outgoing ? Icon::ArrowOut : Icon::ArrowIn, pos,
                  frame.outgoing ? c.t2 : c.live);
    }
    grid.text(context, 2, p.f().cell, is_error(frame.kind) ? c.err : text, engine::to_string(frame.kind));
    grid.text(context, 3, p.f().mono, c.t3, bytes(frame.size));
    const Rect cell = grid.cell_inner(context, 4);
    float x = cell.x;
    const std::string_view subscription = subscription_of(context.snapshot, frame.subscription);
    if (!subscription.empty())
        x = p.text_cut(p.f().mono, x, cell.right(), cell.y, cell.h, c.t3, subscription) + context.px(12);
    if (frame.text)
        p.text_cut(p.f().mono, x, cell.right(), cell.y, cell.h, text, *frame.text);
    else if (frame.why)
        p.text_cut(p.f().mono, x, cell.right(), cell.y, cell.h, text, words::text(*frame.why));
}

void ConnectionsView::list_anew() {
    list_anew_ = true;
    listing_.give_up(); // of another question
    frames_grid_.scroll_to_top();
}

void ConnectionsView::frames_header(Context& context, Rect row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(row.x, row.right(), row.y, c.line);
    float x = section_title(context, row, context.px(16), "Frames") + context.px(10);
    std::array<SegmentItem, 4> items{kinds[0], kinds[1], kinds[2], {"errors", {}}};
    ShortText errors("Errors ");
    errors.append(number(static_cast<std::int64_t>(errors_)));
    items[3].label = errors.view();
    const int clicked = segment(context, "connections/kinds", x, row.y, row.h, items, static_cast<int>(kinds_), true);
    if (clicked >= 0) {
        kinds_ = static_cast<Kinds>(clicked);
        list_anew();
    }
    x += segment_width(context, items, true) + context.px(10);
    const ButtonOptions small{ButtonKind::Normal, true, nullptr, hide_beats_ ? c.t1 : c.t3};
    if (button(context, "connections/beats", x, row.y, row.h,
               hide_beats_ ? "hide heartbeats: on" : "hide heartbeats: off", small)) {
        hide_beats_ = !hide_beats_;
        list_anew();
    }
    frames_filter(context, Rect{x, row.y, row.right() - x, row.h});
}

// At the right end of what is left of a header.
void ConnectionsView::frames_filter(Context& context, const Rect& rest) {
    const float right = rest.right() - context.px(12);
    const float w = std::min(context.px(300), right - rest.x - context.px(10));
    const Rect field{right - w, rest.y + snap((rest.h - context.px(22)) / 2), w, context.px(22)};
    const float end = filter_.empty() ? keycap_width(context, "/") + context.px(8) : context.px(24);
    input_.draw(context,
                {.name = "connections/filter",
                 .rect = field,
                 .hint = "kind, subscription, text",
                 .room_right = end,
                 .take_focus = std::exchange(context.ui.focus_filter, false)},
                filter_, query::frame_fields(),
                [&](std::string_view name) { return query::known_values(context.snapshot, name); });
    if (filter_.empty())
        keycap(context, field.right() - end + context.px(2), field.y, field.h, "/");
    else if (icon_button(context, "connections/filter/clear", ImVec2(field.right() - end, field.y - context.px(1)),
                         Icon::Close, false, "Clear the filter"))
        filter_.clear();
    const Painter p(context.theme);
    constexpr std::string_view tokens = "tokens are never shown or stored";
    if (const float left = field.x - context.px(12) - Painter::width(p.f().small, tokens); left > rest.x)
        p.put(p.f().small, left, rest.y, rest.h, p.c().t3, tokens);
}

void ConnectionsView::no_frames(Context& context, const Rect& area) {
    empty_state(context, area, context.snapshot.frames.empty() ? "No frame has passed yet." : "No frame matches.");
    if (!filter_.empty() && !context.snapshot.frames.empty()) {
        float x = area.x + (area.w - button_width(context, "Clear")) / 2;
        if (button(context, "connections/clear", x, area.y + area.h / 2 + context.px(14), context.px(24), "Clear"))
            filter_.clear();
    }
}

void ConnectionsView::frames(Context& context, Rect area) {
    list_frames(context);
    if (!narrow_) frames_header(context, area.take_top(context.px(32)));
    if (!input_.valid()) input_.draw_problem(context, area.take_top(context.px(22)));
    frame_list(context, area);
    input_.draw_list(context, filter_);
}

void ConnectionsView::frame_list(Context& context, const Rect& area) {
    GridStyle style;
    style.row_height = 20;
    style.left = 18; // marks of incidents stand before the cells
    style.sorted = 0;
    style.descending = true;
    const auto rows = static_cast<std::int64_t>(range_end_ - range_begin_);
    frames_grid_.begin(context, "connections/frames", area, frame_columns, rows, style);
    for (std::int64_t i = frames_grid_.first(); i < frames_grid_.last(); ++i) frame_row(context, i);
    frames_grid_.end(context);
    if (rows == 0 && !listing_.pending()) no_frames(context, frames_grid_.body());
    take_clicks(context, frames_grid_);
}

std::int64_t ConnectionsView::row_count(Context& /*context*/) {
    return static_cast<std::int64_t>(range_end_ - range_begin_);
}

std::optional<std::int64_t> ConnectionsView::selected_row(const Context& context) const {
    const Selection& selection = context.ui.selection;
    const auto it = std::lower_bound(listed_.numbers.begin(), listed_.numbers.end(), selection.number);
    if (selection.kind != Selection::Kind::Frame || it == listed_.numbers.end() || *it != selection.number)
        return std::nullopt;
    return static_cast<std::int64_t>(range_end_) - 1 - (it - listed_.numbers.begin());
}

void ConnectionsView::select_row(Context& context, std::int64_t row) {
    select_frame(context, listed_.numbers[range_end_ - 1 - static_cast<std::size_t>(row)]);
    frames_grid_.reveal(row);
}

} // namespace fhirscope::gui
