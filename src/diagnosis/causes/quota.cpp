// The server takes no further Subscription: there are too many.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_quota(const Stretch& stretch) {
    const auto& refused = stretch.tally.of(Seen::RequestQuota);
    if (comes_later(stretch, refused)) return against("it was refused only later");
    return refused.count > 0 ? yes(refused) : Judgement{};
}

} // namespace fhirscope::diagnosis
