// The WebSocket cannot be opened, though the server answers requests: a proxy that does not pass Upgrade, or a wrong
// address.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_upgrade_refused(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::AttemptUpgrade)) return yes(seen.of(Seen::AttemptUpgrade));
    const auto& failed = seen.of(Seen::AttemptFailed);
    if (failed.count == 0) return against("no attempt to open the socket was refused");
    // Nothing listens for the socket, while requests are answered between two tries.
    const bool answered = seen.has(Seen::Answered) && seen.of(Seen::Answered).last >= failed.first;
    if (seen.has(Seen::RequestNotSent)) return against("requests failed like the socket");
    if (answered && failed.count >= 2) return yes(failed);
    return answered ? maybe(failed.text) : Judgement{};
}

} // namespace fhirscope::diagnosis
