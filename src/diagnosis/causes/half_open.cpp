// The connection is dead and nobody said so: a NAT or a firewall forgot it, or the network went. What decides against a
// server that hangs is a request: answered while the socket was silent, or at once when it was given up.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_half_open(const Stretch& stretch) {
    constexpr std::chrono::seconds at_once{3};
    const Tally& seen = stretch.tally;
    for (const Seen silent : {Seen::PongMissing, Seen::Silence}) {
        const auto& of = seen.of(silent);
        if (of.count == 0) continue;
        if (of.first > stretch.noticed) return against("the socket fell silent only later");
        if (seen.has(Seen::AttemptTimedOut)) return against("new connections were not answered either");
        const auto &answered = seen.of(Seen::Answered), &missing = seen.of(Seen::RequestUnanswered);
        if (missing.count > 0 && missing.first <= stretch.noticed + at_once)
            return against("requests were not answered either");
        // What a NAT forgot is remembered anew with the next socket.
        const auto& unbound = seen.of(Seen::BindUnanswered);
        if (unbound.count > 0 && unbound.last >= stretch.noticed)
            return maybe("the next socket carried nothing either");
        const bool answers = stretch.answered != LocalTime{} && stretch.answered <= stretch.noticed + at_once;
        if (answers) return yes(of);
        return answered.count > 0 && stretch.answered != LocalTime{} && !stretch.within
                   ? against("requests were answered only long after the socket was given up")
                   : maybe(of.text);
    }
    return against("the socket did not fall silent");
}

} // namespace fhirscope::diagnosis
