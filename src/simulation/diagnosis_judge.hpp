#pragma once
// Whether the incidents of one run say what broke: each fault that had an effect has an incident with a right cause
// (recall), and each incident has the cause of a fault (precision). Pure: of what happened and what was said.

#include "diagnosis/incident.hpp"
#include "simulation/diagnosis_expectations.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

// All bounds of the judgement. A heartbeat is 10 s.
struct JudgeBounds {
    VirtualTime before{std::chrono::seconds(12)}; // an incident may begin at the last frame before its fault
    VirtualTime after{std::chrono::seconds(30)};  // … or so long after its last effect
    VirtualTime lasts{std::chrono::seconds(150)}; // and ends at the latest so long after it
};

// An incident in the simulator's time.
struct SeenIncident {
    std::uint64_t number = 0;
    diagnosis::CauseCode cause{};
    std::vector<diagnosis::CauseCode> alternatives{};
    diagnosis::Severity severity{};
    std::string scope{}, headline{};
    VirtualTime from{0}, to{0}, decided{0}; // to: of one that goes on, the end of the run
    bool open = false;
    struct Said {
        diagnosis::CauseCode cause{};
        VirtualTime since{0};
    };
    std::vector<Said> said{}; // one cause after the other, the last that of `cause`
};

// "12.345 to 20.000 s: Task was deaf: … (subscription-gone, error)".
std::string describe(const SeenIncident& incident);

enum class FaultVerdict : std::uint8_t {
    WithoutEffect, // nothing reached the client
    Benign,        // no incident is wanted
    Named,         // an incident has a right cause
    Among,         // … has it as one of several
    ByLoss,        // nothing of it reached the client but that events were missing, and an incident says that
    Under,         // none, but all that it did lies within an incident that is right for another fault
    Missed,
};
std::string_view to_string(FaultVerdict verdict); // "named"

enum class IncidentVerdict : std::uint8_t { Right, Among, Wrong };

struct JudgedFault {
    FaultTrace trace;
    FaultVerdict verdict{};
    std::optional<std::size_t> incident{}; // that it is named by, or taken for
    std::optional<VirtualTime> took{};     // from the first effect to the right cause
};
struct JudgedIncident {
    SeenIncident incident;
    IncidentVerdict verdict{};
    bool in_time = true;         // begins and ends within the bounds
    bool in_scope = true;        // false: names other types than the faults by which it is right concerned
    VirtualTime misled{0};       // of one that is right: how long it had named causes that are not
    std::vector<Fault> around{}; // the faults by which it is right; of a wrong one: those that happened then
};
struct Judgement {
    std::vector<JudgedFault> faults;
    std::vector<JudgedIncident> incidents;
};

Judgement judge(const std::vector<FaultTrace>& faults, const std::vector<SeenIncident>& incidents,
                const JudgeBounds& bounds = {});

} // namespace fhirscope::simulation
