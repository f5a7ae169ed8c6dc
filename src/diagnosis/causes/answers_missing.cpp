// Requests were sent, and no whole answer came.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_answers_missing(const Stretch& stretch) {
    const auto& missing = stretch.tally.of(Seen::RequestUnanswered);
    return missing.count > 0 ? yes(missing) : Judgement{};
}

} // namespace fhirscope::diagnosis
