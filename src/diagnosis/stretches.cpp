#include "diagnosis/stretches.hpp"

#include "diagnosis/mutation.hpp"
#include "diagnosis/observed_stretches.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::diagnosis {
namespace {

using engine::no_subscription;
using engine::SubscriptionState;
using namespace std::chrono_literals;

constexpr auto before_it = 3s;     // a cause shows itself shortly before its effect
constexpr auto after_it = 15s;     // and what was missed is found shortly after its end
constexpr auto quiet = 10s;        // so long without another failed request it is over
constexpr auto quiet_rights = 90s; // what is not permitted is tried again with the next check, each minute
constexpr auto to_become_live = 10s;
constexpr auto remembered = 5min;
constexpr std::size_t observations_kept = 4'096, stretches_kept = 256;

// The cause of a request that failed, where its answer says it.
CauseCode cause_of(Seen seen) {
    switch (seen) {
        case Seen::RequestNotSent:
            return CauseCode::Unreachable;
        case Seen::RequestUnanswered:
            return CauseCode::AnswersMissing;
        case Seen::RequestForbidden:
            return CauseCode::NotPermitted;
        case Seen::RequestFeature:
            return CauseCode::FeatureOff;
        case Seen::RequestQuota:
            return CauseCode::Quota;
        case Seen::RequestOdd:
            return mutated(Mutation::ErrorsForRefusals) ? CauseCode::ServerErrors : CauseCode::OddRefusals;
        case Seen::Request429:
            return CauseCode::Throttled;
        case Seen::Request5xx:
            return mutated(Mutation::ErrorsForRefusals) ? CauseCode::OddRefusals : CauseCode::ServerErrors;
        case Seen::RequestOther:
            return CauseCode::OtherAnswers;
        case Seen::RequestTls:
            return CauseCode::TlsRefused;
        default:
            return CauseCode::NotKnown;
    }
}

std::chrono::seconds quiet_of(CauseCode cause) {
    const bool is_of_rights =
        cause == CauseCode::NotPermitted || cause == CauseCode::FeatureOff || cause == CauseCode::Quota;
    return is_of_rights ? quiet_rights : quiet;
}

bool concerns(const Observation& observation, const Stretch& stretch) {
    return stretch.subscription == no_subscription || observation.subscription == no_subscription ||
           observation.subscription == stretch.subscription;
}

// Found shortly after the end, and of it.
bool is_aftermath(Seen seen) {
    return seen == Seen::MissedRecovered || seen == Seen::MissedFound || seen == Seen::NeverSeen ||
           seen == Seen::LostBefore || seen == Seen::DeletedLate;
}

// After this, as far as is known: the last answer of all, or a socket that was opened before it. The epoch: none.
LocalTime first_answer(const engine::ConnectionView& c, LocalTime after) {
    LocalTime first = c.login_accepted > after ? c.login_accepted : LocalTime{};
    for (const engine::Attempt& attempt : c.attempts)
        if (attempt.opened && attempt.ended > after && (first == LocalTime{} || attempt.ended < first))
            first = attempt.ended;
    return first;
}

bool hears(const engine::SubscriptionView& subscription) {
    return subscription.state == SubscriptionState::Live || subscription.state == SubscriptionState::Refreshing;
}

} // namespace

Stretches::Stretches() = default;
Stretches::~Stretches() = default;

void Stretches::tally(One& one, LocalTime from) {
    for (const Observation& observation : recent_)
        if (observation.at() >= from && concerns(observation, one.stretch)) one.stretch.tally.add(observation);
}

Stretches::One& Stretches::open(Effect effect, LocalTime from, LocalTime noticed,
                                engine::SubscriptionIndex subscription) {
    if (all_.size() >= stretches_kept) {
        const auto over =
            std::find_if(all_.begin(), all_.end(), [](const One& one) { return one.stretch.to != LocalTime{}; });
        all_.erase(over == all_.end() ? all_.begin() : over);
        ++dropped_;
    }
    One& one = all_.emplace_back();
    one.number = take_number();
    one.stretch.effect = effect;
    one.stretch.from = from;
    one.stretch.noticed = noticed;
    one.stretch.subscription = subscription;
    one.stretch.began_live = was_live_;
    one.stretch.polls_before = one.stretch.polls = polls_;
    return one;
}

Stretches::One* Stretches::going_on(Effect effect, engine::SubscriptionIndex subscription) {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const One& one) {
        return one.stretch.effect == effect && one.stretch.subscription == subscription &&
               one.stretch.to == LocalTime{} && !one.stretch.within;
    });
    return found == all_.end() ? nullptr : &*found;
}

bool Stretches::is_covered(LocalTime at, LocalTime now) const {
    return std::any_of(
        all_.begin(), all_.end(),
        [&](const One& one) {
            return one.stretch.effect == Effect::RealTime && one.cause == CauseCode::NotKnown &&
                   at >= one.stretch.from - 1s && at <= one.stretch.end(now) + 1s;
        });
}

// What was changed while the socket still brought all that it was to bring is no consequence of its loss.
bool Stretches::is_older_than_outage(const Observation& missed) const {
    constexpr auto on_its_way = 5s;
    const One* outage = nullptr; // the last that it was caught up after
    for (const One& one : all_)
        if (one.stretch.effect == Effect::RealTime && !one.stretch.within && one.stretch.began_live &&
            one.cause == CauseCode::NotKnown && one.stretch.from <= missed.at())
            outage = &one;
    return outage && missed.since > was_live_since_ && missed.since + on_its_way < outage->proved;
}

void Stretches::read_connection(const engine::Snapshot& s, const std::vector<Observation>& fresh) {
    for (const Observation& observation : fresh) {
        One* current = going_on(Effect::RealTime, no_subscription);
        if (observation.seen == Seen::Live) {
            if (!was_live_) was_live_since_ = observation.at();
            was_live_ = true;
            if (current && !mutated(Mutation::OutageNeverEnds)) current->stretch.to = observation.at();
        } else if (observation.seen == Seen::AskedAgain) {
            // What a person wished is over; from here on it should be live.
            if (current && current->stretch.tally.has(Seen::Disconnected)) current->stretch.to = observation.at();
            wanted_ = observation.at();
        } else if (observation.seen == Seen::Down && !current) {
            // What was sent since the last frame may not have come.
            LocalTime from = was_live_ ? observation.at() : std::min(observation.at(), s.metrics.started);
            if (observation.since != LocalTime{}) from = std::min(from, observation.since);
            // It was there as long as one of them heard.
            LocalTime proved = from, heard{};
            for (const engine::SubscriptionView& subscription : s.subscriptions) {
                if (subscription.unheard_since == LocalTime{} ||
                    observation.at() - subscription.unheard_noticed > before_it)
                    continue;
                proved = std::min(proved, subscription.unheard_since);
                heard = std::max({heard, subscription.unheard_since, subscription.last_event});
            }
            if (heard != LocalTime{}) from = std::min(from, heard);
            One& one = open(Effect::RealTime, from, observation.at(), no_subscription);
            one.proved = proved;
            tally(one, std::max(from, observation.at() - 2min) - before_it);
        } else if (observation.seen == Seen::LostToo) {
            One& one = open(Effect::RealTime, observation.at(), observation.at(), no_subscription);
            one.stretch.within = true;
            tally(one, observation.at());
        }
        if (observation.seen != Seen::LoginAccepted && observation.seen != Seen::Disconnected) continue;
        for (One& one : all_)
            if (one.stretch.within && one.stretch.to == LocalTime{}) one.stretch.to = observation.at();
    }
    const LocalTime wanted = std::max(wanted_, s.metrics.started);
    const bool waits = s.connection.live_since <= wanted && s.connection.phase != engine::Phase::Live &&
                       s.connection.phase != engine::Phase::Closed && !s.subscriptions.empty();
    if (waits && s.at - wanted > to_become_live && !going_on(Effect::RealTime, no_subscription))
        tally(open(Effect::RealTime, wanted, s.at, no_subscription), wanted);
}

void Stretches::read_hearing(const engine::Snapshot& s) {
    const bool is_down = going_on(Effect::RealTime, no_subscription) != nullptr;
    for (engine::SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        const engine::SubscriptionView& subscription = s.subscriptions[i];
        One* current = going_on(Effect::Hearing, i);
        const bool stuck = was_live_ && !hears(subscription) && s.at - subscription.since > to_become_live;
        const bool told = subscription.unheard_since != LocalTime{} && !subscription.unheard_why.empty();
        const bool deaf = told || stuck;
        if (current) {
            if (!deaf && hears(subscription)) {
                const bool caught_up =
                    !subscription.silences.empty() && subscription.silences.back().to > current->stretch.noticed;
                current->stretch.to = caught_up ? subscription.silences.back().to : s.at;
            }
            continue;
        }
        if (deaf && !is_down) {
            const bool known = subscription.unheard_since != LocalTime{};
            const LocalTime noticed = known ? subscription.unheard_noticed : subscription.since;
            if (is_covered(noticed, s.at)) continue; // it is not back yet
            One& one = open(Effect::Hearing, known ? subscription.unheard_since : subscription.since, noticed, i);
            one.stretch.token_end = subscription.token_expires;
            tally(one, std::max(one.stretch.from, noticed - 5s) - before_it);
            continue;
        }
        for (const engine::Silence& silence : subscription.silences) {
            if (silence.to <= looked_ || silence.why.empty() || is_covered(silence.noticed, s.at)) continue;
            const bool is_known = std::any_of(all_.begin(), all_.end(), [&](const One& one) {
                return one.stretch.effect == Effect::Hearing && one.stretch.subscription == i &&
                       one.stretch.noticed == silence.noticed;
            });
            if (is_known) continue;
            One& one = open(Effect::Hearing, silence.from, silence.noticed, i);
            one.stretch.to = silence.to;
            tally(one, std::max(one.stretch.from, silence.noticed - 5s) - before_it);
        }
    }
}

void Stretches::read_requests(const engine::Snapshot& s, const std::vector<Observation>& fresh) {
    for (const Observation& observation : fresh) {
        const CauseCode cause = cause_of(observation.seen);
        if (cause == CauseCode::NotKnown) continue;
        auto one = std::find_if(all_.begin(), all_.end(), [&](const One& other) {
            return other.stretch.effect == Effect::Requests && other.cause == cause &&
                   observation.at() - other.last <= quiet_of(cause);
        });
        if (one == all_.end()) {
            One& opened = open(Effect::Requests, observation.at(), observation.at(), no_subscription);
            opened.cause = cause;
            opened.proved = accepted_;
            one = std::prev(all_.end());
        }
        one->last = observation.at();
        one->stretch.to = {};
        one->stretch.tally.add(observation);
    }
    for (One& one : all_)
        if (one.stretch.effect == Effect::Requests && one.stretch.to == LocalTime{} &&
            s.at - one.last > quiet_of(one.cause))
            one.stretch.to = one.last;
}

// What is over as soon as it is seen.
void Stretches::read_moments(const engine::Snapshot& s, const std::vector<Observation>& fresh) {
    for (const Observation& observation : fresh) {
        if (observation.seen == Seen::LoginRenewed || observation.seen == Seen::WokenLate) {
            const bool slept = observation.seen == Seen::WokenLate;
            One& one =
                open(slept ? Effect::RealTime : Effect::Login, observation.at(), observation.at(), no_subscription);
            one.cause = slept ? CauseCode::WokenLate : CauseCode::LoginRenewed;
            one.proved = slept ? LocalTime{} : std::min(accepted_, observation.at());
            one.stretch.to = observation.at();
            one.stretch.tally.add(observation);
        }
        if (observation.seen == Seen::BindUnanswered) {
            One& one = open(Effect::Hearing, observation.at(), observation.at(), observation.subscription);
            one.cause = CauseCode::BindIgnored;
            one.stretch.to = observation.at();
            one.stretch.tally.add(observation);
        }
        if (observation.seen == Seen::LoginEnded) {
            One& one = open(Effect::Login, observation.at(), observation.at(), no_subscription);
            one.cause = CauseCode::LoginEnded;
            one.stretch.tally.add(observation);
        }
        if (observation.seen == Seen::LoginAccepted || observation.seen == Seen::Disconnected)
            if (One* one = going_on(Effect::Login, no_subscription)) one->stretch.to = observation.at();
        if (observation.seen == Seen::MissedFound || observation.seen == Seen::LostBefore) {
            const bool is_old = observation.seen == Seen::LostBefore;
            const LocalTime from = is_old ? observation.since : observation.at();
            One* one = going_on(Effect::Delivery, observation.subscription);
            if (!one) {
                one = &open(Effect::Delivery, from, observation.at(), observation.subscription);
                one->cause = CauseCode::EventsLost;
            }
            one->stretch.from = std::min(one->stretch.from, from);
            one->changed = std::max(one->changed, observation.since);
            one->last = observation.at();
            one->stretch.tally.add(observation);
        }
    }
    for (One& one : all_)
        if (one.stretch.effect == Effect::Delivery && one.stretch.to == LocalTime{} && s.at - one.last > quiet)
            one.stretch.to = one.last;
}

// Another client's traffic is read in a way of its own; the requests that failed are judged alike.
void Stretches::follow(const engine::Snapshot& snapshot, std::vector<Observation> fresh) {
    if (!observed_) observed_ = std::make_unique<ObservedStretches>();
    without_room_ = 0;
    observed_->update(snapshot, fresh, all_, [&](Effect effect, LocalTime from, engine::SubscriptionIndex of) -> One* {
        // One that goes on would be found again with the next snapshot.
        const bool any_over =
            std::any_of(all_.begin(), all_.end(), [](const One& one) { return one.stretch.to != LocalTime{}; });
        if (all_.size() < stretches_kept || any_over) return &open(effect, from, from, of);
        ++without_room_;
        return nullptr;
    });
    read_requests(snapshot, fresh);
    for (One& one : all_) one.is_observed = true;
    for (One& one : all_) // nothing shows that they would go on failing
        if (one.stretch.effect == Effect::Requests && one.stretch.to == LocalTime{}) one.stretch.to = one.last;
    looked_ = snapshot.at;
}

// What a catch-up found that was lost before, and what a comparison found that may be on its way.
void Stretches::tell_old(std::vector<Observation>& fresh, const engine::Snapshot& snapshot, const Facts& facts,
                         const std::vector<FindingPtr>& findings) {
    const bool is_late = std::any_of(findings.begin(), findings.end(),
                                     [](const FindingPtr& one) { return one->id == "D22" || one->id == "D54"; });
    if (is_late) late_ = snapshot.at;
    // Times of two clocks say little while one of them was just set, or what comes is late.
    const bool can_tell_old = snapshot.at - facts.clock_changed() > 90s && snapshot.at - late_ > 60s;
    if (!can_tell_old) {
        // What a comparison found may be on its way.
        std::erase_if(fresh, [](const Observation& one) {
            return one.seen == Seen::MissedFound && one.evidence.code == engine::FactCode::DriftFound;
        });
        for (Observation& one : fresh)
            if (one.seen == Seen::MissedFound) one.since = {};
    }
    for (Observation& one : fresh)
        if (one.seen == Seen::MissedRecovered && can_tell_old && is_older_than_outage(one)) one.seen = Seen::LostBefore;
}

void Stretches::note_answers(const engine::ConnectionView& connection) {
    for (One& one : all_) {
        if (one.stretch.answered != LocalTime{}) continue;
        // Shortly after the last frame it may have been well still. A refusal of the login is an answer, too.
        const LocalTime since = std::max(one.stretch.from, one.stretch.noticed - 5s);
        const auto& refused = one.stretch.tally.of(Seen::Request401);
        if (one.stretch.effect == Effect::RealTime && refused.count > 0 && refused.last >= since)
            one.stretch.answered = std::max(refused.first, since);
        else
            one.stretch.answered = first_answer(connection, since);
    }
}

void Stretches::update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings) {
    std::vector<Observation> fresh = observer_.read(snapshot, findings);
    if (snapshot.connection.observing) return follow(snapshot, std::move(fresh));
    tell_old(fresh, snapshot, facts, findings);
    for (const Observation& observation : fresh) recent_.push_back(observation);
    while (!recent_.empty() && (recent_.size() > observations_kept || snapshot.at - recent_.front().at() > remembered))
        recent_.pop_front();
    for (One& one : all_) {
        const bool takes_part = one.cause == CauseCode::NotKnown &&
                                (one.stretch.to == LocalTime{} || snapshot.at - one.stretch.to <= after_it);
        if (!takes_part) continue;
        for (const Observation& observation : fresh)
            if (concerns(observation, one.stretch) &&
                (one.stretch.to == LocalTime{} || observation.at() <= one.stretch.to || is_aftermath(observation.seen)))
                one.stretch.tally.add(observation);
    }
    read_connection(snapshot, fresh);
    read_hearing(snapshot);
    read_requests(snapshot, fresh);
    read_moments(snapshot, fresh);
    note_answers(snapshot.connection);
    polls_ = snapshot.metrics.counters.polls;
    for (One& one : all_)
        if (one.stretch.to == LocalTime{} || one.stretch.to > looked_) one.stretch.polls = polls_;
    looked_ = snapshot.at;
    accepted_ = snapshot.connection.login_accepted;
}

bool Stretches::is_cold(const One& one, LocalTime now) const {
    return one.stretch.to != LocalTime{} && now - one.stretch.to > after_it + 5s;
}

void Stretches::forget_cold(LocalTime now, const std::vector<bool>& kept) {
    std::size_t i = 0;
    std::erase_if(all_, [&](const One& one) { return !kept[i++] && is_cold(one, now); });
}

} // namespace fhirscope::diagnosis
