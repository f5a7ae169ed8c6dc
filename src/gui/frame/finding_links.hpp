#pragma once
// Findings and explanations in the window: their marks, and the way to what they name.

#include "diagnosis/diagnosis.hpp"
#include "diagnosis/explain.hpp"
#include "gui/frame/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// Names a finding as long as it is kept, open or closed.
std::string finding_key(const diagnosis::Finding& finding);
// Whether finding_key() is this one; asked of every finding in every frame, so it makes the text only where that may
// be.
bool has_key(const diagnosis::Finding& finding, std::string_view key);
// The selected one; null: none, or no longer kept.
diagnosis::FindingPtr selected_finding(const Context& context);
// Shows the diagnosis with this one selected.
void open_finding(Context& context, const diagnosis::Finding& finding);
// Shows the diagnosis with this resource explained.
void explain_resource(Context& context, std::string_view reference);
// The first resource that its evidence names; "" for none.
std::string first_resource(const diagnosis::Finding& finding);
// The resource that the key E is about: the selected one, else one that the selected or most severe finding names, else
// one that is not confirmed; "" for none.
std::string resource_to_explain(const Context& context);

Mark finding_mark(const diagnosis::Finding& finding);
Mark reached_mark(diagnosis::Reached reached);

// Shows what a piece of evidence names: a row in the log, a frame in the connections, a resource in the inspector.
void open_link(Context& context, const diagnosis::Link& link);

// Numbered advice, with a button for what the program can do itself. `reference`: of the resource that it is about.
void draw_advice(Context& context, Rect area, const std::vector<diagnosis::Advice>& advice, std::string_view reference);

// All open findings, and the explanation of what is explained, as text.
std::string diagnosis_text(const Context& context);

} // namespace fhirscope::gui
