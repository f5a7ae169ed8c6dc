#include "gui/views/replay/replay_view.hpp"

#include "diagnosis/rules.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float side_width = 316;    // of the figures
constexpr float moment_height = 206; // which bookmarks have beside them

// "c4d1 77e0": enough to tell two states apart by eye.
ShortText hash_text(std::uint64_t hash) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%04x %04x", static_cast<unsigned>(hash >> 48U & 0xffffU),
                  static_cast<unsigned>(hash >> 32U & 0xffffU));
    return ShortText(text.data());
}

ShortText part_of(std::uint64_t part, std::uint64_t all) {
    ShortText text = number(static_cast<std::int64_t>(part));
    return text.append(" of ").append(number(static_cast<std::int64_t>(all)));
}

std::uint64_t applied(const engine::Snapshot& snapshot) {
    return snapshot.metrics.outcomes[static_cast<std::size_t>(engine::Outcome::Applied)];
}

} // namespace

bool ReplayView::offered(const Context& context) const { return shows_moment(context); }

void ReplayView::header(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const PlayheadStatus& status = *context.playhead;
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float right = row.right() - context.px(12);
    if (!status.problem.empty() || status.seeking) {
        std::string words = status.problem;
        if (words.empty()) words = "looking for " + std::string(clock_s(wall(status.at)).view());
        right = p.text_right(p.f().body, right, row.y, row.h, status.problem.empty() ? c.t3 : c.err, words) -
                context.px(10);
        if (!status.problem.empty()) right = right - context.px(mark_box);
        if (!status.problem.empty()) p.mark(Mark::Error, right, row.y, row.h);
    }
    float x = p.text(p.f().bold, row.x + context.px(16), row.y, row.h, c.t1, "Replay") + context.px(12);
    x = p.text_cut(p.f().mono, x, right, row.y, row.h, c.t1, context.session.title) + context.px(12);
    constexpr std::chrono::hours another_day{48}; // so that the date is said
    ShortText what = clock_or_date(wall(status.first), wall(status.first + another_day));
    what.append(", ").append(age(status.last - status.first, AgeUnits::Two)).append(", ");
    what.append(number(static_cast<std::int64_t>(context.whole->updates.end()))).append(" updates");
    if (x < right) p.text_cut(p.f().mono, x, right, row.y, row.h, c.t3, what);
}

void ReplayView::at_playhead(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const PlayheadStatus& status = *context.playhead;
    section_title(context, area.take_top(context.px(32)), context.px(14), "At the playhead",
                  clock_ms(wall(context.now)));
    const auto line = [&](std::string_view key, std::string_view value) {
        float y = area.y;
        key_value(context, area, y, key, value);
        area.take_top(y - area.y);
    };
    line("Resources held", number(static_cast<std::int64_t>(diagnosis::shown_resources(context.snapshot))));
    line("Updates applied", part_of(applied(context.snapshot), applied(*context.whole)));
    line("Inputs", part_of(status.inputs, status.of));
    line("Open conflicts", number(static_cast<std::int64_t>(context.snapshot.open_conflicts)));
    ShortText connection(uncapitalised(engine::to_string(context.snapshot.connection.phase)));
    if (context.snapshot.connection.since != LocalTime{})
        connection.append(", ").append(age(context.now - context.snapshot.connection.since, AgeUnits::Two));
    line("Connection", connection);
    line("Can be shown from", clock_ms(wall(status.first)));
    // The recorded state is that of the end.
    const Rect row = area.take_top(context.px(20));
    p.put(p.f().cell, row.x + context.px(14), row.y, row.h, c.t3, "State");
    const bool known = status.as_recorded && status.at_end;
    ShortText words;
    if (known) words.append(*status.as_recorded ? "as recorded" : "other than recorded");
    if (status.hash != 0) words.append(words.empty() ? "" : ", ").append(hash_text(status.hash));
    const float x = p.text_right(p.f().mono, row.right() - context.px(14), row.y, row.h,
                                 known && !*status.as_recorded ? c.err : c.t2,
                                 words.empty() ? std::string_view("not known yet") : words.view());
    if (known) p.mark(*status.as_recorded ? Mark::Ok : Mark::Error, x - context.px(mark_box + 6), row.y, row.h);
    context.target("replay/state-hash", row);
    if (!context.pointed_at(row)) return;
    if (!status.not_compared.empty())
        tooltip(context, "Not compared with the recorded state: " + status.not_compared);
    else
        tooltip(context, "A hash of all of the engine's state. That of the end is compared with the recorded one.");
}

void ReplayView::draw(Context& context, Rect area) {
    if (context.playhead == nullptr) {
        empty_state(context, area, "Only the newest moment of this session can be shown.");
        return;
    }
    const Painter p(context.theme);
    header(context, area.take_top(context.px(40)));
    if (context.layout.narrow) {
        constexpr std::array<SegmentItem, 3> items = {
            {{"state", "State diff"}, {"bookmarks", "Bookmarks"}, {"moment", "At the playhead"}}};
        const int clicked = tabs(context, "replay/tab", area.take_top(context.px(28)), items, tab_);
        tab_ = clicked >= 0 ? clicked : tab_;
        if (tab_ == 0)
            state_.draw(context, area);
        else if (tab_ == 1)
            bookmarks_.draw(context, area);
        else
            at_playhead(context, area);
        return;
    }
    Rect lower = area.take_bottom(std::min(context.px(moment_height), area.h / 2));
    state_.draw(context, area);
    p.hline(lower.x, lower.right(), lower.y, p.c().line);
    lower.take_top(context.px(1));
    const Rect moment = lower.take_right(std::min(context.px(side_width), lower.w * 0.4F));
    p.vline(moment.x, moment.y, moment.bottom(), p.c().line);
    bookmarks_.draw(context, lower);
    at_playhead(context, moment);
}

std::int64_t ReplayView::row_count(Context& /*context*/) { return static_cast<std::int64_t>(state_.rows().size()); }

std::optional<std::int64_t> ReplayView::selected_row(const Context& context) const {
    return state_.selected_row(context);
}

void ReplayView::select_row(Context& context, std::int64_t row) { state_.select_row(context, row); }

} // namespace fhirscope::gui
