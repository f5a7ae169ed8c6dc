// The bind was sent, and neither handshake nor error came.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_bind_ignored(const Stretch& stretch) {
    const auto& unanswered = stretch.tally.of(Seen::BindUnanswered);
    if (unanswered.count == 0) return against("every bind was answered");
    return yes(unanswered);
}

} // namespace fhirscope::diagnosis
