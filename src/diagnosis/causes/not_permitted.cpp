// The login may not create, bind or search what is wanted.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_not_permitted(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::RequestForbidden)) return yes(seen.of(Seen::RequestForbidden));
    if (seen.has(Seen::SearchRefused) && !seen.has(Seen::RequestOdd)) return yes(seen.of(Seen::SearchRefused));
    return against("nothing was forbidden");
}

} // namespace fhirscope::diagnosis
