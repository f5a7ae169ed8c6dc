// Asked after, the Subscription is not there: deleted, run out, or forgotten by the server. Heartbeats may go on
// listing it (PROTOCOL, 5.1.26).

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_subscription_gone(const Stretch& stretch) {
    const auto& gone = stretch.tally.of(Seen::Gone);
    if (gone.count == 0)
        return stretch.tally.has(Seen::Answered) ? against("asked after, the Subscription was there") : Judgement{};
    // Where everything is answered so, it says nothing of the Subscription.
    constexpr std::chrono::seconds near{3};
    const auto& odd = stretch.tally.of(Seen::RequestOdd);
    const bool is_for_all = odd.count > 0 && (odd.status == 404 || odd.status == 410) &&
                            odd.first <= gone.first + near && odd.last >= gone.first - near;
    if (is_for_all) return against("searches were answered so, too");
    // A server may delete what was bound with a login that was revoked (PROTOCOL A14, 5.1).
    return is_near(gone, stretch.tally.of(Seen::LoginRenewed)) ? maybe(gone.text) : yes(gone);
}

} // namespace fhirscope::diagnosis
