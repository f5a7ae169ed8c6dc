// A page came instead of FHIR: a portal, a proxy's page, or another program at this address.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_other_answers(const Stretch& stretch) {
    const auto& other = stretch.tally.of(Seen::RequestOther);
    return other.count > 0 ? yes(other) : Judgement{};
}

} // namespace fhirscope::diagnosis
