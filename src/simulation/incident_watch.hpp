#pragma once
// Looks at one client with a Diagnosis once a second of virtual time, as a person with a window would, and keeps what
// it said, in the simulator's time.

#include "diagnosis/diagnosis.hpp"
#include "simulation/diagnosis_judge.hpp"
#include "simulation/virtual_world.hpp"

#include <map>
#include <vector>

namespace fhirscope::simulation {

class IncidentWatch {
public:
    static constexpr std::chrono::seconds period{1};

    IncidentWatch(VirtualWorld& world, Client& client);
    IncidentWatch(const IncidentWatch&) = delete;
    IncidentWatch& operator=(const IncidentWatch&) = delete;

    void stop(); // looks once more, and then no more
    Judgement judge() const;

private:
    struct Moment {
        LocalTime local;
        VirtualTime first{0}, last{0}; // that it was seen at
    };
    void go_on();
    void look();
    void keep(const diagnosis::Incident& incident);
    std::pair<VirtualTime, VirtualTime> times_of(LocalTime local) const; // the earliest and the latest

    VirtualWorld& world_;
    Client& client_;
    diagnosis::Diagnosis diagnosis_;
    std::vector<Moment> moments_;                // the clock of the client may leap or stand still between them
    std::map<std::uint64_t, SeenIncident> seen_; // by number
    bool stopped_ = false;
};

} // namespace fhirscope::simulation
