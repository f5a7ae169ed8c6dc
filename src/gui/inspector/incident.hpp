#pragma once
// The inspector of an incident: how it was decided, its evidence, each a link, and itself as JSON; below, the way of
// one of its resources from the server to the screen.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"
#include "gui/inspector/json_pane.hpp"
#include "gui/inspector/live_explanation.hpp"
#include "gui/ui/scroll_pane.hpp"

#include <cstdint>
#include <map>
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
    float observations(Context& context, Rect area, const diagnosis::Incident& incident);
    // "Task/8d0c41f2 (Maria Weber)"
    std::string named(const Context& context, const std::string& reference);
    std::string place_of(const Context& context, const diagnosis::Link& link);
    void json(Context& context, const Rect& area, const diagnosis::IncidentPtr& incident);
    void resource(Context& context, Rect area);
    void refresh(Context& context, const diagnosis::IncidentPtr& incident);

    enum class Tab { Decided, Evidence, Observations, Json } tab_ = Tab::Decided;
    ScrollPane pane_;
    LinesPane json_;
    diagnosis::IncidentPtr json_of_;

    diagnosis::IncidentPtr of_;
    std::vector<std::string> resources_;
    std::size_t chosen_ = 0;                                 // of these
    std::map<std::string, std::string, std::less<>> people_; // by reference, of this incident
    LiveExplanation explanation_;
};

} // namespace fhirscope::gui
