#pragma once
// Incidents as text to print or copy, and as JSON. Times are UTC.

#include "diagnosis/incident.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace fhirscope::diagnosis {

// What people call a resource, such as the patient whom it is of; "" where that is not known.
using NameOf = std::function<std::string(std::string_view reference)>;

// All of it, as Markdown that reads well as plain text. `now` is the time of the session, which says for how long one
// has gone on; the epoch: it is left out.
fhir::Text to_text(const Incident& incident, LocalTime now = {}, const NameOf& name_of = {});
// In one line: id, severity, when and for how long, state, headline, and what was missed.
fhir::Text to_line(const Incident& incident, LocalTime now = {});
// One object.
void write(fhir::JsonWriter& json, const Incident& incident);

std::string_view state_text(IncidentState state); // "going on"
std::string_view word(Consequence::Kind kind);    // "never-seen"
// "412 ms", "1.18 s", "35.1 s", "2 m 14 s", "2 h 41 m"
std::string lasting_text(std::chrono::microseconds duration);

} // namespace fhirscope::diagnosis
