#pragma once

// Marks: their form carries a meaning and their colour only repeats it (design guide, section 4). What is shown names
// them, the toolkit draws them.

#include <string_view>

namespace fhirscope::gui {

enum class Mark {
    ok,      // a check was made and passed
    applied, // the same tick in grey: normal, not a check
    attention,
    error,
    conflict,
    live,
    fresh, // confirmed a moment ago
    quiet,
    idle,
    info,
    unknown,
    duplicate,
    superseded,
    checking,
    record,
    not_reached,
    unconfirmed, // attention, outline only: nobody asked
    count_
};

enum class TaskMark { requested, received, accepted, in_progress, on_hold, completed, cancelled, draft, other, count_ };

// FHIR codes to marks; an unknown status is a plain ring, an unknown priority (rank 0) has no bar.
TaskMark task_mark_of(std::string_view status);
int priority_rank(std::string_view priority);

} // namespace fhirscope::gui
