#include "diagnosis/observed_requests.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::FactCode;
using engine::no_subscription;
using namespace std::chrono_literals;

constexpr auto apart = 10s; // refusals that are further apart have nothing to do with each other

Stretches::One* under_way(ObservedStretches::All& all, Effect effect) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Stretches::One& one) {
        return one.stretch.effect == effect && one.stretch.to == LocalTime{};
    });
    return found == all.end() ? nullptr : &*found;
}

// Others were accepted, with no new login between: it was refused by itself.
void refused_alone(Stretches::One& one) {
    one.stretch.effect = Effect::Requests;
    one.cause = CauseCode::OddRefusals;
    one.stretch.to = one.last;
}

} // namespace

void read_observed_login(const engine::Snapshot& s, const std::vector<Observation>& fresh, ObservedStretches::All& all,
                         const ObservedStretches::Open& open) {
    const auto ended = [](const Stretches::One& one) { return one.stretch.tally.has(Seen::LoginEnded); };
    for (const Observation& observation : fresh) {
        Stretches::One* one = under_way(all, Effect::Login);
        switch (observation.seen) {
            case Seen::Request401:
                if (one && !ended(*one) && observation.at() - one->last > apart) {
                    refused_alone(*one);
                    one = nullptr;
                }
                if (!one) one = open(Effect::Login, observation.at(), no_subscription);
                if (!one) break;
                one->cause = CauseCode::LoginEnded;
                one->last = observation.at();
                one->stretch.tally.add(observation);
                break;
            case Seen::LoginEnded:
                if (one) one->stretch.tally.add({Seen::LoginEnded, no_subscription, {observation.at(), {}, {}}});
                break;
            case Seen::LoginAccepted:
            case Seen::LoginRenewed:
                if (!one) break;
                if (observation.seen == Seen::LoginRenewed) one->cause = CauseCode::LoginRenewed;
                one->stretch.tally.add(observation);
                one->stretch.to = observation.at();
                break;
            default:
                break;
        }
    }
    Stretches::One* one = under_way(all, Effect::Login);
    if (one && !ended(*one) && s.connection.login_accepted > one->last) refused_alone(*one);
}

void read_observed_attempts(const engine::Snapshot& s, const std::vector<Observation>& fresh,
                            ObservedStretches::All& all, const ObservedStretches::Open& open) {
    const auto opened_after = [&](LocalTime at) -> LocalTime {
        for (const engine::Attempt& attempt : s.connection.attempts)
            if (attempt.opened && attempt.ended >= at) return attempt.ended;
        return {};
    };
    for (const Observation& observation : fresh) {
        const bool refused = observation.seen == Seen::AttemptUpgrade || observation.seen == Seen::AttemptFailed;
        if (!refused) continue;
        Stretches::One* one = under_way(all, Effect::RealTime);
        if (one && opened_after(one->last) != LocalTime{} && opened_after(one->last) < observation.at()) {
            one->stretch.to = opened_after(one->last);
            one = nullptr;
        }
        if (!one) one = open(Effect::RealTime, observation.at(), no_subscription);
        if (!one) break;
        one->cause = CauseCode::UpgradeRefused;
        one->last = observation.at();
        one->stretch.tally.add(observation);
    }
    if (Stretches::One* one = under_way(all, Effect::RealTime)) one->stretch.to = opened_after(one->last);
}

void leave_out_refused(const engine::Snapshot& s, std::vector<Observation>& fresh) {
    if (fresh.empty()) return;
    std::set<LocalTime> refused;
    for (std::uint64_t i = s.events.end(); i > s.events.first(); --i) {
        const engine::Event& event = s.events[i - 1];
        if (event.at < fresh.front().at()) break;
        if (event.what.has(FactCode::SubscriptionRefused)) refused.insert(event.at);
    }
    std::erase_if(fresh, [&](const Observation& observation) {
        const bool is_request = observation.seen == Seen::RequestForbidden || observation.seen == Seen::RequestOdd ||
                                observation.seen == Seen::RequestQuota || observation.seen == Seen::RequestFeature;
        return is_request && refused.contains(observation.at());
    });
}

CauseCode cause_of_refusal(const engine::Fact& problem) {
    if (speaks_of_a_limit(problem)) return CauseCode::Quota;
    if (speaks_of_a_feature(problem)) return CauseCode::FeatureOff;
    if (problem.has(FactCode::NoTokenOperation)) return CauseCode::NoSuchOperation;
    const engine::Fact* answer = problem.find([](const engine::Fact& fact) { return fact.status != 0; });
    if (answer && answer->status == 401) return CauseCode::LoginEnded;
    return answer && answer->status == 403 ? CauseCode::NotPermitted : CauseCode::OddRefusals;
}

std::string untold_text(const engine::Untold& told) {
    std::string text = told.reference;
    if (told.deleted)
        text += " was deleted";
    else if (told.version.empty())
        text += " was changed (" + told.method + ")";
    else
        text += " has version " + told.version + " on the server (" + told.method + ")";
    return text +
           (told.held ? ", and an older one is what the client was shown" : ", and nothing showed it to the client");
}

} // namespace fhirscope::diagnosis
