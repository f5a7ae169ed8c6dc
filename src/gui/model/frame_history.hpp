#pragma once
// What drawing cost: the newest frames, in a ring.

#include "fhir/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace fhirscope::gui {

// One drawn frame; CPU time of the window's thread in milliseconds.
struct FrameTime {
    LocalTime at;
    float apply = 0; // taking the snapshot and what the session says
    float build = 0; // the picture's lists
    float draw = 0;  // handing them to the graphics driver
    float total() const { return apply + build + draw; }
};

// Written by the window's loop between frames, read by views while they draw: one thread.
class FrameHistory {
public:
    static constexpr std::size_t kept = 512;

    void push(FrameTime frame) { frames_[static_cast<std::size_t>(count_++ % kept)] = frame; }
    std::uint64_t count() const { return count_; } // of all that were drawn
    std::size_t size() const { return count_ < kept ? static_cast<std::size_t>(count_) : kept; }
    // Frame `number` of count(); only the newest size() are kept.
    const FrameTime& operator[](std::uint64_t number) const { return frames_[static_cast<std::size_t>(number % kept)]; }

private:
    std::array<FrameTime, kept> frames_{};
    std::uint64_t count_ = 0;
};

// How much of one CPU a thread has used lately.
struct ThreadLoad {
    int id = 0;
    std::string name;
    double share = 0;    // 0 … 1
    bool window = false; // the one that draws
};

} // namespace fhirscope::gui
