// This computer slept, or its clock was set: what looks like silence of the server is none.
//
// It explains what was due meanwhile (silence, answers that did not come in time). A socket that was closed while it
// slept was closed for that reason; what another computer did meanwhile has its own signs.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_woken_late(const Stretch& stretch) {
    const auto& late = stretch.tally.of(Seen::WokenLate);
    if (late.count == 0) return against("no time passed here in which nothing was done");
    // What was due meanwhile is dealt with at once, as of the time when it was due.
    constexpr std::chrono::seconds soon{5};
    const bool before = late.last <= stretch.noticed && stretch.noticed <= late.until + soon;
    return before || late.first == stretch.noticed ? yes(late) : against("it did not sleep then");
}

} // namespace fhirscope::diagnosis
