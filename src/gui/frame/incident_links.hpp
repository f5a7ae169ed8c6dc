#pragma once
// Incidents and explanations in the window: the way to them, and from them to what they name.

#include "diagnosis/diagnosis.hpp"
#include "diagnosis/explain.hpp"
#include "gui/frame/context.hpp"
#include "gui/ui/grid.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// The selected one; null: none, or no longer kept.
diagnosis::IncidentPtr selected_incident(const Context& context);
// Shows the diagnosis with this one selected.
void open_incident(Context& context, const diagnosis::Incident& incident);
// Where the sentence of the bars leads: to the most severe one, among those that go on where there are several.
void open_worst_incident(Context& context);
// The newest one whose evidence, or what followed from it, has this link; null: none.
diagnosis::IncidentPtr incident_with(const Context& context, const diagnosis::Link& link);
// One that goes on, or is selected, and concerns this resource or these criteria; null: none.
diagnosis::IncidentPtr incident_about(const Context& context, std::string_view what);
// The worst that goes on of the connection as a whole; null: none.
diagnosis::IncidentPtr connection_incident(const Context& context);

// Its mark before the cells of a grid's current row, with its headline as a tooltip; a click there opens it. `x`: from
// the row's left end.
void draw_row_incident(Context& context, const Grid& grid, std::string_view name, std::int64_t row, float x,
                       const diagnosis::IncidentPtr& incident);

// Shows the diagnosis with this resource explained.
void explain_resource(Context& context, std::string_view reference);
// The resource that the key E is about: in the diagnosis one that the selected incident names, else the selected one,
// else one that the most severe incident names; "" for none.
std::string resource_to_explain(const Context& context);

Mark reached_mark(diagnosis::Reached reached);

// Shows what a piece of evidence names: a row in the log, a frame in the connections, a resource in the inspector.
void open_link(Context& context, const diagnosis::Link& link);
// What a link is called where it is to be clicked: "in the log", "Conflict 641"; "" where it leads nowhere.
std::string link_text(const diagnosis::Link& link);
// Such a link, underlined, which ends at `right`. Returns the x where it begins.
float draw_link(Context& context, std::string_view name, float right, float y, float height,
                const diagnosis::Link& link);

// Numbered advice, with a button for what the program can do itself. `reference`: of the resource that it is about.
// What does not fit into the area's height is left out. Returns the y below it.
float draw_advice(Context& context, Rect area, const std::vector<diagnosis::Advice>& advice,
                  std::string_view reference);

// All incidents that go on, and the explanation of what is explained, as text.
std::string diagnosis_text(const Context& context);

} // namespace fhirscope::gui
