// Frames were late already when the socket fell silent: pings and their answers are late with them, and the connection
// is given up though it carries.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_network_late(const Stretch& stretch) {
    constexpr std::chrono::seconds shortly{15};
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::PongLate) && seen.of(Seen::PongLate).first <= stretch.noticed)
        return yes(seen.of(Seen::PongLate));
    if (!seen.has(Seen::PongMissing) && !seen.has(Seen::Silence)) return {};
    const auto& late = seen.of(Seen::FramesLate);
    if (late.count == 0 || late.first > stretch.noticed || stretch.noticed - late.last > shortly)
        return against("frames came in time before");
    return yes(late);
}

} // namespace fhirscope::diagnosis
