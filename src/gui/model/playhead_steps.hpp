#pragma once
// Where the playhead goes, step by step: from what happened to what happened next.

#include "diagnosis/incidents.hpp"
#include "engine/snapshot.hpp"
#include "gui/model/playhead.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace fhirscope::gui {

enum class PlayheadStep { Update, Frame, Conflict, Incident, Bookmark };
constexpr std::size_t playhead_steps = 5;
std::string_view to_string(PlayheadStep step); // "update"

// The next moment after `at` (direction 1) or the last before it (−1) at which something of this kind happened: an
// update was decided, a frame came or went, a conflict was found, an incident began or ended. `whole`: the snapshot of
// all that is known, and its incidents. Nothing: there is none.
std::optional<LocalTime> next_step(PlayheadStep step, int direction, LocalTime at, const engine::Snapshot& whole,
                                   const diagnosis::Incidents& incidents, const std::vector<Bookmark>& bookmarks);

} // namespace fhirscope::gui
