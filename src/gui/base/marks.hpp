#pragma once
// Marks: their form carries a meaning and their color only repeats it (design guide, section 4). What is shown names
// them, the toolkit draws them.

#include <string_view>

namespace fhirscope::gui {

enum class Mark {
    Ok,      // a check was made and passed
    Applied, // the same tick in grey: normal, not a check
    Attention,
    Error,
    Conflict,
    Live,
    Fresh, // confirmed a moment ago
    Quiet,
    Idle,
    Info,
    Unknown,
    Duplicate,
    Superseded,
    Checking,
    Record,
    NotReached,
    Unconfirmed, // attention, outline only: nobody asked
    Count
};

enum class TaskMark { Requested, Received, Accepted, InProgress, OnHold, Completed, Cancelled, Draft, Other, Count };

// FHIR codes to marks; an unknown status is a plain ring, an unknown priority (rank 0) has no bar.
TaskMark task_mark_of(std::string_view status);
int priority_rank(std::string_view priority);

} // namespace fhirscope::gui
