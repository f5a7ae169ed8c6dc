#include "gui/frame/actions/actions.hpp"
#include "gui/frame/incident_commands.hpp"
#include "gui/frame/incident_links.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

const std::array all_incident_actions = {
    Action{.id = "explain",
           .title = "Explain the selected resource",
           .key = "E",
           .chord = ImGuiKey_E,
           .possible = [](const Context& context) { return !resource_to_explain(context).empty(); },
           .run = [](ActionTarget& t) { explain_resource(t.context, resource_to_explain(t.context)); }},
    Action{
        .id = "worst-incident",
        .title = "Show the most severe incident",
        .possible = [](const Context& context) { return !context.findings.incidents().going_on().empty(); },
        .run = [](ActionTarget& t) { open_incident(t.context, *t.context.findings.incidents().going_on().front()); }},
    Action{.id = "copy-diagnosis",
           .title = "Copy the incidents that go on as text",
           .run = [](ActionTarget& t) { ImGui::SetClipboardText(diagnosis_text(t.context).c_str()); }},
    Action{.id = "incident-check",
           .title = "Run the incident's check again",
           .key = "R",
           .chord = ImGuiKey_R,
           .possible = [](const Context& context) { return incident_shown(context) && can_send(context); },
           .run = [](ActionTarget& t) { run_check_again(t.context, *selected_incident(t.context)); }},
    Action{.id = "incident-time",
           .title = "Show the incident's time in the log",
           .key = "G",
           .chord = ImGuiKey_G,
           .possible = incident_shown,
           .run = [](ActionTarget& t) { show_time_of(t.context, *selected_incident(t.context)); }},
    Action{.id = "incident-copy",
           .title = "Copy the incident as text",
           .key = "C",
           .chord = ImGuiKey_C,
           .possible = incident_shown,
           .run =
               [](ActionTarget& t) {
                   ImGui::SetClipboardText(incident_report(t.context, *selected_incident(t.context)).c_str());
               }},
};

} // namespace

bool incident_shown(const Context& context) {
    return context.ui.view == ViewId::Diagnosis && selected_incident(context) != nullptr;
}

std::span<const Action> incident_actions() { return all_incident_actions; }

} // namespace fhirscope::gui
