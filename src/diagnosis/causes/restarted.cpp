// The server closed the socket and was away for a while: nothing listened, then it did again.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_restarted(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (!seen.has(Seen::Closed)) return against("the socket was not closed by the other end");
    constexpr std::chrono::seconds soon{3};
    const auto &closed = seen.of(Seen::Closed), &attempts = seen.of(Seen::AttemptFailed),
               &requests = seen.of(Seen::RequestNotSent);
    if (closed.first > stretch.noticed + soon) return against("the socket was closed only later");
    if (closed.status == 1012) return yes(closed); // "service restart"
    const bool away = attempts.count + requests.count > 0;
    if (!away) return against("the server took connections all the time");
    // A way that is closed for sockets alone leaves requests answered.
    if (requests.count == 0 && attempts.count >= 2 && seen.of(Seen::Answered).last > attempts.first)
        return against("requests were answered meanwhile");
    return yes(requests.count > 0 ? requests : attempts);
}

} // namespace fhirscope::diagnosis
