// Everything seemed well, and single changes were not told of: the server's workers lost them, or the way did.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_events_lost(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    for (const Seen found : {Seen::MissedFound, Seen::Deaf, Seen::NeverSeen, Seen::MissedRecovered})
        if (seen.has(found))
            return stretch.effect == Effect::Delivery ? yes(seen.of(found)) : maybe(seen.of(found).text);
    return {};
}

} // namespace fhirscope::diagnosis
