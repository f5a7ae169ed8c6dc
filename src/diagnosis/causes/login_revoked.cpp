// The login was ended on the server: what was bound with it hears nothing, and a new login had to be made.

#include "diagnosis/causes/judge.hpp"

namespace fhirscope::diagnosis {

Judgement judge_login_revoked(const Stretch& stretch) {
    constexpr std::chrono::seconds at_once{3};
    const Tally& seen = stretch.tally;
    if (stretch.effect != Effect::Hearing && stretch.effect != Effect::RealTime) return {};
    const auto& renewed = seen.of(Seen::LoginRenewed);
    if (renewed.count == 0) return against("no login had to be renewed");
    if (renewed.first > stretch.noticed + at_once) return against("the login was renewed only later");
    // An access token that has expired ends no binding (PROTOCOL A14): its login lives on.
    const auto& unlisted = seen.of(Seen::Unlisted);
    if (unlisted.count > 0 && unlisted.first <= stretch.noticed + at_once && is_near(unlisted, renewed))
        return yes(renewed.text + "; " + unlisted.text, renewed.first);
    // One that is gone may have been deleted by somebody at that time: both have this sign.
    if (seen.has(Seen::Gone) && is_near(seen.of(Seen::Gone), renewed)) return maybe(renewed.text);
    return seen.has(Seen::Deaf) ? maybe(renewed.text) : against("what was bound with it lived on");
}

} // namespace fhirscope::diagnosis
