#pragma once
// The incidents of a session as the subcommands print them that meet some.

#include "diagnosis/incident_text.hpp"
#include "diagnosis/incidents.hpp"
#include "engine/snapshot.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fhirscope::app {

// "attention"; nothing for a word that names none.
std::optional<diagnosis::Severity> severity_named(std::string_view word);

struct MetIncidents {
    std::vector<diagnosis::IncidentPtr>
        all;                      // those that go on, the most severe first; then those over, the newest first
    std::uint64_t over_count = 0; // those no longer kept among them
    std::uint64_t not_kept = 0;   // these
    LocalTime at;                 // the end of the session, or as of when it was looked at
};
MetIncidents met_incidents(const diagnosis::Incidents& incidents, LocalTime at);

// The members "incidents", "over_count" and "not_kept".
void write_incidents(fhir::JsonWriter& json, const MetIncidents& incidents);

enum class OverIncidents { InLines, InFull };
// Those that go on in full, then those over.
fhir::Text incidents_text(const MetIncidents& incidents, OverIncidents over, const diagnosis::NameOf& name_of = {});
// "compared with the server at …: 313 of 313 equal": what there is to say where nothing is wrong.
fhir::Text compared_text(const engine::VerifyView& verify);
// In its place where another client's traffic is followed.
fhir::Text captured_text(const engine::Snapshot& snapshot);
// The members "checks_last_minute" and "check_budget" (null: no check would be begun).
void write_checks(fhir::JsonWriter& json, std::uint32_t last_minute, std::uint32_t budget);
// The members "server_equal" and "compared_at".
void write_comparison(fhir::JsonWriter& json, const engine::VerifyView& verify);

} // namespace fhirscope::app
