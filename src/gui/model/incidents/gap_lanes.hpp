#pragma once
// When something changed on the server and when it was received here, over an incident's time: two lanes of counts, in
// which a gap is seen. Only what is known: what nobody has told of is in neither.

#include "diagnosis/incident.hpp"
#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

struct GapLanes {
    static constexpr std::uint64_t most_rows = 100'000;

    struct Column {
        std::uint32_t changed = 0;   // told of by the socket
        std::uint32_t missed = 0;    // changed, and brought by a search or read later
        std::uint32_t received = 0;  // by the socket
        std::uint32_t recovered = 0; // by a search or read
        std::uint32_t deletions = 0; // received: when it was deleted is not known
    };
    TimeRange shown, gap;           // gap: the incident's time, until now where it goes on
    bool open = false;              // what changed since it began is not known yet
    std::string scope{};            // "Task"; "" for all types
    std::vector<Column> columns{};  // over `shown`
    std::uint64_t recovered = 0;    // within `shown`
    std::uint64_t untimed = 0;      // received without a time of the change that can be used
    std::uint64_t left_out = 0;     // rows beyond most_rows
    std::optional<LocalTime> known; // rows before it are no longer kept

    // Whether the lanes say something of an incident of this effect.
    static bool are_of(diagnosis::Effect effect);
};

GapLanes gap_lanes(const engine::Snapshot& snapshot, const diagnosis::Incident& incident, LocalTime now,
                   std::size_t columns);

} // namespace fhirscope::gui
