// A person disconnected or dropped the socket here: no fault of anybody.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_asked(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::Disconnected) && seen.of(Seen::Disconnected).first <= stretch.noticed)
        return yes(seen.of(Seen::Disconnected));
    if (!seen.has(Seen::Dropped) || seen.of(Seen::Dropped).first > stretch.noticed)
        return against("nobody disconnected here");
    // A socket that was dropped is opened again at once: what prevents that is another matter.
    for (const Seen prevents : {Seen::AttemptFailed, Seen::AttemptTimedOut, Seen::AttemptTls, Seen::AttemptUpgrade,
                                Seen::RequestNotSent, Seen::BindUnanswered})
        if (seen.has(prevents)) return against("it was dropped here, and could not be opened again");
    return yes(seen.of(Seen::Dropped));
}

} // namespace fhirscope::diagnosis
