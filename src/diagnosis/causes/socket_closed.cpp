// The socket was closed by the other end or on the way, and could be used again at once: what keeps real time down
// where nothing may be bound on the next one is something else.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_socket_closed(const Stretch& stretch) {
    const auto& closed = stretch.tally.of(Seen::Closed);
    if (closed.count == 0) return against("the socket was not closed by the other end");
    const Tally& seen = stretch.tally;
    for (const Seen refused : {Seen::RequestForbidden, Seen::RequestFeature, Seen::RequestQuota})
        if (seen.has(refused) && seen.of(refused).last >= closed.first &&
            (seen.has(Seen::AttemptRefused) || seen.has(Seen::GivenUp)))
            return against("on the next socket nothing may be bound");
    constexpr std::chrono::seconds soon{3};
    return closed.first <= stretch.noticed + soon ? yes(closed) : against("the socket was closed only later");
}

} // namespace fhirscope::diagnosis
