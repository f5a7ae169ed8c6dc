// The certificate could not be verified, so nothing was sent.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_tls_refused(const Stretch& stretch) {
    const Tally& seen = stretch.tally;
    for (const Seen refused : {Seen::AttemptTls, Seen::RequestTls})
        if (seen.has(refused)) return yes(seen.of(refused));
    return {};
}

} // namespace fhirscope::diagnosis
