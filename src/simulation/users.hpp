#pragma once
// People at the clients who edit and decide, and a colleague who writes the same resources without them.

#include "engine/command.hpp"
#include "fhir/random.hpp"
#include "simulation/virtual_world.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class Users {
public:
    // One at each client of the world.
    Users(VirtualWorld& world, std::uint64_t seed);
    Users(const Users&) = delete;
    Users& operator=(const Users&) = delete;

    // Nobody begins anything new; what waits for a decision still gets one.
    void stop() { stopped_ = true; }
    std::uint64_t edits() const { return edits_; }
    std::uint64_t decisions() const { return decisions_; }

private:
    struct User {
        Client& client;
        Random random;
        std::map<std::uint64_t, VirtualTime> deciding; // open conflicts: not thought about again before
    };

    void live(User& user);   // acts now and then
    void attend(User& user); // to what is open
    void act(User& user);
    void edit(User& user, const engine::Snapshot& snapshot);
    void discard(User& user, const engine::Snapshot& snapshot);
    void take_back(User& user, const engine::Snapshot& snapshot);
    void decide(User& user, std::uint64_t number);
    void work(Random& random); // the colleague
    void meddle(Random& random, const std::string& reference);

    VirtualWorld& world_;
    std::deque<User> users_;
    Random colleague_;
    std::uint64_t edits_ = 0, decisions_ = 0;
    bool stopped_ = false;
};

// One to three fields of a Task or Patient, as a person may set them.
std::vector<fhir::FieldEdit> draw_edits(Random& random, const fhir::Resource& resource);

} // namespace fhirscope::simulation
