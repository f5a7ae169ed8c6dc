// A token of the login had expired and was renewed. What was bound with the old one is bound again.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_login_renewed(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (!seen.has(Seen::LoginRenewed)) return against("no token had to be renewed");
    const bool deaf = stretch.effect == Effect::RealTime || stretch.effect == Effect::Hearing;
    if (deaf) return against("a renewal ends no socket and no binding");
    return yes(seen.of(Seen::LoginRenewed));
}

} // namespace fhirscope::diagnosis
