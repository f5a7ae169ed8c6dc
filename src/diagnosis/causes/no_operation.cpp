// The server has the Subscription and no operation that gives a token for it.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_no_operation(const Stretch& stretch) {
    const auto& missing = stretch.tally.of(Seen::OperationMissing);
    if (stretch.began_live) return missing.count > 0 ? against("tokens were given before") : Judgement{};
    return missing.count > 0 ? yes(missing) : Judgement{};
}

} // namespace fhirscope::diagnosis
