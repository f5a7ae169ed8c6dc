#include "app/incident_report.hpp"

#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <optional>

namespace fhirscope::app {

std::optional<diagnosis::Severity> severity_named(std::string_view word) {
    for (const auto severity : {diagnosis::Severity::Info, diagnosis::Severity::Attention, diagnosis::Severity::Error})
        if (word == diagnosis::word(severity)) return severity;
    return std::nullopt;
}

MetIncidents met_incidents(const diagnosis::Incidents& incidents, LocalTime at) {
    MetIncidents met{incidents.going_on(), incidents.over_count(), incidents.not_kept(), at};
    met.all.insert(met.all.end(), incidents.over().begin(), incidents.over().end());
    return met;
}

void write_incidents(fhir::JsonWriter& json, const MetIncidents& incidents) {
    json.array("incidents");
    for (const diagnosis::IncidentPtr& incident : incidents.all) diagnosis::write(json, *incident);
    json.end().member("over_count", incidents.over_count).member("not_kept", incidents.not_kept);
}

fhir::Text incidents_text(const MetIncidents& incidents, OverIncidents over, const diagnosis::NameOf& name_of) {
    const auto first_over = std::find_if(incidents.all.begin(), incidents.all.end(),
                                         [](const diagnosis::IncidentPtr& incident) { return incident->settled(); });
    const auto going_on = static_cast<std::uint64_t>(first_over - incidents.all.begin());
    const bool is_capture = going_on > 0 && !incidents.all.front()->open();
    fhir::Text text;
    if (going_on == 0)
        text << "no incident is going on";
    else if (is_capture)
        text << going_on << (going_on == 1 ? " incident is" : " incidents are") << " not known to be over";
    else
        text << going_on << (going_on == 1 ? " incident is" : " incidents are") << " going on";
    text << (is_capture ? " when the capture ends, at " : " at ") << diagnosis::instant_text(incidents.at) << "\n";
    for (auto one = incidents.all.begin(); one != first_over; ++one)
        text << "\n" << diagnosis::to_text(**one, incidents.at, name_of);
    if (incidents.over_count == 0) return text;
    text << "\n" << incidents.over_count << (incidents.over_count == 1 ? " is over" : " are over, the newest first");
    if (over == OverIncidents::InLines)
        text << (incidents.over_count == 1 ? " (--all shows it in full)" : " (--all shows them in full)");
    text << "\n";
    for (auto one = first_over; one != incidents.all.end(); ++one)
        if (over == OverIncidents::InLines)
            text << diagnosis::to_line(**one);
        else
            text << "\n" << diagnosis::to_text(**one, {}, name_of);
    if (incidents.not_kept > 0)
        text << "\n"
             << incidents.not_kept << (incidents.not_kept == 1 ? " earlier incident is" : " earlier incidents are")
             << " no longer kept.\n";
    return text;
}

fhir::Text compared_text(const engine::VerifyView& verify) {
    using State = engine::VerifyView::State;
    fhir::Text text;
    if (verify.state == State::Failed)
        text << "not compared with the server: " << words::text(verify.problem) << "\n";
    else if (verify.state != State::Equal && verify.state != State::Different)
        text << "not compared with the server\n";
    else
        text << "compared with the server at " << diagnosis::instant_text(verify.at) << ": "
             << verify.compared - std::min(verify.compared, verify.difference_count) << " of " << verify.compared
             << " equal\n";
    return text;
}

fhir::Text captured_text(const engine::Snapshot& snapshot) {
    fhir::Text text;
    text << "a capture of another client: what the server has is known by its answers in it alone\n";
    if (snapshot.untold_left_out > 0)
        text << "of " << snapshot.untold_left_out
             << " changes it is not known whether the client was shown them: more waited at a time than are followed\n";
    return text;
}

void write_checks(fhir::JsonWriter& json, std::uint32_t last_minute, std::uint32_t budget) {
    json.member("checks_last_minute", last_minute)
        .member("check_budget", budget == 0 ? std::nullopt : std::optional(budget));
}

void write_comparison(fhir::JsonWriter& json, const engine::VerifyView& verify) {
    using State = engine::VerifyView::State;
    const bool compared = verify.state == State::Equal || verify.state == State::Different;
    json.member("server_equal", compared ? std::optional(verify.state == State::Equal) : std::nullopt)
        .member("compared_at", compared ? std::optional(diagnosis::instant_text(verify.at)) : std::nullopt);
}

} // namespace fhirscope::app
