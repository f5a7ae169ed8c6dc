#include "gui/model/playhead_steps.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

// The nearest of several moments on one side of another.
class Nearest {
public:
    Nearest(LocalTime at, int direction) : at_(at), forward_(direction > 0) {}
    void offer(LocalTime moment) {
        if (moment == LocalTime{} || (forward_ ? moment <= at_ : moment >= at_)) return;
        if (!best_ || (forward_ ? moment < *best_ : moment > *best_)) best_ = moment;
    }
    std::optional<LocalTime> best() const { return best_; }

private:
    LocalTime at_;
    bool forward_;
    std::optional<LocalTime> best_;
};

// Rows of a log whose times do not go back: the two next to the moment.
template <class Rows, class TimeOf>
void offer_neighbours(Nearest& nearest, const Rows& rows, LocalTime at, TimeOf time_of) {
    const auto first_where = [&](auto is_beyond) {
        std::uint64_t low = rows.first(), high = rows.end();
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            if (is_beyond(time_of(rows[middle])))
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    };
    const std::uint64_t after = first_where([&](LocalTime time) { return time > at; });
    if (after < rows.end()) nearest.offer(time_of(rows[after]));
    const std::uint64_t not_before = first_where([&](LocalTime time) { return time >= at; });
    if (not_before > rows.first()) nearest.offer(time_of(rows[not_before - 1]));
}

} // namespace

std::string_view to_string(PlayheadStep step) {
    switch (step) {
        case PlayheadStep::Update:
            return "update";
        case PlayheadStep::Frame:
            return "frame";
        case PlayheadStep::Conflict:
            return "conflict";
        case PlayheadStep::Incident:
            return "incident";
        case PlayheadStep::Bookmark:
            return "bookmark";
    }
    return "?";
}

std::optional<LocalTime> next_step(PlayheadStep step, int direction, LocalTime at, const engine::Snapshot& whole,
                                   const diagnosis::Incidents& incidents, const std::vector<Bookmark>& bookmarks) {
    Nearest nearest(at, direction);
    switch (step) {
        case PlayheadStep::Update:
            offer_neighbours(nearest, whole.updates, at, [](const engine::UpdateRow& row) { return row.dequeued; });
            break;
        case PlayheadStep::Frame:
            offer_neighbours(nearest, whole.frames, at, [](const engine::FrameRow& row) { return row.at; });
            break;
        case PlayheadStep::Conflict:
            for (std::size_t i = 0; i < whole.conflicts.size(); ++i) nearest.offer(whole.conflicts[i]->at);
            break;
        case PlayheadStep::Incident: {
            const auto offer = [&](const diagnosis::IncidentPtr& incident) {
                nearest.offer(incident->from);
                nearest.offer(incident->to);
            };
            for (const auto& incident : incidents.going_on()) offer(incident);
            for (const auto& incident : incidents.over()) offer(incident);
            break;
        }
        case PlayheadStep::Bookmark:
            for (const Bookmark& bookmark : bookmarks) nearest.offer(bookmark.at);
            break;
    }
    return nearest.best();
}

} // namespace fhirscope::gui
