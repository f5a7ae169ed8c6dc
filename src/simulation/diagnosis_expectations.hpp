#pragma once
// Which causes are right for a fault: those that send a person who reads them to the right place.

#include "diagnosis/incident.hpp"
#include "simulation/fault_effects.hpp"

#include <bitset>
#include <initializer_list>

namespace fhirscope::simulation {

class CauseSet {
public:
    CauseSet() = default;
    CauseSet(std::initializer_list<diagnosis::CauseCode> causes) {
        for (const auto cause : causes) add(cause);
    }
    void add(diagnosis::CauseCode cause) { causes_.set(static_cast<std::size_t>(cause)); }
    void add(const CauseSet& other) { causes_ |= other.causes_; }
    bool contains(diagnosis::CauseCode cause) const { return causes_[static_cast<std::size_t>(cause)]; }

private:
    std::bitset<diagnosis::cause_codes> causes_;
};

struct Expectation {
    CauseSet right;          // one of them is wanted
    CauseSet also{};         // follows from the fault and is seen by itself: no mistake beside it, and none without it
    std::uint64_t after = 1; // wanted once there were so many effects; 0: never, the fault is a benign one
};
// By what the fault did, where that decides.
Expectation expectation(const FaultTrace& trace);

} // namespace fhirscope::simulation
