#pragma once
// A recording as one page for a ticket: HTML that needs nothing else, no script, no picture, no other address.

#include "app/html.hpp"
#include "app/look_into.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::app {

// What a look at a recording gathers for the page, since the logs at its end are bounded.
struct PageFacts {
    struct Count {
        std::int64_t second = 0;
        std::uint64_t updates = 0;
    };
    struct Phase {
        LocalTime from;
        engine::ConnectionState state{};
    };
    static constexpr std::size_t most_counts = 4'096, most_phases = 4'096;

    std::string name; // of the file
    LookedInto looked;
    std::vector<Count> counts; // each of `step` seconds
    std::int64_t step = 1;
    std::vector<Phase> phases;
    std::uint64_t phases_left_out = 0;

    // Takes what a snapshot shows that came since the last one.
    void take(const engine::Snapshot& snapshot);

private:
    std::uint64_t received_ = 0;
};

std::string make_page(const PageFacts& facts);

// "err", "att", "info": how it is drawn.
std::string_view class_of(diagnosis::Severity severity);

// A part of it.
void add_timeline(Html& page, const PageFacts& facts);

} // namespace fhirscope::app
