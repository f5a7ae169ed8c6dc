// Asked after, the Subscription is not there: deleted, run out, or forgotten by the server. Heartbeats may go on
// listing it (PROTOCOL, 5.1.26).

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_subscription_gone(const Stretch& stretch) {
    const auto& gone = stretch.tally.of(Seen::Gone);
    if (gone.count > 0) return yes(gone);
    return stretch.tally.has(Seen::Answered) ? against("asked after, the Subscription was there") : Judgement{};
}

} // namespace fhirscope::diagnosis
