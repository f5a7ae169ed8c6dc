// Refused with a status that says nothing about the resource: something between, or a fault of the server.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_odd_refusals(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    if (seen.has(Seen::RequestOdd)) return yes(seen.of(Seen::RequestOdd));
    if (seen.has(Seen::Request401) && !seen.has(Seen::LoginRenewed)) return maybe(seen.of(Seen::Request401).text);
    return {};
}

} // namespace fhirscope::diagnosis
