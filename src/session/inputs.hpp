#pragma once
// Inputs that can be read from any of them on: those of a file, or those that a running session keeps in memory.

#include "engine/engine.hpp"
#include "engine/input.hpp"
#include "fhir/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace fhirscope::session {

// The engine's state after the first `inputs` inputs.
struct Keyframe {
    std::uint64_t inputs = 0;
    std::string bytes;                         // as Engine::restore takes it; "" where `kept` has it
    std::optional<engine::Engine::Kept> kept{}; // of this process
    // Errors: Damaged, also of another build.
    Result<engine::Engine> engine() const {
        return kept ? engine::Engine::resume(*kept) : engine::Engine::restore(bytes);
    }
};

// Inputs are numbered from 0. Thread safety: each implementation says.
class Inputs {
public:
    Inputs() = default;
    Inputs(const Inputs&) = delete;
    Inputs& operator=(const Inputs&) = delete;
    virtual ~Inputs() = default;

    // The number of the first that is there, and one more than that of the last. Where begin() is not 0 there is a
    // keyframe of that number.
    virtual std::uint64_t begin() const = 0;
    virtual std::uint64_t end() const = 0;
    virtual LocalTime first() const = 0; // time of the first, and of the last; the epoch when there is none
    virtual LocalTime last() const = 0;

    // So many inputs are not later than `at`, counted from 0. Errors: those of for_each.
    virtual Result<std::uint64_t> count_until(LocalTime at) const = 0;
    // Gives the inputs from number `from` on in order; stops early when the call returns false. Errors: Damaged,
    // Cancelled; the inputs before were given.
    virtual Result<void> for_each(std::uint64_t from, const std::function<bool(const engine::Input&)>& call) const = 0;
    // The nearest that is kept at or before input number `from`; nothing: none, so reading begins at 0.
    virtual std::optional<Keyframe> keyframe_before(std::uint64_t from) const = 0;
};

} // namespace fhirscope::session
