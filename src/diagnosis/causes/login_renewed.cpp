// A token of the login had expired and was renewed. What was bound with the old one is bound anew.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_login_renewed(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (!seen.has(Seen::LoginRenewed)) return against("no token had to be renewed");
    if (stretch.effect == Effect::Hearing && seen.of(Seen::LoginRenewed).first > stretch.noticed)
        return against("the login was renewed only later");
    if (stretch.effect == Effect::RealTime) return against("a renewal does not close the socket");
    return yes(seen.of(Seen::LoginRenewed));
}

} // namespace fhirscope::diagnosis
