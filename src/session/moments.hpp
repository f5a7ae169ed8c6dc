#pragma once
// Moments of a session that are kept to go back to, within a bound of bytes.

#include "engine/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace fhirscope::session {

// A moment with what is not shared of it compressed.
struct SmallMoment {
    engine::Engine::Kept kept;
    std::size_t size = 0; // of kept.bytes before they were compressed
    // Errors: Damaged.
    Result<engine::Engine::Kept> unpack() const;
};
SmallMoment make_small(const engine::Engine::Kept& kept, engine::Engine::Packed what);

// Thread safety: one thread at a time.
class Moments {
public:
    Moments(std::size_t budget, std::size_t packs_up_to) : budget_(budget), packs_up_to_(packs_up_to) {}

    // The state after `number` inputs. Where there is no room every other moment is given up.
    void add(std::uint64_t number, const engine::Engine& engine);
    // The nearest at or before `number`.
    struct Found {
        std::uint64_t number = 0;
        const SmallMoment* moment = nullptr;
    };
    std::optional<Found> before(std::uint64_t number) const;

    std::size_t size() const { return moments_.size(); }
    std::size_t bytes() const { return bytes_; } // an estimate: what is shared with others is counted once
    std::uint64_t given_up() const { return given_up_; }
    void clear();

private:
    struct Moment {
        SmallMoment small;
        std::size_t resources = 0; // bytes of those in it, where they are shared
        std::uint64_t came_in = 0; // bytes in all up to it
        std::uint64_t since = 0;   // bytes that came since the moment before it
        std::size_t bytes() const;
    };
    void thin_out();

    const std::size_t budget_, packs_up_to_;
    std::map<std::uint64_t, Moment> moments_;
    std::size_t bytes_ = 0;
    std::uint64_t given_up_ = 0;
};

} // namespace fhirscope::session
