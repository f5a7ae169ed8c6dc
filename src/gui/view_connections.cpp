#include "gui/view_connections.hpp"

#include "gui/format.hpp"
#include "gui/rows.hpp"
#include "gui/state_diagram.hpp"
#include "gui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

using engine::FrameKind;
using engine::Phase;
using std::chrono::seconds;

// A Subscription lives 24 h on a Medplum server; the engine makes a new one an hour before.
constexpr std::chrono::hours kLife{24};
constexpr seconds kBeatPeriod{10};

constexpr std::array<GridColumn, 8> kSubscriptionColumns = {{{"criteria", "Criteria", 208, Align::left, true},
                                                             {"id", "Id", 76},
                                                             {"state", "State", 110},
                                                             {"token", "Token expires in", 104, Align::right},
                                                             {"beats", "   Heartbeats", 140},
                                                             {"events", "Events", 80, Align::right},
                                                             {"last", "Last", 56, Align::right},
                                                             {"age", "Age of 24 h", 138, Align::right}}};
constexpr std::array<std::size_t, 5> kNarrowSubscription = {0, 2, 3, 5, 6};

constexpr std::array<GridColumn, 5> kFrameColumns = {{{"time", "Time", 108},
                                                      {"direction", "", 28},
                                                      {"kind", "Kind", 84},
                                                      {"size", "Size", 64, Align::right},
                                                      {"preview", "Preview", 200, Align::left, true}}};

constexpr std::array<SegmentItem, 3> kKinds = {{{"all", "All"}, {"events", "Events"}, {"control", "Control"}}};

bool is_beat(FrameKind kind) {
    return kind == FrameKind::Heartbeat || kind == FrameKind::Ping || kind == FrameKind::Pong;
}

bool is_error(FrameKind kind) {
    return kind == FrameKind::Outcome || kind == FrameKind::Unknown || kind == FrameKind::Bad;
}

} // namespace

bool ConnectionsView::wanted(const engine::FrameRow& frame) const {
    if (hide_beats_ && is_beat(frame.kind)) {
        return false;
    }
    switch (kinds_) {
        case Kinds::all:
            return true;
        case Kinds::events:
            return frame.kind == FrameKind::Event;
        case Kinds::errors:
            return is_error(frame.kind);
        case Kinds::control:
            return frame.kind != FrameKind::Event && !is_error(frame.kind);
    }
    return true;
}

// The frame log holds some ten thousand rows, so looking at new ones once each is all it takes.
void ConnectionsView::list_frames(const Context& context) {
    const auto& frames = context.snapshot.frames;
    if (listed_to_ > frames.end() || listed_to_ < frames.first()) {
        listed_.clear();
        listed_to_ = frames.first();
        errors_to_ = frames.first();
        errors_ = 0;
    }
    for (; listed_to_ < frames.end(); ++listed_to_) {
        if (wanted(frames[listed_to_])) {
            listed_.push_back(listed_to_);
        }
    }
    for (; errors_to_ < frames.end(); ++errors_to_) {
        errors_ += is_error(frames[errors_to_].kind) ? 1 : 0;
    }
    if (list_first_ != frames.first()) {
        list_first_ = frames.first();
        listed_.erase(listed_.begin(), std::lower_bound(listed_.begin(), listed_.end(), list_first_));
    }
    range_begin_ = 0;
    range_end_ = listed_.size();
    if (context.ui.brush) {
        const auto first_at = [&](LocalTime time) {
            return static_cast<std::size_t>(std::partition_point(listed_.begin(), listed_.end(),
                                                                 [&](std::uint64_t n) { return frames[n].at < time; }) -
                                            listed_.begin());
        };
        range_begin_ = first_at(context.ui.brush->begin);
        range_end_ = std::max(range_begin_, first_at(context.ui.brush->end));
    }
}

void ConnectionsView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(40));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    const engine::ConnectionView& connection = context.snapshot.connection;
    float right = row.right() - context.px(12);
    // What is replayed or observed cannot be commanded.
    if (!connection.observing && context.session.source != Source::replay) {
        const ButtonOptions quiet{ButtonKind::quiet, false, nullptr, 0};
        const bool up = connection.phase != Phase::Idle && connection.phase != Phase::Closed;
        if (up) {
            float x = right - button_width(context, "Disconnect", quiet);
            right = x - context.px(6);
            if (button(context, "connections/disconnect", x, row.y, row.h, "Disconnect", quiet)) {
                context.send(engine::Disconnect{});
            }
        }
        const bool open = connection.phase == Phase::Live || connection.phase == Phase::Binding ||
                          connection.phase == Phase::CatchingUp;
        if (open) {
            float x = right - button_width(context, "Drop the socket", quiet);
            right = x - context.px(6);
            if (button(context, "connections/drop", x, row.y, row.h, "Drop the socket", quiet)) {
                context.send(engine::DropSocket{});
            }
        }
        const std::string_view label = up ? "Reconnect" : "Connect";
        float x = right - button_width(context, label);
        right = x - context.px(10);
        if (button(context, "connections/connect", x, row.y, row.h, label)) {
            context.send(engine::Connect{});
        }
    }
    float x = row.x + context.px(16);
    x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Connections") + context.px(10);
    p.text_cut(p.f().mono, x, right, row.y, row.h, c.t3,
               connection.socket_url.empty() ? connection.base_url : connection.socket_url);
}

void ConnectionsView::state(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConnectionView& connection = context.snapshot.connection;
    const Rect row = area.take_top(context.px(30));
    float x = section_title(context, row, context.px(16), "State") + context.px(10);
    const bool live = connection.phase == Phase::Live;
    const bool waiting = connection.phase == Phase::BackingOff;
    x = p.mark(live ? Mark::live : waiting ? Mark::attention : Mark::idle, x, row.y, row.h) + context.px(6);
    x = p.text(p.f().body, x, row.y, row.h,
               live      ? c.live
               : waiting ? c.att
                         : c.t2,
               engine::to_string(connection.phase)) +
        context.px(10);
    if (connection.since != LocalTime{}) {
        x = p.text(p.f().mono, x, row.y, row.h, c.t3, age(context.now - connection.since, AgeUnits::two));
    }
    ShortText opens = number(static_cast<std::int64_t>(context.snapshot.metrics.counters.opens));
    opens.append(context.snapshot.metrics.counters.opens == 1 ? " open in this session" : " opens in this session");
    if (row.right() - x > context.px(160)) {
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, c.t3, opens);
    }
    if (narrow_) {
        const auto& transitions = connection.transitions;
        if (!transitions.empty()) {
            std::string what(clock_ms(wall(transitions.back().at)).view());
            what.append("  ")
                .append(engine::to_string(transitions.back().from))
                .append(" → ")
                .append(engine::to_string(transitions.back().to));
            if (!transitions.back().reason.empty()) {
                what.append(", ").append(transitions.back().reason);
            }
            p.text_cut(p.f().small, area.x + context.px(16), area.right() - context.px(12), area.y, context.px(18),
                       c.t3, what);
        }
        return;
    }
    draw_state_diagram(context, area);
}

void ConnectionsView::attempts(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto& all = context.snapshot.connection.attempts;
    const AttemptRun run = last_run(all);
    const Rect row = area.take_top(context.px(30));
    ShortText took;
    if (run.end > run.begin && all[run.end - 1].ended != LocalTime{}) {
        const LocalTime begin =
            all[run.begin].wait_began != LocalTime{} ? all[run.begin].wait_began : all[run.begin].began;
        took = duration_detail(all[run.end - 1].ended - begin);
    }
    section_title(context, row, context.px(16), run.begin == 0 && run.end <= 1 ? "Connect" : "Last reconnect", took);
    if (run.end > run.begin) {
        p.text_right(p.f().mono_small, row.right() - context.px(12), row.y, row.h, c.t3,
                     clock_ms(wall(all[run.begin].began)));
    }
    draw_attempts(context, area);
}

void ConnectionsView::subscriptions(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto& all = context.snapshot.subscriptions;
    p.hline(area.x, area.right(), area.y, c.line);
    const Rect row = area.take_top(context.px(32));
    std::size_t bound = 0;
    std::string problem;
    for (const engine::SubscriptionView& subscription : all) {
        bound += subscription.state == engine::SubscriptionState::Live ? 1 : 0;
        if (problem.empty() && !subscription.problem.empty()) {
            problem = subscription.name + ": " + subscription.problem;
        }
    }
    const std::string count = std::to_string(bound) + " of " + std::to_string(all.size()) + " active";
    const float x = section_title(context, row, context.px(16), "Subscriptions", count);
    if (!problem.empty()) {
        const float w = std::min(Painter::width(p.f().small, problem), row.right() - context.px(40) - x);
        p.text_cut(p.f().small, row.right() - context.px(12) - w, row.right() - context.px(12), row.y, row.h, c.att,
                   problem);
    }
    std::array<GridColumn, 8> columns = kSubscriptionColumns;
    std::size_t n = columns.size();
    if (narrow_) {
        n = kNarrowSubscription.size();
        for (std::size_t i = 0; i < n; ++i) {
            columns[i] = kSubscriptionColumns[kNarrowSubscription[i]];
        }
    }
    subscriptions_grid_.begin(context, "connections/subscriptions", area,
                              std::span<const GridColumn>(columns.data(), n), static_cast<std::int64_t>(all.size()),
                              GridStyle{});
    for (std::int64_t i = subscriptions_grid_.first(); i < subscriptions_grid_.last(); ++i) {
        const engine::SubscriptionView& subscription = all[static_cast<std::size_t>(i)];
        subscriptions_grid_.row(context, i, {});
        Grid& grid = subscriptions_grid_;
        const ImU32 faint = grid.row_hovered() ? c.t3 : c.t4;
        for (std::size_t at = 0; at < n; ++at) {
            const Rect cell = grid.cell_inner(context, at);
            switch (narrow_ ? kNarrowSubscription[at] : at) {
                case 0:
                    grid.text(context, at, p.f().mono, c.t1, subscription.criteria);
                    break;
                case 1:
                    grid.text(context, at, p.f().mono, faint, short_id(subscription.id));
                    break;
                case 2: {
                    using engine::SubscriptionState;
                    const Mark mark = subscription.state == SubscriptionState::Live      ? Mark::ok
                                      : subscription.state == SubscriptionState::Refused ? Mark::error
                                      : subscription.problem.empty()                     ? Mark::info
                                                                                         : Mark::attention;
                    const float text_x = p.mark(mark, cell.x, cell.y, cell.h) + context.px(7);
                    p.text_cut(p.f().body, text_x, cell.right(), cell.y, cell.h,
                               subscription.state == SubscriptionState::Refused ? c.err : c.t2,
                               subscription_state_name(subscription.state));
                    break;
                }
                case 3: {
                    if (subscription.token_expires == LocalTime{}) {
                        break;
                    }
                    const auto left = subscription.token_expires - context.now;
                    const bool soon = left < std::chrono::minutes(2);
                    grid.text(context, at, p.f().mono, soon ? c.att : c.t2,
                              left <= seconds(0) ? ShortText("expired") : age(left, AgeUnits::two));
                    break;
                }
                case 4: {
                    // The newest twelve; a beat that came late is marked.
                    constexpr std::size_t kShown = 12;
                    const auto& beats = subscription.heartbeats;
                    const std::size_t first = beats.size() > kShown ? beats.size() - kShown : 0;
                    float x0 = cell.x + context.px(8);
                    for (std::size_t k = 0; k < kShown; ++k, x0 += context.px(5)) {
                        const bool there = first + k < beats.size();
                        const bool late =
                            there && first + k > 0 && beats[first + k] - beats[first + k - 1] > kBeatPeriod * 3 / 2;
                        p.fill(Rect{snap(x0), cell.y + std::floor((cell.h - context.px(8)) / 2), context.px(3),
                                    context.px(8)},
                               there ? (late ? c.attm : c.s2) : c.bg2);
                    }
                    if (subscription.last_heartbeat != LocalTime{}) {
                        const auto quiet = context.now - subscription.last_heartbeat;
                        const bool late =
                            quiet > kBeatPeriod * 3 / 2 && subscription.state == engine::SubscriptionState::Live;
                        p.put(p.f().mono, x0 + context.px(8), cell.y, cell.h, late ? c.att : c.t2, age(quiet));
                    }
                    break;
                }
                case 5:
                    grid.text(context, at, p.f().mono, c.t2, number(static_cast<std::int64_t>(subscription.events)));
                    break;
                case 6:
                    if (subscription.last_event != LocalTime{}) {
                        grid.text(context, at, p.f().mono, c.t2, age(context.now - subscription.last_event));
                    }
                    break;
                default: {
                    if (subscription.created == LocalTime{}) {
                        break;
                    }
                    const auto lived = std::max(context.now - subscription.created, LocalTime::duration(0));
                    const bool old = lived > std::chrono::hours(22);
                    grid.text(context, at, p.f().mono, old ? c.att : c.t2, age(lived, AgeUnits::two));
                    const float share =
                        std::min(1.0F, std::chrono::duration<float>(lived) / std::chrono::duration<float>(kLife));
                    const Rect track{cell.x, cell.y + std::floor((cell.h - context.px(4)) / 2), context.px(56),
                                     context.px(4)};
                    p.fill(track, c.bg2);
                    p.fill(Rect{track.x, track.y, std::max(context.px(1), snap(track.w * share)), track.h},
                           old ? c.attm : c.t4);
                    break;
                }
            }
        }
        if (grid.row_hovered()) {
            std::string text =
                subscription.name + ", Subscription/" + (subscription.id.empty() ? "?" : subscription.id);
            if (!subscription.problem.empty()) {
                text += "\n" + subscription.problem;
            }
            if (subscription.missed_heartbeats > 0) {
                text += "\n" + std::to_string(subscription.missed_heartbeats) + " heartbeats were missed";
            }
            tooltip(context, text);
        }
    }
    subscriptions_grid_.end(context);
    if (all.empty()) {
        empty_state(context, subscriptions_grid_.body(), "Nothing is subscribed to.");
    }
}

void ConnectionsView::frame_row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::uint64_t number_of = listed_[range_end_ - 1 - static_cast<std::size_t>(place)];
    const engine::FrameRow& frame = context.snapshot.frames[number_of];
    const bool selected =
        context.ui.selection.kind == Selection::Kind::frame && context.ui.selection.number == number_of;
    Grid& grid = frames_grid_;
    grid.row(context, place, {selected, 0, 0});
    const bool bright = selected || grid.row_hovered();
    const bool quiet = is_beat(frame.kind);
    const ImU32 text = quiet ? (bright ? c.t3 : c.t4) : c.t2;
    grid.text(context, 0, p.f().mono, c.t3, clock_ms(wall(frame.at)));
    const Rect arrow = grid.cell_inner(context, 1);
    if (is_error(frame.kind)) {
        p.mark(Mark::error, arrow.x, arrow.y, arrow.h);
    } else {
        const ImVec2 pos(arrow.x, arrow.y + (arrow.h - context.px(12)) / 2);
        draw_icon(p.list(), context.theme, frame.outgoing ? Icon::arrow_out : Icon::arrow_in, pos,
                  frame.outgoing ? c.t2 : c.live);
    }
    grid.text(context, 2, p.f().cell, is_error(frame.kind) ? c.err : text, engine::to_string(frame.kind));
    grid.text(context, 3, p.f().mono, c.t3, bytes(frame.size));
    const Rect cell = grid.cell_inner(context, 4);
    float x = cell.x;
    const std::string_view subscription = subscription_of(context.snapshot, frame.subscription);
    if (!subscription.empty()) {
        x = p.text_cut(p.f().mono, x, cell.right(), cell.y, cell.h, c.t3, subscription) + context.px(12);
    }
    if (frame.text) {
        p.text_cut(p.f().mono, x, cell.right(), cell.y, cell.h, text, *frame.text);
    }
}

void ConnectionsView::frames(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    if (!narrow_) {
        p.hline(area.x, area.right(), area.y, c.line);
        const Rect row = area.take_top(context.px(32));
        float x = section_title(context, row, context.px(16), "Frames") + context.px(10);
        std::array<SegmentItem, 4> items{kKinds[0], kKinds[1], kKinds[2], {"errors", {}}};
        ShortText errors("Errors ");
        errors.append(number(static_cast<std::int64_t>(errors_)));
        items[3].label = errors.view();
        const int clicked =
            segment(context, "connections/kinds", x, row.y, row.h, items, static_cast<int>(kinds_), true);
        if (clicked >= 0) {
            kinds_ = static_cast<Kinds>(clicked);
            listed_to_ = UINT64_MAX;
        }
        x += segment_width(context, items, true) + context.px(10);
        const ButtonOptions small{ButtonKind::normal, true, nullptr, hide_beats_ ? c.t1 : c.t3};
        if (button(context, "connections/beats", x, row.y, row.h,
                   hide_beats_ ? "hide heartbeats: on" : "hide heartbeats: off", small)) {
            hide_beats_ = !hide_beats_;
            listed_to_ = UINT64_MAX;
        }
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, c.t3, "tokens are never shown or stored");
    }
    list_frames(context);
    GridStyle style;
    style.row_height = 20;
    style.sorted = 0;
    style.descending = true;
    const auto rows = static_cast<std::int64_t>(range_end_ - range_begin_);
    frames_grid_.begin(context, "connections/frames", area, kFrameColumns, rows, style);
    for (std::int64_t i = frames_grid_.first(); i < frames_grid_.last(); ++i) {
        frame_row(context, i);
    }
    frames_grid_.end(context);
    if (rows == 0) {
        empty_state(context, frames_grid_.body(),
                    context.snapshot.frames.empty() ? "No frame has passed yet." : "No frame matches.");
    }
    if (frames_grid_.clicked() >= 0) {
        select(context, frames_grid_.clicked());
    }
    if (frames_grid_.double_clicked() >= 0) {
        context.ui.inspector_open = true;
        context.ui.inspector_overlay = narrow_;
    }
}

void ConnectionsView::draw(Context& context, Rect area) {
    narrow_ = context.layout.narrow;
    header(context, area);
    const float subscription_rows =
        static_cast<float>(std::clamp<std::size_t>(context.snapshot.subscriptions.size(), 1, 6));
    const float subscriptions_height = context.px(32 + 22 + 24 * subscription_rows + 8);
    if (narrow_) {
        state(context, area.take_top(context.px(54)));
        subscriptions(context, area.take_top(subscriptions_height));
        const Painter p(context.theme);
        constexpr std::array<SegmentItem, 2> kTabs = {{{"frames", "Frames"}, {"attempts", "Attempts"}}};
        p.hline(area.x, area.right(), area.y, p.c().line);
        const int clicked = tabs(context, "connections/tab", area.take_top(context.px(28)), kTabs, narrow_tab_);
        narrow_tab_ = clicked >= 0 ? clicked : narrow_tab_;
        if (narrow_tab_ == 0) {
            frames(context, area);
        } else {
            attempts(context, area);
        }
        return;
    }
    // Low windows keep room for a few frames before the picture of the states.
    const float rest = area.h - subscriptions_height - context.px(32 + 22 + 20 * 4);
    if (rest >= context.px(240)) {
        Rect top = area.take_top(context.px(240));
        const Painter p(context.theme);
        const Rect right = top.take_right(std::min(context.px(352), top.w * 0.4F));
        p.vline(right.x, right.y, right.bottom(), p.c().line);
        state(context, top);
        attempts(context, right);
    } else {
        state(context, area.take_top(context.px(30)));
    }
    subscriptions(context, area.take_top(subscriptions_height));
    frames(context, area);
}

void ConnectionsView::select(Context& context, std::int64_t place) {
    context.ui.selection =
        Selection{Selection::Kind::frame, {}, listed_[range_end_ - 1 - static_cast<std::size_t>(place)]};
    frames_grid_.reveal(place);
}

void ConnectionsView::move_selection(Context& context, int rows) {
    const auto count = static_cast<std::int64_t>(range_end_ - range_begin_);
    if (count == 0) {
        return;
    }
    std::int64_t place = rows > 0 ? -1 : 0;
    if (context.ui.selection.kind == Selection::Kind::frame) {
        const auto it = std::lower_bound(listed_.begin(), listed_.end(), context.ui.selection.number);
        if (it != listed_.end() && *it == context.ui.selection.number) {
            place = static_cast<std::int64_t>(range_end_) - 1 - (it - listed_.begin());
        }
    }
    select(context, std::clamp<std::int64_t>(place + rows, 0, count - 1));
}

void ConnectionsView::select_edge(Context& context, Edge edge) {
    const auto count = static_cast<std::int64_t>(range_end_ - range_begin_);
    if (count > 0) {
        select(context, edge == Edge::first ? 0 : count - 1);
    }
}

} // namespace fhirscope::gui
