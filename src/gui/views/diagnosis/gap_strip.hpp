#pragma once
// "Changed" over "received" in an incident's time, on one axis: where the lower lane is empty below the upper one,
// nothing was heard.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/incidents/gap_lanes.hpp"

#include <cstdint>

namespace fhirscope::gui {

class GapStrip {
public:
    // Nothing for incidents of which it would say nothing. Returns the y below it.
    float draw(Context& context, const Rect& area, const diagnosis::Incident& incident);

private:
    void refresh(Context& context, const diagnosis::Incident& incident, std::size_t columns);
    void lane(const Context& context, const Rect& row, bool upper) const;
    void tell(Context& context, const Rect& chart) const;

    GapLanes lanes_;
    std::uint64_t of_ = 0; // number of the incident
    engine::SnapshotPtr made_of_;
    double made_at_ = 0; // ImGui's time
};

} // namespace fhirscope::gui
