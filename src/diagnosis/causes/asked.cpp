// A person disconnected or dropped the socket here: no fault of anybody.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_asked(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    for (const Seen asked : {Seen::Disconnected, Seen::Dropped})
        if (seen.has(asked) && seen.of(asked).first <= stretch.noticed) return yes(seen.of(asked));
    return against("nobody disconnected here");
}

} // namespace fhirscope::diagnosis
