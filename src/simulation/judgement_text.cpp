#include "simulation/judgement_text.hpp"

#include "diagnosis/causes/table.hpp"

#include <algorithm>
#include <cstdio>

namespace fhirscope::simulation {

namespace {

std::string seconds_of(VirtualTime time) {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%.3f", static_cast<double>(time.count()) / 1e6);
    return buffer;
}

void add_fault(fhir::Text& text, const JudgedFault& judged, const Judgement& judgement) {
    const FaultTrace& trace = judged.trace;
    text << "  " << describe(trace.fault) << "\n      " << to_string(judged.verdict);
    if (trace.effects > 0) {
        text << "; " << trace.effects << " effects from " << seconds_of(trace.times.front()) << " to "
             << seconds_of(trace.last) << " s";
        for (const std::string& concerned : trace.concerned) text << " " << concerned;
    }
    if (judged.took) text << "; named after " << seconds_of(*judged.took) << " s";
    if (judged.incident) {
        const SeenIncident& incident = judgement.incidents[*judged.incident].incident;
        text << "; incident " << incident.number << ", " << diagnosis::to_string(incident.cause);
    }
    text << "\n";
}

void add_incident(fhir::Text& text, const JudgedIncident& judged) {
    const SeenIncident& incident = judged.incident;
    text << "  " << incident.number << " "
         << (judged.verdict == IncidentVerdict::Right   ? "right"
             : judged.verdict == IncidentVerdict::Among ? "among"
                                                        : "WRONG")
         << (incident.severity == diagnosis::Severity::Info    ? " (info)"
             : incident.severity == diagnosis::Severity::Error ? " (error)"
                                                               : "")
         << (judged.in_time ? "" : " (begins or ends at another time)")
         << (judged.in_scope ? "" : " (told of other types)") << ": " << describe(incident) << "\n";
    if (incident.said.size() > 1) {
        text << "      called";
        for (const auto& said : incident.said)
            text << " " << diagnosis::to_string(said.cause) << " from " << seconds_of(said.since);
        text << "\n";
    }
}

} // namespace

fhir::Text judgement_text(const Scenario& scenario, const Judgement& judgement, Tell tell) {
    const auto wrong = [](const JudgedIncident& judged) {
        return judged.verdict == IncidentVerdict::Wrong && judged.incident.severity > diagnosis::Severity::Info;
    };
    const auto missed = [](const JudgedFault& judged) { return judged.verdict == FaultVerdict::Missed; };
    fhir::Text text;
    if (tell == Tell::Mistakes && std::none_of(judgement.faults.begin(), judgement.faults.end(), missed) &&
        std::none_of(judgement.incidents.begin(), judgement.incidents.end(), wrong))
        return text;
    text << "seed " << scenario.seed << " (" << to_string(scenario.behaviour)
         << (scenario.second_line ? ", with checks" : ", without checks") << ")\n faults:\n";
    for (const JudgedFault& judged : judgement.faults) add_fault(text, judged, judgement);
    text << " incidents:\n";
    for (const JudgedIncident& judged : judgement.incidents)
        if (tell == Tell::All || wrong(judged)) add_incident(text, judged);
    return text;
}

} // namespace fhirscope::simulation
