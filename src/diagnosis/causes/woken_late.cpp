// This computer slept, or its clock was set: what looks like silence of the server is none.
//
// It explains what was due meanwhile (silence, answers that did not come in time). A socket that was closed while it
// slept was closed for that reason; what another computer did meanwhile has its own signs.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_woken_late(const Stretch& stretch) {
    const auto& late = stretch.tally.of(Seen::WokenLate);
    if (late.count == 0) return against("no time passed here in which nothing was done");
    constexpr std::chrono::seconds soon{5}; // what was due or came meanwhile is dealt with at once
    const bool before = late.last <= stretch.noticed && stretch.noticed - late.last <= soon;
    return before || late.first == stretch.noticed ? yes(late) : against("it did not sleep then");
}

} // namespace fhirscope::diagnosis
