// WebSocket subscriptions are not enabled for the project.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_feature_off(const Stretch& stretch) {
    const auto& refused = stretch.tally.of(Seen::RequestFeature);
    if (comes_later(stretch, refused)) return against("it was refused only later");
    return refused.count > 0 ? yes(refused) : Judgement{};
}

} // namespace fhirscope::diagnosis
