#pragma once
// What a session came to: for people, or as members of the JSON object that scripts read.

#include "app/incident_report.hpp"
#include "diagnosis/diagnosis.hpp"
#include "engine/snapshot.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace fhirscope::app {

struct Report {
    engine::Counters counters;
    double latency_p50 = 0, latency_p99 = 0, latency_max = 0; // ms, from the server's change to ours
    std::uint64_t state_hash = 0;
    std::optional<bool> server_equal; // absent: not compared
    std::uint64_t inputs = 0;
    std::uint32_t checks_last_minute = 0, check_budget = 0; // requests that looked for silent deafness, and their bound
    std::optional<LocalTime> compared_at;                   // of server_equal
    // What the diagnosis holds of it at the end; absent where nobody looked.
    std::optional<MetIncidents> incidents;
    std::optional<std::uint64_t> stale;         // resources that are known to differ from the server
    std::optional<std::uint64_t> not_confirmed; // resources shown that may be stale
    std::optional<LocalTime> not_confirmed_since;
    // Of a replay.
    std::optional<std::uint64_t> recorded_hash; // absent: `equal` is of the content, see session::Comparison
    std::optional<bool> equal;
    std::string not_compared; // why it is absent, where the recorded state could not be compared with
};

Report make_report(const engine::Snapshot& snapshot, std::uint64_t state_hash);
// What the diagnosis holds of it at the end.
void add_incidents(Report& report, const diagnosis::Diagnosis& diagnosis, const engine::Snapshot& last);

// Members of a replay are there only for a replay.
void write_members(fhir::JsonWriter& json, const Report& report);
// Several lines.
fhir::Text to_text(const Report& report);

} // namespace fhirscope::app
