#pragma once

// The bar at the top: what is connected to what, in which state, what is not well, whether it is recorded, and the way
// to every command.

#include "gui/context.hpp"

namespace fhirscope::gui {

// Counts of resources whose standing is not certain, kept between frames by comparing the identities of chunks.
class StandingCounter {
public:
    void update(const engine::SnapshotPtr& snapshot);
    std::size_t unconfirmed() const { return unconfirmed_; }
    std::size_t checking() const { return checking_; }

private:
    struct Chunk {
        const void* identity = nullptr;
        std::uint32_t unconfirmed = 0, checking = 0;
    };
    engine::SnapshotPtr snapshot_; // holds the chunks, so that an identity cannot be used again
    std::vector<std::vector<Chunk>> stores_;
    std::size_t unconfirmed_ = 0, checking_ = 0;
};

class TopBar {
public:
    void draw(Context& context, const Rect& area);

private:
    StandingCounter standing_;
};

} // namespace fhirscope::gui
