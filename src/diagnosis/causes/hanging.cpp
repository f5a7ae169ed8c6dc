// The server takes connections and requests, and answers nothing.

#include "diagnosis/causes/judge.hpp"
#include "diagnosis/mutation.hpp"

namespace fhirscope::diagnosis {

Judgement judge_hanging(const Stretch& stretch) {
    if (stretch.effect == Effect::Requests) return {};
    constexpr std::chrono::seconds at_once{3};
    const Tally& seen = stretch.tally;
    const bool silent = seen.has(Seen::Silence) || seen.has(Seen::PongMissing) || seen.has(Seen::ProbeMissing);
    if (seen.has(Seen::AttemptTimedOut)) return yes(seen.of(Seen::AttemptTimedOut));
    if (!silent) return against("the socket did not fall silent");
    if (seen.has(Seen::ProbeMissing)) return yes(seen.of(Seen::ProbeMissing));
    const auto& missing = seen.of(Seen::RequestUnanswered);
    if (missing.count > 0 && missing.first <= stretch.noticed + at_once) return yes(missing);
    if (stretch.answered == LocalTime{}) return maybe("nothing was answered since the socket fell silent");
    if (stretch.within && stretch.answered > stretch.noticed + at_once)
        return maybe("nothing was asked for a while after the socket fell silent");
    const bool answered = stretch.answered <= stretch.noticed + at_once;
    if (answered && !mutated(Mutation::HangsThoughAnswering))
        return stretch.answered <= stretch.noticed
                   ? against("requests were answered while the socket was silent")
                   : maybe(
                         "requests were answered as soon as the socket was given up, as after a hang that ended then");
    return yes("nothing was answered for a while after the socket was given up", stretch.from);
}

} // namespace fhirscope::diagnosis
