// The login may not create, bind or search what is wanted.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_not_permitted(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    const auto& forbidden = seen.of(Seen::RequestForbidden);
    if (comes_later(stretch, forbidden)) return against("it was forbidden only later");
    if (forbidden.count > 0) return yes(forbidden);
    if (seen.has(Seen::SearchRefused) && !seen.has(Seen::RequestOdd)) return yes(seen.of(Seen::SearchRefused));
    return against("nothing was forbidden");
}

} // namespace fhirscope::diagnosis
