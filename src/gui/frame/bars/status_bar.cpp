#include "gui/frame/bars/status_bar.hpp"

#include "gui/frame/incident_links.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::chrono::seconds rate_window{2};

} // namespace

// At a moment they are read from the log, since no frame went before it.
void StatusBar::count_frames(const Context& context) {
    std::uint64_t in = 0, out = 0;
    const auto& frames = context.snapshot.frames;
    for (std::uint64_t number = frames.end(); number > frames.first(); --number) {
        const engine::FrameRow& row = frames[number - 1];
        if (row.at <= context.now - rate_window) break;
        if (row.kind != engine::FrameKind::Open && row.kind != engine::FrameKind::Close) ++(row.outgoing ? out : in);
    }
    constexpr double s = std::chrono::duration<double>(rate_window).count();
    in_ = static_cast<double>(in) / s;
    out_ = static_cast<double>(out) / s;
    counted_ = {};
}

void StatusBar::refresh(const Context& context) {
    const bool moment = shows_moment(context);
    if (!moment && context.now >= refreshed_ && context.now - refreshed_ < figure_step) return;
    refreshed_ = context.now;
    frame_ms_ = context.stats.cpu_ms;
    fps_ = context.stats.frames_per_second;
    latency_.update(context.snapshot, context.now);
    if (moment) return count_frames(context);
    const engine::Counters& counters = context.snapshot.metrics.counters;
    const auto passed = context.now - counted_;
    if (counted_ == LocalTime{} || counters.frames_in < frames_in_ || passed >= rate_window ||
        passed < LocalTime::duration(0)) {
        if (counted_ != LocalTime{} && counters.frames_in >= frames_in_ && passed > LocalTime::duration(0)) {
            const double s = std::chrono::duration<double>(passed).count();
            in_ = static_cast<double>(counters.frames_in - frames_in_) / s;
            out_ = static_cast<double>(counters.frames_out - frames_out_) / s;
        }
        frames_in_ = counters.frames_in;
        frames_out_ = counters.frames_out;
        counted_ = context.now;
    }
}

void StatusBar::draw(Context& context, const Rect& area) {
    refresh(context);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    const bool narrow = context.layout.narrow;
    float x = area.x + context.px(narrow ? 11 : 14);
    const auto figure = [&](std::string_view name, std::string_view value, std::string_view tip) {
        const float begin = x;
        if (!name.empty()) x = p.text(p.f().small, x, area.y, area.h, c.t4, name) + context.px(6);
        x = p.text(p.f().mono_small, x, area.y, area.h, c.t2, value);
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        if (!tip.empty() && ImGui::IsWindowHovered() && Rect{begin, area.y, x - begin, area.h}.contains(mouse))
            tooltip(context, tip);
        x += context.px(narrow ? 14 : 18);
    };
    const auto about_process = [&] {
        if (context.stats.memory > 0) {
            figure("Memory", bytes(context.stats.memory), "Resident memory of this process");
        }
        ShortText frame = decimal(frame_ms_, frame_ms_ < 9.95 ? 1 : 0);
        figure("Frame", frame.append("\u00A0ms"), "CPU time to build a frame");
    };
    if (!context.session.open) {
        about_process();
        p.text_right(p.f().small, area.right() - context.px(narrow ? 11 : 14), area.y, area.h, c.t3,
                     context.opening != nullptr ? "Opening" : "Ready");
        return;
    }
    figure("In", in_ < 0 ? ShortText("?") : rate(in_), "Frames received, of the last two seconds");
    if (!narrow) {
        figure("Out", out_ < 0 ? ShortText("?") : rate(out_), "Frames sent, of the last two seconds");
        figure("p50",
               latency_.any() ? duration_list(std::chrono::microseconds(latency_.percentile(0.5))) : ShortText("?"),
               "Server commit to applied, updates of the last minute");
    }
    figure("p99", latency_.any() ? duration_list(std::chrono::microseconds(latency_.percentile(0.99))) : ShortText("?"),
           "Server commit to applied, updates of the last minute");
    figure("Queue", number(static_cast<std::int64_t>(context.snapshot.queue_size)),
           "Updates that wait for the pipeline");
    if (!narrow) about_process();
    ShortText fps = decimal(fps_, 0);
    figure("", fps.append("\u00A0fps"), "Frames drawn; without changes only ages need one a second");

    // From the right: what is not well, as the top bar says it.
    if (const diagnosis::IncidentPtr worst = context.findings.incidents().worst()) {
        const std::string text = sentence_of(context.findings.incidents());
        const float right = area.right() - context.px(narrow ? 11 : 14);
        const float room = right - x - context.px(12 + 7);
        const float w = std::min(room, Painter::width(p.f().small, text));
        if (w > context.px(40)) {
            p.text_cut(p.f().small, right - w, right, area.y, area.h, c.t2, text);
            p.mark(severity_mark(worst->severity), right - w - context.px(19), area.y, area.h);
            const Hit news =
                hit(context, "status/news", Rect{right - w - context.px(19), area.y, w + context.px(19), area.h});
            if (news.hovered) tooltip(context, text);
            if (news.clicked) open_worst_incident(context);
        }
    }
}

} // namespace fhirscope::gui
