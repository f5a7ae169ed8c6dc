// Nothing listens at the server's address, or the way to it is closed.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_unreachable(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    const auto &attempts = seen.of(Seen::AttemptFailed), &requests = seen.of(Seen::RequestNotSent);
    if (attempts.count == 0 && requests.count == 0) return against("the server took every connection");
    if (requests.count > 0) return yes(requests);
    // The socket alone is another matter where requests are answered meanwhile.
    const bool answered = seen.has(Seen::Answered) && seen.of(Seen::Answered).last > attempts.first;
    if (answered && attempts.count >= 2) return against("requests were answered");
    return answered ? maybe(attempts.text) : yes(attempts);
}

} // namespace fhirscope::diagnosis
