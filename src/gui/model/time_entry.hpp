#pragma once
// A moment as people type it.

#include "gui/model/values.hpp"

#include <optional>
#include <string_view>

namespace fhirscope::gui {

// "09:36", "09:36:46", "09:36:46.118" (a time of day, in local time, on the day on which it lies within `range` or next
// to it), or "+2s", "-1m", "+500ms", "-1h" from `about` on. Nothing: not understood.
std::optional<LocalTime> read_moment(std::string_view text, LocalTime about, TimeRange range);

} // namespace fhirscope::gui
