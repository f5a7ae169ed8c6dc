#pragma once
// The inspector of an incident: how it was decided, its evidence, each a link, and itself as JSON; below, the way of
// one of its resources from the server to the screen.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"
#include "gui/inspector/json_pane.hpp"
#include "gui/inspector/live_explanation.hpp"
#include "gui/ui/scroll_pane.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::gui {

class IncidentInspector {
public:
    void draw(Context& context, Rect area, const diagnosis::IncidentPtr& incident);

private:
    void head(Context& context, Rect& area, const diagnosis::Incident& incident);
    float decided(Context& context, Rect area, const diagnosis::Incident& incident);
    float evidence(Context& context, Rect area, const diagnosis::Incident& incident);
    void json(Context& context, const Rect& area, const diagnosis::IncidentPtr& incident);
    void resource(Context& context, Rect area);
    void refresh(Context& context, const diagnosis::IncidentPtr& incident);

    enum class Tab { Decided, Evidence, Json } tab_ = Tab::Decided;
    ScrollPane pane_;
    LinesPane json_;
    diagnosis::IncidentPtr json_of_;

    diagnosis::IncidentPtr of_;
    std::vector<std::string> resources_;
    std::size_t chosen_ = 0; // of these
    LiveExplanation explanation_;
};

} // namespace fhirscope::gui
