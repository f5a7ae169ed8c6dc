// The subscriptions on the socket: their state, the life of their tokens, and how regular their heartbeats are.

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/connections/connections_view.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

// A Subscription lives 24 h on a Medplum server; the engine makes a new one an hour before.
constexpr std::chrono::hours life{24};
constexpr seconds beat_period{10};

constexpr std::array<GridColumn, 8> subscription_columns = {{{"criteria", "Criteria", 208, Align::Left, true},
                                                             {"id", "Id", 76},
                                                             {"state", "State", 110},
                                                             {"token", "Token expires in", 104, Align::Right},
                                                             {"beats", "   Heartbeats", 140},
                                                             {"events", "Events", 80, Align::Right},
                                                             {"last", "Last", 56, Align::Right},
                                                             {"age", "Age of 24 h", 138, Align::Right}}};
constexpr std::array<std::size_t, 5> narrow_subscription = {0, 2, 3, 5, 6};
constexpr float all_subscription_columns = 860; // less than their sum: the criteria give way

} // namespace

// How much is asked to find subscriptions that hear nothing although all seems well.
float ConnectionsView::checks(Context& context, const Rect& row, float x, std::uint32_t budget) {
    const Painter p(context.theme);
    const std::uint32_t asked = context.snapshot.connection.checks_last_minute;
    ShortText text("Checks in the last minute: ");
    text.append(number(asked)).append(" of ").append(number(budget));
    const ImU32 color = asked >= budget ? p.c().att : p.c().t3;
    const float end = p.text_cut(p.f().small, x, row.right() - context.px(12), row.y, row.h, color, text);
    const Rect box{x, row.y, end - x, row.h};
    context.target("connections/checks", box);
    if (!context.pointed_at(box)) return end;
    std::string tip =
        "A socket that brings nothing looks like a server on which nothing changes. So each subscription is checked "
        "from time to time, and at once where something looks odd: whether it is still there, and whether a search "
        "finds what it did not bring. The server has other clients, so no check is begun beyond this number of "
        "requests a minute; a suspicion goes first.";
    if (asked >= budget) tip += "\nThe limit is reached: checks wait until there is room.";
    tooltip(context, tip);
    return end;
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
        if (problem.empty() && !subscription.problem.empty())
            problem = subscription.name + ": " + words::text(subscription.problem);
    }
    const std::string count =
        std::to_string(bound) + " of " + std::to_string(all.size()) + " active" + (context.ui.brush ? " now" : "");
    float x = section_title(context, row, context.px(16), "Subscriptions", count);
    if (const auto budget = context.snapshot.connection.check_budget; budget > 0)
        x = checks(context, row, x + context.px(14), budget);
    if (!problem.empty()) {
        const float w = std::min(Painter::width(p.f().small, problem), row.right() - context.px(40) - x);
        p.text_cut(p.f().small, row.right() - context.px(12) - w, row.right() - context.px(12), row.y, row.h, c.att,
                   problem);
    }
    std::array<GridColumn, 8> columns = subscription_columns;
    const bool few = area.w < context.px(all_subscription_columns);
    const std::span<const GridColumn> shown = columns_for(few, columns, narrow_subscription);
    subscriptions_grid_.begin(context, "connections/subscriptions", area, shown, static_cast<std::int64_t>(all.size()),
                              GridStyle{});
    for (std::int64_t i = subscriptions_grid_.first(); i < subscriptions_grid_.last(); ++i) {
        const engine::SubscriptionView& subscription = all[static_cast<std::size_t>(i)];
        subscriptions_grid_.row(context, i, {});
        Grid& grid = subscriptions_grid_;
        const ImU32 faint = grid.row_hovered() ? c.t3 : c.t4;
        for (std::size_t at = 0; at < shown.size(); ++at) {
            const Rect cell = grid.cell_inner(context, at);
            switch (few ? narrow_subscription[at] : at) {
                case 0:
                    grid.text(context, at, p.f().mono, c.t1, subscription.criteria);
                    break;
                case 1:
                    grid.text(context, at, p.f().mono, faint, short_id(subscription.id));
                    break;
                case 2: {
                    using engine::SubscriptionState;
                    const Mark mark = subscription.state == SubscriptionState::Live      ? Mark::Ok
                                      : subscription.state == SubscriptionState::Refused ? Mark::Error
                                      : subscription.problem.empty()                     ? Mark::Info
                                                                                         : Mark::Attention;
                    const float text_x = p.mark(mark, cell.x, cell.y, cell.h) + context.px(7);
                    p.text_cut(p.f().body, text_x, cell.right(), cell.y, cell.h,
                               subscription.state == SubscriptionState::Refused ? c.err : c.t2,
                               engine::to_string(subscription.state));
                    break;
                }
                case 3: {
                    if (subscription.token_expires == LocalTime{}) break;
                    const auto left = subscription.token_expires - context.now;
                    const bool soon = left < std::chrono::minutes(2);
                    grid.text(context, at, p.f().mono, soon ? c.att : c.t2,
                              left <= seconds(0) ? ShortText("expired") : age(left, AgeUnits::Two));
                    break;
                }
                case 4: {
                    // The newest twelve; a beat that came late is marked.
                    constexpr std::size_t most_shown = 12;
                    const auto& beats = subscription.heartbeats;
                    const std::size_t first = beats.size() > most_shown ? beats.size() - most_shown : 0;
                    float x0 = cell.x + context.px(8);
                    for (std::size_t k = 0; k < most_shown; ++k, x0 += context.px(5)) {
                        const bool there = first + k < beats.size();
                        const bool late =
                            there && first + k > 0 && beats[first + k] - beats[first + k - 1] > beat_period * 3 / 2;
                        p.fill(Rect{snap(x0), cell.y + std::floor((cell.h - context.px(8)) / 2), context.px(3),
                                    context.px(8)},
                               there ? (late ? c.attm : c.s2) : c.bg2);
                    }
                    if (subscription.last_heartbeat != LocalTime{}) {
                        const auto quiet = context.now - subscription.last_heartbeat;
                        const bool late =
                            quiet > beat_period * 3 / 2 && subscription.state == engine::SubscriptionState::Live;
                        p.put(p.f().mono, x0 + context.px(8), cell.y, cell.h, late ? c.att : c.t2, age(quiet));
                    }
                    break;
                }
                case 5:
                    grid.text(context, at, p.f().mono, c.t2, number(static_cast<std::int64_t>(subscription.events)));
                    break;
                case 6:
                    if (subscription.last_event != LocalTime{})
                        grid.text(context, at, p.f().mono, c.t2, age(context.now - subscription.last_event));
                    break;
                default: {
                    if (subscription.created == LocalTime{}) break;
                    const auto lived = std::max(context.now - subscription.created, LocalTime::duration(0));
                    const bool old = lived > std::chrono::hours(22);
                    grid.text(context, at, p.f().mono, old ? c.att : c.t2, age(lived, AgeUnits::Two));
                    const float share =
                        std::min(1.0F, std::chrono::duration<float>(lived) / std::chrono::duration<float>(life));
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
            if (!subscription.problem.empty()) text += "\n" + words::text(subscription.problem);
            if (const diagnosis::IncidentPtr incident = incident_about(context, subscription.criteria))
                text += "\n" + incident->headline + " (a click opens the incident)";
            if (subscription.missed_heartbeats > 0)
                text += "\n" + std::to_string(subscription.missed_heartbeats) + " heartbeats were missed";
            tooltip(context, text);
        }
    }
    subscriptions_grid_.end(context);
    if (const std::int64_t clicked = subscriptions_grid_.clicked(); clicked >= 0) {
        if (const auto incident = incident_about(context, all[static_cast<std::size_t>(clicked)].criteria))
            open_incident(context, *incident);
    }
    if (all.empty()) empty_state(context, subscriptions_grid_.body(), "Nothing is subscribed to.");
}

} // namespace fhirscope::gui
