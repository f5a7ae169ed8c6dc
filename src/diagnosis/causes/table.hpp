#pragma once
// The causes that the diagnosis knows, each with its id of docs/diagnosis.md.

#include "diagnosis/incident.hpp"

#include <span>

namespace fhirscope::diagnosis {

struct CauseInfo {
    CauseCode code{};
    std::string_view name;     // "subscription-gone": stable, for scripts
    std::string_view id;       // "D6"
    Severity severity{};       // while it goes on
    std::string_view headline; // "the server no longer had the Subscription": what stands after the colon
    std::string_view other{};  // the entry of the catalogue with the words of it; "": that of `id`
};
std::span<const CauseInfo> all_causes(); // in the order of CauseCode
const CauseInfo& cause_info(CauseCode code);
std::string_view to_string(CauseCode code);      // its name
CauseCode cause_of_finding(std::string_view id); // of a finding that is a cause by itself; NotKnown: it is none

} // namespace fhirscope::diagnosis
