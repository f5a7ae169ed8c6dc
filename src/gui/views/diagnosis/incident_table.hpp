#pragma once
// The table of incidents: one row a cause, with its time, what it cost, and how it ended.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/incidents/incident_list.hpp"
#include "gui/ui/grid.hpp"

#include <optional>
#include <vector>

namespace fhirscope::gui {

class IncidentTable {
public:
    // A click on a column's header changes `sort`.
    void draw(Context& context, const Rect& area, const std::vector<diagnosis::IncidentPtr>& rows, IncidentSort& sort);
    Grid& grid() { return grid_; }
    // Of so many rows.
    static float height(const Context& context, std::size_t rows);

private:
    void row(Context& context, std::int64_t place, const diagnosis::Incident& incident);
    void tell(Context& context, const diagnosis::Incident& incident) const;

    Grid grid_;
    bool narrow_ = false;
};

} // namespace fhirscope::gui
