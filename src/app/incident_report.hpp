#pragma once
// The incidents of a session as the subcommands print them that meet some.

#include "diagnosis/incidents.hpp"
#include "engine/snapshot.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <cstdint>
#include <vector>

namespace fhirscope::app {

struct MetIncidents {
    std::vector<diagnosis::IncidentPtr>
        all;                      // those that go on, the most severe first; then those over, the newest first
    std::uint64_t over_count = 0; // those no longer kept among them
    LocalTime at;                 // the end of the session, or as of when it was looked at
};
MetIncidents met_incidents(const diagnosis::Incidents& incidents, LocalTime at);

// The members "incidents" and "over_count".
void write_incidents(fhir::JsonWriter& json, const MetIncidents& incidents);

enum class OverIncidents { InLines, InFull };
// Those that go on in full, then those over.
fhir::Text incidents_text(const MetIncidents& incidents, OverIncidents over);
// "compared with the server at …: 313 of 313 equal": what there is to say where nothing is wrong.
fhir::Text compared_text(const engine::VerifyView& verify);
// The members "server_equal" and "compared_at".
void write_comparison(fhir::JsonWriter& json, const engine::VerifyView& verify);

} // namespace fhirscope::app
