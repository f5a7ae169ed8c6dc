#include "gui/frame/incident_commands.hpp"

#include "diagnosis/incident_text.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Incident;

namespace {

constexpr std::chrono::seconds around{2}; // the cause lies a little before its effect

// Whether the server can be reached is tried by connecting.
bool is_to_connect(const Incident& incident) {
    return incident.open() && incident.effect == diagnosis::Effect::RealTime;
}

// The resource that a read decides about; "" where the incident is about more than one.
std::string only_resource(const Incident& incident) {
    const std::vector<std::string> all = resources_of(incident);
    return all.size() == 1 ? all.front() : std::string();
}

} // namespace

void run_check_again(Context& context, const Incident& incident) {
    if (is_to_connect(incident))
        context.send(engine::Connect{});
    else if (std::string reference = only_resource(incident); !reference.empty())
        context.send(engine::AskServer{std::move(reference)});
    else
        context.send(engine::Verify{});
}

std::string check_again_text(const Incident& incident) {
    if (is_to_connect(incident)) return "Tries to connect to the server now. (R)";
    const std::string reference = only_resource(incident);
    if (reference.empty())
        return "Compares everything that is shown with the server now; where something differs, every subscription is "
               "checked. Nothing is written. (R)";
    return "Reads " + short_reference(reference) + " and its history from the server now. Nothing is written. (R)";
}

void show_time_of(Context& context, const Incident& incident) {
    const LocalTime end = incident.open() ? context.now : incident.to;
    context.ui.brush = TimeRange{incident.from - around, end + around};
    context.ui.view = ViewId::Log;
    context.ui.page = Page::View;
    const TimeRange shown = timeline_range(context);
    if (incident.from - around < shown.begin || end > shown.end) {
        // The middle of what is shown, where that is longer than the incident.
        const auto rest = (shown.end - shown.begin) - (end - incident.from);
        end_timeline_at(context, end + std::max(rest / 2, LocalTime::duration(around)));
    }
}

std::string incident_report(const Context& context, const Incident& incident) {
    const auto name_of = [&](std::string_view reference) { return person_of(context.snapshot, reference); };
    return diagnosis::to_text(incident, incident.open() ? context.now : LocalTime{}, name_of).str();
}

} // namespace fhirscope::gui
