#pragma once
// What differs between two moments of one session, field by field.

#include "engine/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace fhirscope::gui {

struct StateRow {
    enum class Kind : std::uint8_t { Added, Removed, Changed } kind = Kind::Changed;
    std::string reference{}, person{}; // person: "" where the resource is about none that is known
    std::string path{};                // of the field; "" for the whole resource
    std::string here{}, there{};       // JSON text; "" where it is absent
    std::optional<LocalTime> at{};     // when it first changed after the earlier moment; nothing: nobody knows any more
};

struct StateDiff {
    static constexpr std::size_t most_rows = 5000;

    std::vector<StateRow> rows; // those of a resource one after another, what differed first is first
    std::size_t resources = 0;  // that differ
    std::size_t compared = 0;   // that either of them shows
    std::size_t left_out = 0;   // rows beyond the bound
};

// What each of them shows, local edits included. Added: only `there` has it. What only says when (the versionId,
// lastUpdated) is no difference. Throws Stopped (worker.hpp).
StateDiff state_diff(const engine::Snapshot& here, const engine::Snapshot& there, const std::stop_token& stop);

} // namespace fhirscope::gui
