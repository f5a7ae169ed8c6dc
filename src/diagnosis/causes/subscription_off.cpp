// The server itself calls the Subscription off or in error.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_subscription_off(const Stretch& stretch) {
    const auto& bad = stretch.tally.of(Seen::StatusBad);
    return bad.count > 0 ? yes(bad) : Judgement{};
}

} // namespace fhirscope::diagnosis
