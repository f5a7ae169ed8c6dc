#include "diagnosis/causes/judging.hpp"

#include "diagnosis/mutation.hpp"

namespace fhirscope::diagnosis {
namespace {

// Whether a cause can have this effect at all.
bool can_have(CauseCode cause, Effect effect) {
    switch (cause) {
        case CauseCode::Asked:
        case CauseCode::TlsRefused:
        case CauseCode::UpgradeRefused:
        case CauseCode::Restarted:
        case CauseCode::Hanging:
        case CauseCode::HalfOpen:
        case CauseCode::SocketClosed:
        case CauseCode::NetworkLate:
            return effect == Effect::RealTime;
        case CauseCode::SubscriptionOff:
        case CauseCode::BindingEnded:
            return effect == Effect::Hearing;
        case CauseCode::EventsLost:
            return effect == Effect::Hearing || effect == Effect::Delivery;
        default:
            return effect != Effect::Delivery;
    }
}

} // namespace

Judged judge(const Stretch& stretch) {
    Judged judged;
    std::vector<CauseCode> possible;
    for (const Cause& cause : deciding_causes()) {
        if (!can_have(cause.code, stretch.effect)) continue;
        if (stretch.within && cause.code == CauseCode::LoginEnded) continue; // a socket outlives its login
        Judgement one = cause.judge(stretch);
        const bool is_first = judged.cause == CauseCode::NotKnown || mutated(Mutation::LastFitWins);
        if (one.fit == Fit::Yes && is_first) {
            judged.cause = cause.code;
            judged.why = std::move(one);
        } else if (one.fit == Fit::Maybe) {
            possible.push_back(cause.code);
            if (judged.cause != CauseCode::NotKnown)
                judged.ruled_out.push_back({cause.code, false, "not decided: " + one.text});
        } else if (one.contradicted) {
            judged.ruled_out.push_back({cause.code, true, std::move(one.text)});
        }
    }
    if (judged.cause != CauseCode::NotKnown) {
        judged.confidence = possible.empty() ? 100 : 90;
        return judged;
    }
    if (possible.empty()) return judged;
    judged.cause = possible.front();
    judged.alternatives.assign(possible.begin() + 1, possible.end());
    judged.why = deciding(judged.cause)->judge(stretch);
    judged.confidence = possible.size() == 1 ? 70 : static_cast<int>(90 / possible.size());
    return judged;
}

} // namespace fhirscope::diagnosis
