#pragma once
// A virtual world that keeps what went in and came out.

#include "simulation/invariants.hpp"
#include "simulation/virtual_world.hpp"

#include <string>
#include <vector>

namespace fhirscope::test {

using VirtualOptions = simulation::WorldOptions;

class VirtualWorld : public simulation::VirtualWorld {
public:
    explicit VirtualWorld(VirtualOptions options) : simulation::VirtualWorld(std::move(options)) {
        client().before_step = [this](const engine::Input& input) { inputs_.push_back(input); };
        client().after_step = [this](const engine::Input& input, const engine::Effects& effects) {
            for (engine::Effect effect : effects) {
                engine::ArchiveWriter writer(effects_bytes_);
                writer(effect);
            }
            if (const auto wrong = checks_.check(input, effects)) illegal_.push_back(wrong->text);
        };
    }

    const std::vector<engine::Input>& inputs() const { return inputs_; }
    const std::string& effects_bytes() const { return effects_bytes_; }
    // Effects that did not fit to the state of the engine's socket and requests.
    std::size_t stale_effects() const { return illegal_.size(); }

private:
    std::vector<engine::Input> inputs_;
    std::string effects_bytes_;
    simulation::EffectChecks checks_;
    std::vector<std::string> illegal_;
};

} // namespace fhirscope::test
