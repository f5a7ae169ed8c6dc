#include "gui/model/incidents/gap_lanes.hpp"

#include "fhir/reference.hpp"
#include "query/lookup.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Effect;
using engine::Channel;
using engine::Outcome;
using std::chrono::seconds;

namespace {

constexpr seconds least_beside{3}, most_beside{60}; // of the time before and after it
constexpr seconds found_within{90};                 // what was missed is found by the next check

// The types that it is about; none: all.
std::vector<std::string> types_of(const diagnosis::Incident& incident) {
    std::vector<std::string> types;
    if (incident.scope.empty()) return types;
    const auto add = [&](std::string_view text) {
        std::string type(fhir::type_part(text.substr(0, text.find('?'))));
        if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(std::move(type));
    };
    for (const std::string& about : incident.about) add(about);
    if (types.empty()) add(incident.scope);
    return types;
}

bool is_a_version(const engine::UpdateRow& row) {
    return row.outcome == Outcome::Applied || row.outcome == Outcome::Superseded || row.outcome == Outcome::OutOfOrder;
}

class Lanes {
public:
    Lanes(const engine::Snapshot& snapshot, GapLanes& lanes) : snapshot_(snapshot), lanes_(lanes) {}

    void add(const engine::UpdateRow& row) {
        const bool pushed = row.channel == Channel::Socket;
        if (GapLanes::Column* column = at(row.received)) {
            (row.deleted ? column->deletions : pushed ? column->received : column->recovered) += 1;
            lanes_.recovered += pushed ? 0 : 1;
        }
        // A deletion is told with the time of the version before it, or with none.
        if (row.deleted || row.changed == ServerTime{}) {
            lanes_.untimed += at(row.received) != nullptr ? 1 : 0;
            return;
        }
        const LocalTime changed(row.changed.time_since_epoch() - snapshot_.connection.clock_offset);
        if (GapLanes::Column* column = at(changed)) (pushed ? column->changed : column->missed) += 1;
    }

private:
    GapLanes::Column* at(LocalTime time) {
        const TimeRange& shown = lanes_.shown;
        if (time < shown.begin || time >= shown.end) return nullptr;
        const double share =
            std::chrono::duration<double>(time - shown.begin) / std::chrono::duration<double>(shown.end - shown.begin);
        const auto place = static_cast<std::size_t>(share * static_cast<double>(lanes_.columns.size()));
        return &lanes_.columns[std::min(place, lanes_.columns.size() - 1)];
    }

    const engine::Snapshot& snapshot_;
    GapLanes& lanes_;
};

} // namespace

bool GapLanes::are_of(Effect effect) {
    return effect == Effect::RealTime || effect == Effect::Hearing || effect == Effect::Login ||
           effect == Effect::Delivery;
}

GapLanes gap_lanes(const engine::Snapshot& snapshot, const diagnosis::Incident& incident, LocalTime now,
                   std::size_t columns) {
    GapLanes lanes;
    lanes.open = incident.open();
    lanes.gap = {incident.from, std::max(incident.from, lanes.open ? now : incident.to)};
    const LocalTime::duration beside =
        std::clamp<LocalTime::duration>((lanes.gap.end - lanes.gap.begin) / 4, least_beside, most_beside);
    lanes.shown = {lanes.gap.begin - beside, lanes.open ? lanes.gap.end : lanes.gap.end + beside};
    lanes.columns.resize(std::max<std::size_t>(1, columns));
    const std::vector<std::string> types = types_of(incident);
    for (const std::string& type : types) lanes.scope += (lanes.scope.empty() ? "" : ", ") + type;
    const auto& updates = snapshot.updates;
    if (updates.first() > 0 && !updates.empty() && updates[updates.first()].received > lanes.shown.begin)
        lanes.known = updates[updates.first()].received;
    Lanes fill(snapshot, lanes);
    std::uint64_t looked = 0;
    for (std::uint64_t n = query::first_update_at(snapshot, lanes.shown.begin); n < updates.end(); ++n) {
        const engine::UpdateRow& row = updates[n];
        if (row.received > lanes.shown.end + found_within) break;
        if (++looked > GapLanes::most_rows) {
            lanes.left_out = query::first_update_at(snapshot, lanes.shown.end) - std::min(n, updates.end());
            break;
        }
        const bool is_told = row.channel != Channel::Baseline && row.channel != Channel::Cache &&
                             row.channel != Channel::Local && is_a_version(row);
        const bool is_in_scope =
            types.empty() || std::find(types.begin(), types.end(), type_of(snapshot, row)) != types.end();
        if (is_told && is_in_scope) fill.add(row);
    }
    return lanes;
}

} // namespace fhirscope::gui
