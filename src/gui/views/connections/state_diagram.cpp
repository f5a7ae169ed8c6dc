#include "gui/views/connections/state_diagram.hpp"

#include "gui/base/format.hpp"
#include "gui/model/connection_times.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

using engine::Phase;

struct Node {
    Phase phase;
    float x, y, w;
};

// Positions of the design's picture.
constexpr float node_height = 36; // the name, and the time in the phase
constexpr Node nodes[] = {
    {Phase::Idle, 16, 83, 66},        {Phase::Opening, 118, 83, 92}, {Phase::Binding, 246, 83, 74},
    {Phase::CatchingUp, 356, 83, 92}, {Phase::Live, 484, 83, 72},    {Phase::BackingOff, 118, 151, 92},
    {Phase::Closed, 16, 151, 66},
};

// Parts of a second where it was short, else two units.
ShortText duration_or_age(LocalTime::duration time) {
    return time < std::chrono::minutes(1) ? duration_detail(time) : age(time, AgeUnits::Two);
}

class Diagram {
public:
    Diagram(Context& context, const Rect& area)
        : context_(context),
          p_(context.theme),
          area_(area),
          times_(phase_times(context.snapshot.connection, context.snapshot.metrics.started, context.now)) {}

    void draw() {
        const auto& counts = context_.snapshot.connection.transition_counts;
        const auto count = [&](Phase from, Phase to) -> std::uint32_t {
            const auto it = counts.find({from, to});
            return it == counts.end() ? 0 : it->second;
        };
        const auto total = [&](std::initializer_list<std::pair<Phase, Phase>> changes) {
            std::uint32_t sum = 0;
            for (const auto& [from, to] : changes) {
                sum += count(from, to);
            }
            return sum;
        };
        const auto& transitions = context_.snapshot.connection.transitions;
        const auto hot = [&](Phase from, Phase to) {
            return !transitions.empty() && transitions.back().from == from && transitions.back().to == to;
        };
        edge({{82, 101}, {118, 101}}, count(Phase::Idle, Phase::Opening), 97, 90, hot(Phase::Idle, Phase::Opening));
        edge({{210, 101}, {246, 101}}, count(Phase::Opening, Phase::Binding), 225, 90,
             hot(Phase::Opening, Phase::Binding));
        edge({{320, 101}, {356, 101}}, total({{Phase::Binding, Phase::CatchingUp}, {Phase::Binding, Phase::Live}}), 335,
             90, hot(Phase::Binding, Phase::CatchingUp));
        edge({{448, 101}, {484, 101}}, count(Phase::CatchingUp, Phase::Live), 463, 90,
             hot(Phase::CatchingUp, Phase::Live));
        edge({{150, 119}, {150, 151}}, count(Phase::Opening, Phase::BackingOff), 138, 135,
             hot(Phase::Opening, Phase::BackingOff));
        edge({{178, 151}, {178, 119}}, count(Phase::BackingOff, Phase::Opening), 192, 135,
             hot(Phase::BackingOff, Phase::Opening));
        const std::uint32_t lost = total({{Phase::Live, Phase::BackingOff},
                                          {Phase::CatchingUp, Phase::BackingOff},
                                          {Phase::Binding, Phase::BackingOff},
                                          {Phase::Live, Phase::Opening},
                                          {Phase::CatchingUp, Phase::Opening}});
        edge({{520, 119}, {520, 169}, {210, 169}}, lost, 352, 158, hot(Phase::Live, Phase::BackingOff),
             lost > 0 ? ", connection lost" : "");
        const std::uint32_t closed = total({{Phase::Opening, Phase::Closed},
                                            {Phase::BackingOff, Phase::Closed},
                                            {Phase::Live, Phase::Closed},
                                            {Phase::Binding, Phase::Closed},
                                            {Phase::CatchingUp, Phase::Closed}});
        edge({{118, 175}, {82, 175}}, closed, 100, 188, false);
        for (const Node& node : nodes) box(node);
    }

private:
    ImVec2 at(float x, float y) const { return {area_.x + context_.px(x), area_.y + context_.px(y)}; }

    void edge(std::initializer_list<ImVec2> points, std::uint32_t count, float label_x, float label_y, bool hot,
              std::string_view words = {}) {
        const Palette& c = p_.c();
        const ImU32 color = hot ? c.live : count > 0 ? c.line3 : c.line2;
        ImVec2 corners[4];
        int n = 0;
        for (const ImVec2& point : points) corners[n++] = at(point.x + 0.5F, point.y + 0.5F);
        // The line ends where the arrow begins.
        const ImVec2 tip = corners[n - 1];
        const ImVec2 before = corners[n - 2];
        const float length = std::max(1.0F, std::hypot(tip.x - before.x, tip.y - before.y));
        const ImVec2 along((tip.x - before.x) / length, (tip.y - before.y) / length);
        const float head = context_.px(7);
        const float half = head / 2;
        const ImVec2 base(tip.x - along.x * head, tip.y - along.y * head);
        corners[n - 1] = base;
        p_.list().AddPolyline(corners, n, color, ImDrawFlags_None,
                              hot ? 1.5F * context_.theme.scale : 1.2F * context_.theme.scale);
        p_.list().AddTriangleFilled(tip, ImVec2(base.x - along.y * half, base.y + along.x * half),
                                    ImVec2(base.x + along.y * half, base.y - along.x * half), color);
        if (count > 0) {
            ShortText label = number(count);
            label.append(words);
            const ImVec2 center = at(label_x, label_y);
            const float w = Painter::width(p_.f().mono_small, label);
            p_.text(p_.f().mono_small, center.x - w / 2, center.y - context_.px(7), context_.px(14), hot ? c.t1 : c.t3,
                    label);
        }
    }

    void box(const Node& node) {
        const Palette& c = p_.c();
        const bool on = context_.snapshot.connection.phase == node.phase;
        const bool troubled = node.phase == Phase::BackingOff;
        const ImVec2 pos = at(node.x, node.y);
        const Rect rect{snap(pos.x), snap(pos.y), context_.px(node.w), context_.px(node_height)};
        // Blue only for live data; the wait before the next try is attention; other phases are neutral.
        const ImU32 fill = !on ? c.bg2 : node.phase == Phase::Live ? c.live : troubled ? c.attm : c.line2;
        const ImU32 text = !on                         ? (node.phase == Phase::Closed ? c.t4 : c.t1)
                           : node.phase == Phase::Live ? c.ink
                           : troubled                  ? c.onatt
                                                       : c.t1;
        p_.fill(rect, fill, context_.px(4));
        if (!on) p_.outline(rect, c.line2, context_.px(4));
        const auto time = times_.of(node.phase);
        const bool been = time > LocalTime::duration(0);
        const float name_h = been ? context_.px(20) : rect.h;
        p_.text_center(on ? p_.f().bold : p_.f().cell, rect.x, rect.w, rect.y + context_.px(been ? 2 : 0), name_h, text,
                       engine::to_string(node.phase));
        if (been) {
            p_.text_center(p_.f().axis, rect.x, rect.w, rect.y + context_.px(20), context_.px(13), on ? text : c.t3,
                           duration_or_age(time));
        }
        if (context_.pointed_at(rect)) {
            std::string tip(engine::to_string(node.phase));
            tip.append(", ").append(been ? duration_or_age(time).view() : "never").append(" in all, since ");
            tooltip(context_, tip.append(clock_s(wall(times_.since)).view()));
        }
    }

    Context& context_;
    Painter p_;
    Rect area_;
    PhaseTimes times_;
};

} // namespace

void draw_state_diagram(Context& context, const Rect& area) {
    const Painter p(context.theme);
    Diagram(context, area).draw();
    const auto& transitions = context.snapshot.connection.transitions;
    if (transitions.empty()) {
        p.put(p.f().small, area.x + context.px(16), area.y + context.px(24), context.px(16), p.c().t3, "No change yet");
        return;
    }
    const engine::Transition& last = transitions.back();
    ShortText when("Last change ");
    p.put(p.f().small, area.x + context.px(16), area.y + context.px(22), context.px(16), p.c().t2,
          when.append(clock_ms(wall(last.at))));
    std::string what(engine::to_string(last.from));
    what.append(" → ").append(engine::to_string(last.to));
    if (!last.reason.empty()) what.append(", ").append(words::text(last.reason));
    p.text_cut(p.f().small, area.x + context.px(16), area.x + std::min(area.w, context.px(470)),
               area.y + context.px(38), context.px(16), p.c().t3, what);
}

AttemptRun last_run(const std::vector<engine::Attempt>& attempts) {
    if (attempts.empty()) return {};
    AttemptRun run{attempts.size() - 1, attempts.size()};
    while (run.begin > 0 && !attempts[run.begin - 1].opened) --run.begin;
    return run;
}

void draw_attempts(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const auto& attempts = context.snapshot.connection.attempts;
    AttemptRun run = last_run(attempts);
    if (run.begin == run.end) {
        p.put(p.f().small, area.x + px(16), area.y + px(24), px(16), c.t3, "No attempt yet");
        return;
    }
    constexpr std::size_t most_shown = 5;
    const std::size_t hidden = run.end - run.begin > most_shown ? run.end - run.begin - most_shown : 0;
    const std::size_t first = run.begin + hidden;
    const LocalTime zero =
        attempts[first].wait_began == LocalTime{} ? attempts[first].began : attempts[first].wait_began;
    const auto since = [&](LocalTime time) {
        return time == LocalTime{} ? 0.0 : std::max(0.0, std::chrono::duration<double>(time - zero).count());
    };
    const bool open_end = attempts[run.end - 1].ended == LocalTime{};
    double whole = std::max(0.05, since(open_end ? context.now : attempts[run.end - 1].ended));
    double step = 0.05;
    for (const double candidate : {0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0}) {
        step = candidate;
        if (whole / candidate <= 4) break;
    }
    const double most = std::max(step * std::ceil(whole / step), step);
    const float left = area.x + px(34);
    // The results stand beside the bars where there is room.
    const float width = area.w - px(34 + 22) - (area.w > px(300) ? px(96) : 0);
    const auto x_of = [&](double s) { return left + static_cast<float>(std::min(1.0, s / most)) * width; };
    for (double s = 0; s <= most + step / 2; s += step) {
        const float x = snap(x_of(s));
        p.vline(x, area.y + px(24), area.y + px(146), c.line);
        const int digits = step < 0.1 || step == 0.25 ? 2 : step < 1 ? 1 : 0;
        ShortText label = decimal(s, digits);
        if (s + step > most + step / 2) label.append("\u00A0s");
        p.put(p.f().axis, x - Painter::width(p.f().axis, label) / 2, area.y + px(150), px(14), c.t4, label);
    }
    for (std::size_t i = first; i < run.end; ++i) {
        const engine::Attempt& attempt = attempts[i];
        const float y = area.y + px(28) + static_cast<float>(i - first) * px(24);
        p.text_right(p.f().mono_small, area.x + px(22), y, px(14), c.t3,
                     number(static_cast<std::int64_t>(i - run.begin + 1)));
        const double wait = since(attempt.wait_began == LocalTime{} ? attempt.began : attempt.wait_began);
        const double began = since(attempt.began);
        const double ended = attempt.ended == LocalTime{} ? since(context.now) : since(attempt.ended);
        p.fill(Rect{x_of(wait), y + px(2), x_of(began) - x_of(wait), px(10)}, c.line2, px(1));
        const bool failed = !attempt.opened && attempt.ended != LocalTime{};
        const float bar = std::max(px(3), x_of(ended) - x_of(began));
        p.fill(Rect{x_of(began), y + px(2), bar, px(10)}, attempt.opened ? c.ok : failed ? c.err : c.s2, px(1));
        float end = x_of(began) + bar;
        if (attempt.limit.count() > 0) {
            const double limit = wait + std::chrono::duration<double>(attempt.limit).count();
            if (limit <= most) {
                p.dashed_vline(snap(x_of(limit)), y, y + px(14), c.t4);
                end = std::max(end, x_of(limit));
            }
        }
        std::string label = attempt.result.empty() ? "connecting" : words::text(attempt.result);
        const ShortText took = duration_detail(
            std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::max(0.0, ended - wait))));
        label.append(", ");
        const float words = Painter::width(p.f().small, label) + Painter::width(p.f().mono_small, took);
        const ImU32 color = attempt.opened ? c.t1 : c.t3;
        const bool before = end + px(14) + words > area.right() - px(4);
        float x = before ? std::max(left, x_of(wait) - px(6) - words) : end + px(14);
        if (before && x_of(wait) - px(6) - words < left)
            x = std::max(left + px(4), area.right() - px(8) - words); // no room on either side: over the bar
        x = p.text(p.f().small, x, y, px(14), color, label);
        p.put(p.f().mono_small, x, y, px(14), color, took);
    }
    float x = area.x + px(16);
    const float y = area.y + px(172);
    const auto legend = [&](ImU32 color, std::string_view text) {
        p.fill(Rect{x, y + px(4), px(8), px(8)}, color, px(1));
        x = p.text(p.f().small, x + px(13), y, px(16), c.t3, text) + px(14);
    };
    legend(c.line2, "wait");
    legend(c.err, "failed");
    legend(c.ok, "opened");
    p.dashed_vline(x + px(4), y + px(3), y + px(13), c.t4);
    p.put(p.f().small, x + px(13), y, px(16), c.t3, "limit before jitter");
}

} // namespace fhirscope::gui
