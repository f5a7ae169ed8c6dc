#pragma once
// How the events begin that a period of polling is known by in the journal.

#include <string_view>

namespace fhirscope::engine {

inline constexpr std::string_view polling_begins = "polling stands in for real time";
inline constexpr std::string_view polling_ends = "real time is back; polling ends";

} // namespace fhirscope::engine
