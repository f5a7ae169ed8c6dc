// The binding ended on the server, while the Subscription is there: its token or the login that it was made with is
// over. A heartbeat no longer lists it; where none does, the token's own end tells.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_binding_ended(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::Gone)) return against("the Subscription itself was gone");
    if (seen.has(Seen::Unlisted)) return yes(seen.of(Seen::Unlisted));
    if (stretch.effect != Effect::Hearing || !seen.has(Seen::Deaf)) return {};
    if (stretch.token_end != LocalTime{} && stretch.token_end < stretch.noticed)
        return yes("its token had ended", stretch.token_end);
    return maybe(seen.of(Seen::Deaf).text);
}

} // namespace fhirscope::diagnosis
