// The timeline of a page: what the connection was, updates, and incidents as stretches.

#include "app/incident_report.hpp"
#include "app/page.hpp"
#include "diagnosis/incident_text.hpp"
#include "diagnosis/report_parts.hpp"

#include <algorithm>

namespace fhirscope::app {

std::string_view class_of(diagnosis::Severity severity) {
    return severity == diagnosis::Severity::Error ? "err" : severity == diagnosis::Severity::Attention ? "att" : "info";
}

void PageFacts::take(const engine::Snapshot& snapshot) {
    const std::uint64_t received = snapshot.metrics.counters.received;
    const std::int64_t second =
        std::chrono::duration_cast<std::chrono::seconds>(snapshot.at.time_since_epoch()).count() / step * step;
    if (received > received_) {
        if (!counts.empty() && counts.back().second == second)
            counts.back().updates += received - received_;
        else
            counts.push_back({second, received - received_});
        received_ = received;
    }
    if (counts.size() > most_counts) { // a long one: two steps become one
        step *= 2;
        std::vector<Count> wide;
        for (const Count& count : counts) {
            const std::int64_t begin = count.second / step * step;
            if (!wide.empty() && wide.back().second == begin)
                wide.back().updates += count.updates;
            else
                wide.push_back({begin, count.updates});
        }
        counts = std::move(wide);
    }
    const engine::ConnectionView& connection = snapshot.connection;
    const LocalTime known = phases.empty() ? LocalTime{} : phases.back().from;
    for (const engine::Transition& transition : connection.transitions) {
        if (transition.at <= known) continue;
        if (!phases.empty() && phases.back().state == transition.to_state) continue;
        if (phases.size() == most_phases)
            ++phases_left_out;
        else
            phases.push_back({transition.at, transition.to_state});
    }
}

namespace {

constexpr int lane_width = 960, lane_left = 120, bars_height = 60, row_height = 18;

class Scale {
public:
    Scale(LocalTime first, LocalTime last)
        : first_(first), length_(std::max<double>(1, static_cast<double>((last - first).count()))) {}
    // Tenths of a pixel, so that no digits are lost.
    std::int64_t x(LocalTime at) const {
        const double share = std::clamp(static_cast<double>((at - first_).count()) / length_, 0.0, 1.0);
        return lane_left + static_cast<std::int64_t>(share * (lane_width - lane_left));
    }
    std::int64_t width(LocalTime from, LocalTime to) const { return std::max<std::int64_t>(2, x(to) - x(from)); }

private:
    LocalTime first_;
    double length_;
};

std::string_view class_of(engine::ConnectionState state) {
    switch (state) {
        case engine::ConnectionState::Receiving:
            return "ok";
        case engine::ConnectionState::Connected:
            return "live";
        case engine::ConnectionState::Connecting:
            return "att";
        case engine::ConnectionState::Disconnected:
            return "err";
    }
    return "err";
}

void add_bar(Html& page, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, std::string_view kind,
             const std::string& title) {
    page << "<rect class=\"" << kind << "\" x=\"" << x << "\" y=\"" << y << "\" width=\"" << width << "\" height=\""
         << height << "\"><title>" << title << "</title></rect>\n";
}

void add_lane_name(Html& page, std::int64_t y, std::string_view name) {
    page << "<text x=\"0\" y=\"" << y << "\">" << name << "</text>\n";
}

} // namespace

void add_timeline(Html& page, const PageFacts& facts) {
    const session::Summary& summary = facts.looked.summary;
    const LocalTime last = facts.looked.last->at;
    const Scale scale(summary.first, last);
    const MetIncidents met = met_incidents(facts.looked.diagnosis.incidents(), last);
    constexpr std::size_t most_rows = 40;
    std::vector<diagnosis::IncidentPtr> rows = met.all;
    std::ranges::sort(rows, {}, [](const diagnosis::IncidentPtr& one) { return one->from; });
    const std::size_t shown = std::min(rows.size(), most_rows);
    const auto height = static_cast<std::int64_t>(row_height * 2 + bars_height + row_height * (shown + 1));
    page << "<h2 id=\"timeline\">Timeline</h2>\n<svg role=\"img\" aria-label=\"Timeline\" viewBox=\"0 0 " << lane_width
         << " " << height << "\">\n";

    add_lane_name(page, 13, "Connection");
    for (std::size_t i = 0; i < facts.phases.size(); ++i) {
        const LocalTime from = facts.phases[i].from, to = i + 1 < facts.phases.size() ? facts.phases[i + 1].from : last;
        add_bar(page, scale.x(from), 2, scale.width(from, to), row_height - 4, class_of(facts.phases[i].state),
                std::string(engine::to_string(facts.phases[i].state)) + " from " + diagnosis::instant_text(from) +
                    ", " + diagnosis::lasting_text(to - from));
    }
    std::uint64_t most = 1;
    for (const auto& count : facts.counts) most = std::max(most, count.updates);
    add_lane_name(page, row_height + 14, "Updates");
    page << "<text class=\"dim\" x=\"0\" y=\"" << row_height + 30 << "\">at most " << most << " in " << facts.step
         << " s</text>\n";
    const std::int64_t base = row_height + bars_height;
    for (const auto& count : facts.counts) {
        const LocalTime from{std::chrono::seconds(count.second)};
        const auto tall =
            std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(count.updates) /
                                                                static_cast<double>(most) * (bars_height - 8)));
        add_bar(page, scale.x(from), base - tall, scale.width(from, from + std::chrono::seconds(facts.step)), tall,
                "live", std::to_string(count.updates) + " from " + diagnosis::instant_text(from));
    }
    std::int64_t y = base + 4;
    for (std::size_t i = 0; i < shown; ++i, y += row_height) {
        const diagnosis::Incident& incident = *rows[i];
        add_lane_name(page, y + 13, "Incident " + std::to_string(incident.number));
        add_bar(page, scale.x(incident.from), y + 2, scale.width(incident.from, incident.open() ? last : incident.to),
                row_height - 4, class_of(incident.severity),
                incident.headline + ", " + diagnosis::instant_text(incident.from));
    }
    page << "<text class=\"dim\" x=\"" << lane_left << "\" y=\"" << y + 14 << "\">"
         << diagnosis::instant_text(summary.first) << "</text>\n<text class=\"dim end\" x=\"" << lane_width << "\" y=\""
         << y + 14 << "\">" << diagnosis::instant_text(last) << "</text>\n</svg>\n";
    page << "<p class=\"dim\">Connection: <b class=\"ok\">receiving</b> <b class=\"live\">connected</b> <b "
            "class=\"att\">connecting</b> <b class=\"err\">disconnected</b>.";
    if (rows.size() > shown) page << " " << rows.size() - shown << " more incidents are listed below alone.";
    if (facts.phases_left_out > 0) page << " " << facts.phases_left_out << " later phases are left out.";
    page << "</p>\n";
}

} // namespace fhirscope::app
