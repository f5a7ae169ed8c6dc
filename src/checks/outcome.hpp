#pragma once
// What became of one expectation.

#include "diagnosis/incident.hpp"
#include "fhir/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::checks {

enum class Verdict : std::uint8_t {
    Passed,
    Failed,
    Undecided, // the session holds nothing that it could be measured by
};
std::string_view to_string(Verdict verdict); // "passed"

struct Outcome {
    std::string name;
    Verdict verdict = Verdict::Undecided;
    LocalTime from, at;                   // what decides: from here until there; the epoch: nothing does
    std::string wanted;                   // in words
    std::string measured;                 // in words, also why it is undecided
    std::string instead;                  // what was shown in place of what was wanted; "": nothing is to be said
    std::string about;                    // "Task/8d0c"; "": no resource
    diagnosis::IncidentPtr incident{};    // that explains a failure; null: none does
    std::optional<std::int64_t> figure{}; // that was compared: µs, or a count
};

struct Outcomes {
    std::string path; // of the file of expectations; "": of the command line
    std::vector<Outcome> all;
    LocalTime first, last; // of the session
    std::uint64_t inputs = 0;

    std::size_t count(Verdict verdict) const;
    bool passed() const { return count(Verdict::Passed) == all.size(); }
};

} // namespace fhirscope::checks
