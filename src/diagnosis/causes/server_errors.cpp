// The server, or a proxy for it, answers 5xx.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_server_errors(const Stretch& stretch) {
    const auto& errors = stretch.tally.of(Seen::Request5xx);
    return errors.count > 0 ? yes(errors) : Judgement{};
}

} // namespace fhirscope::diagnosis
