// The server asks for a pause: the budget of requests is used up.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_throttled(const Stretch& stretch) {
    const auto& refused = stretch.tally.of(Seen::Request429);
    return refused.count > 0 ? yes(refused) : Judgement{};
}

} // namespace fhirscope::diagnosis
