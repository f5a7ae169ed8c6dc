// The login has ended: every 401, refused token and dead binding after it follows from it.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_login_ended(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    constexpr std::chrono::seconds near{3};
    if (seen.has(Seen::LoginEnded)) {
        const LocalTime ended = seen.of(Seen::LoginEnded).first;
        // A socket outlives its login (PROTOCOL A14): one that was lost before was lost for another reason.
        if (seen.has(Seen::Closed) && seen.of(Seen::Closed).first < ended)
            return against("the socket was closed before");
        for (const Seen silent : {Seen::Silence, Seen::PongMissing})
            if (seen.has(silent) && seen.of(silent).first <= ended) return against("the socket fell silent before");
        return ended <= stretch.noticed + near ? yes(seen.of(Seen::LoginEnded)) : against("the login ended only later");
    }
    if (seen.has(Seen::Request401) && !seen.has(Seen::LoginRenewed) && !seen.has(Seen::Answered))
        return maybe(seen.of(Seen::Request401).text);
    return seen.has(Seen::Answered) ? against("requests were answered with this login") : Judgement{};
}

} // namespace fhirscope::diagnosis
