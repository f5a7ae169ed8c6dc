#pragma once
// A person at one client: edits what is shown, takes some of it back, and decides open conflicts after a while. What
// one does follows from the seed and from what the client shows.

#include "sim/random.hpp"
#include "simulation/client.hpp"

#include <map>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class User {
public:
    User(EventQueue& queue, Client& client, std::uint64_t seed);
    User(const User&) = delete;
    User& operator=(const User&) = delete;

    // Edits nothing from now on, and decides at once whatever is open.
    void stop() { stopped_ = true; }

private:
    void act_later();
    void act();
    void edit(const engine::Snapshot& snapshot);
    std::vector<fhir::FieldEdit> some_fields(std::string_view type);
    fhir::FieldEdit some_task_field();
    fhir::FieldEdit some_patient_field();
    void discard(const engine::Snapshot& snapshot);
    void decide(const engine::Snapshot& snapshot);
    engine::Resolve decision(const engine::Conflict& conflict);
    void roll_back(const engine::Snapshot& snapshot);
    std::string said(); // words that nobody else ever says

    EventQueue& queue_;
    Client& client_;
    sim::Random random_;
    const std::int64_t pace_ms_, patience_ms_; // at most: between two acts; before a conflict is looked at
    const unsigned patch_percent_;
    std::map<std::uint64_t, VirtualTime> looks_at_; // an open conflict, and when it is decided
    std::uint64_t words_ = 0;
    bool stopped_ = false;
};

} // namespace fhirscope::simulation
