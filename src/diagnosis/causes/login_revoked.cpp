// The login was ended on the server: what was bound with it hears nothing, and a new login had to be made.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_login_revoked(const Stretch& stretch) {
    constexpr std::chrono::seconds at_once{3}, soon{15}; // soon: a heartbeat tells of it
    const Tally& seen = stretch.tally;
    if (stretch.effect != Effect::Hearing && stretch.effect != Effect::RealTime) return {};
    const auto& renewed = seen.of(Seen::LoginRenewed);
    if (renewed.count == 0) return against("no login had to be renewed");
    if (renewed.first > stretch.noticed + at_once) return against("the login was renewed only later");
    // An access token that has expired ends no binding (PROTOCOL A14): its login lives on.
    for (const Seen ended : {Seen::Unlisted, Seen::Gone})
        if (seen.has(ended) && seen.of(ended).first <= stretch.noticed + at_once &&
            seen.of(ended).first - renewed.last <= soon && renewed.first - seen.of(ended).first <= soon)
            return yes(renewed.text + "; " + seen.of(ended).text, renewed.first);
    return seen.has(Seen::Deaf) ? maybe(renewed.text) : against("what was bound with it lived on");
}

} // namespace fhirscope::diagnosis
