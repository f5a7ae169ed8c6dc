#pragma once
// Judges what one client shows and asks for, step by step.

#include "simulation/runner.hpp"
#include "simulation/virtual_world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class Watch {
public:
    // `replays`: the inputs are kept, for replay().
    Watch(VirtualWorld& world, Client& client, Thoroughness thoroughness, bool replays,
          std::function<void(Violation)> complain);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void before(const engine::Input& input);
    // Returns what it looked at; null where it did not look.
    engine::SnapshotPtr after(const engine::Input& input, const engine::Effects& effects);
    engine::SnapshotPtr look();
    // What differs between the stores and the server; "" when nothing does and nothing is under way.
    std::string difference() const;
    // What the engine logged last, and the commits of the resources that the text names.
    std::vector<std::string> tell(const std::string& text) const;
    // Gives the inputs to a second engine, which is kept as bytes and restored on the way.
    void replay();
    const Ledger& ledger() const { return ledger_; }

private:
    VirtualWorld& world_;
    Client& client_;
    const Thoroughness thoroughness_;
    const bool replays_;
    std::function<void(Violation)> complain_;
    Ledger ledger_;
    SnapshotChecks snapshot_checks_;
    EffectChecks effect_checks_;
    engine::Config config_;
    std::vector<engine::Input> inputs_;
    std::vector<std::size_t> while_editing_; // numbers of inputs behind which an edit was pending
    VirtualTime verify_begun_{0};
    std::uint64_t since_look_ = 0;
    bool live_ = false, verifying_ = false;
};

} // namespace fhirscope::simulation
