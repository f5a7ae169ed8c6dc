#include "diagnosis/observed_stretches.hpp"

#include "diagnosis/facts.hpp"
#include "diagnosis/observed_requests.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::FactCode;
using engine::no_subscription;
using engine::SubscriptionIndex;
using engine::SubscriptionView;
using namespace std::chrono_literals;

constexpr std::size_t evidence_of_untold = 6; // in a stretch: its cause and its end are kept beside them

CauseCode cause_of_loss(const engine::Fact& why) {
    if (why.has(FactCode::SocketClosed)) return CauseCode::SocketClosed;
    if (why.has(FactCode::NoFrame)) return CauseCode::HalfOpen;
    if (why.has(FactCode::Unlisted)) return CauseCode::BindingEnded;
    if (why.has(FactCode::DeafDropped)) return CauseCode::SubscriptionGone;
    if (why.has(FactCode::BindingGivenUp)) return CauseCode::Asked;
    return why.has(FactCode::GapSeen) ? CauseCode::NumbersMissing : CauseCode::NotKnown;
}

Seen sign_of_loss(CauseCode cause) {
    switch (cause) {
        case CauseCode::SocketClosed:
            return Seen::Closed;
        case CauseCode::HalfOpen:
            return Seen::Silence;
        case CauseCode::BindingEnded:
            return Seen::Unlisted;
        case CauseCode::SubscriptionGone:
            return Seen::Gone;
        case CauseCode::Asked:
            return Seen::Disconnected;
        default:
            return Seen::Deaf;
    }
}

// One that says no more than that the client, or the server, had done what it wanted.
bool is_orderly(const engine::Fact& why) {
    if (why.has(FactCode::BindingGivenUp)) return true;
    const engine::Fact* closed = why.find([](const engine::Fact& fact) { return fact.code == FactCode::SocketClosed; });
    return closed && (closed->status == 1000 || closed->status == 1001 || closed->status == 1005);
}

Stretches::One* loss_at(ObservedStretches::All& all, SubscriptionIndex i, LocalTime lost) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Stretches::One& one) {
        return one.stretch.subscription == i && one.is_loss && one.last == lost;
    });
    return found == all.end() ? nullptr : &*found;
}

Stretches::One* begin_loss(SubscriptionIndex i, const engine::Loss& loss, const ObservedStretches::Open& open) {
    const CauseCode cause = cause_of_loss(loss.why);
    Stretches::One* one = open(cause == CauseCode::NumbersMissing ? Effect::Delivery : Effect::Hearing, loss.from, i);
    if (!one) return nullptr;
    one->is_loss = true;
    one->cause = cause;
    one->last = loss.lost;
    const engine::Fact* closed =
        loss.why.find([](const engine::Fact& fact) { return fact.code == FactCode::SocketClosed; });
    one->stretch.tally.add({sign_of_loss(cause),
                            i,
                            {loss.lost, words::text(loss.why), {Link::Kind::Connection}, loss.why.code},
                            closed ? closed->status : std::uint16_t{0}});
    return one;
}

bool is_pulled(const engine::UpdateRow& row) {
    return row.channel == engine::Channel::CatchUp || row.channel == engine::Channel::Poll ||
           row.channel == engine::Channel::Read || row.channel == engine::Channel::Baseline;
}

} // namespace

void ObservedStretches::read_hearing(const engine::Snapshot& s, All& all, const Open& open) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        for (const engine::Loss& loss : s.subscriptions[i].losses) {
            Stretches::One* one = loss_at(all, i, loss.lost);
            const bool is_told = loss.lost <= looked_ && loss.proved != LocalTime{} && loss.proved <= looked_;
            // Who closes in order, and then nothing more is seen, has left.
            const bool has_left = is_orderly(loss.why) && loss.heard == LocalTime{} && s.at - loss.lost < 1s;
            if (!one && (is_told || has_left)) continue;
            if (!one) one = begin_loss(i, loss, open);
            if (!one || one->stretch.to != LocalTime{}) continue;
            one->stretch.unshown.heard = loss.heard;
            one->stretch.to = loss.proved;
            one->is_proved = loss.proved != LocalTime{};
        }
}

// By what the log says of it: of one Subscription that is refused again and again the state tells the last alone.
void ObservedStretches::read_refused(const engine::Snapshot& s, All& all, const Open& open) {
    for (events_ = std::max(events_, s.events.first()); events_ < s.events.end(); ++events_) {
        const engine::Event& event = s.events[events_];
        if (!event.what.has(FactCode::SubscriptionRefused) || event.subscription == no_subscription) continue;
        const CauseCode cause = cause_of_refusal(event.what);
        if (cause == CauseCode::LoginEnded) continue; // its request tells it
        const auto found = std::find_if(all.begin(), all.end(), [&](const Stretches::One& one) {
            return one.is_refusal && one.cause == cause && one.stretch.subscription == event.subscription &&
                   one.stretch.to == LocalTime{};
        });
        Stretches::One* one = found != all.end() ? &*found : open(Effect::Hearing, event.at, event.subscription);
        if (!one) continue;
        one->is_refusal = true;
        one->cause = cause;
        one->last = event.at;
        one->stretch.tally.add({Seen::RequestForbidden,
                                event.subscription,
                                {event.at, words::text(event), {Link::Kind::Event, events_}, event.what.code}});
    }
    for (Stretches::One& one : all) {
        if (!one.is_refusal || one.stretch.to != LocalTime{} || one.stretch.subscription >= s.subscriptions.size())
            continue;
        const SubscriptionView& own = s.subscriptions[one.stretch.subscription];
        LocalTime accepted{};
        for (const SubscriptionView& view : s.subscriptions) // one with the same criteria takes its place
            if (&view == &own || (!own.criteria.empty() && view.criteria == own.criteria))
                accepted =
                    std::max({accepted, view.bound, one.cause == CauseCode::BindIgnored ? LocalTime{} : view.created});
        if (accepted > one.last) one.stretch.to = accepted;
    }
}

void ObservedStretches::read_told(const engine::Snapshot& s, const std::vector<Observation>& fresh, All& all,
                                  const Open& open) {
    for (const Observation& observation : fresh) {
        if (observation.seen == Seen::BindUnanswered) {
            Stretches::One* one = open(Effect::Hearing, observation.at(), observation.subscription);
            if (!one) continue;
            one->cause = CauseCode::BindIgnored;
            one->is_refusal = true; // until it is heard
            one->last = observation.at();
            if (s.events.contains(observation.evidence.link.number)) { // it was sent so long before
                const engine::Fact* why = s.events[observation.evidence.link.number].what.find(
                    [](const engine::Fact& fact) { return fact.code == FactCode::NoHandshake; });
                if (why) one->stretch.from -= why->duration;
            }
            one->stretch.tally.add(observation);
        }
        if (observation.seen != Seen::MissedFound) continue;
        constexpr std::uint16_t gone = 410;
        const bool deleted = observation.status == gone;
        auto one = std::find_if(all.begin(), all.end(), [&](const Stretches::One& other) {
            const auto of = pending_.find(other.number);
            return of != pending_.end() && other.stretch.to == LocalTime{} &&
                   other.stretch.subscription == observation.subscription && (of->second.deletions > 0) == deleted;
        });
        if (one == all.end()) {
            if (!open(Effect::Delivery, observation.at(), observation.subscription)) continue;
            one = std::prev(all.end());
        }
        Pending& pending = pending_[one->number];
        const bool is_new = pending.references.insert(observation.evidence.link.reference).second;
        if (is_new && deleted) one->told_deletions = ++pending.deletions;
        one->stretch.tally.add(observation);
        const std::string type(criteria_.of(observation.subscription).parsed
                                   ? criteria_.of(observation.subscription).parsed->type()
                                   : std::string());
        const bool is_rule = pending.deletions > 1 && !announced_.contains(type);
        one->cause = is_rule ? CauseCode::DeletionsSilent : CauseCode::EventsLost;
    }
    if (!s.untold) return;
    for (const engine::Untold& told : *s.untold) // it began when the first of them changed
        for (auto& one : all)
            if (const auto of = pending_.find(one.number);
                of != pending_.end() && of->second.references.contains(told.reference))
                one.stretch.from = std::min(one.stretch.from, told.since);
}

// What a search or a read brought that had changed while it was not heard.
void ObservedStretches::read_updates(const engine::Snapshot& s, All& all) {
    for (updates_ = std::max(updates_, s.updates.first()); updates_ < s.updates.end(); ++updates_) {
        const engine::UpdateRow& row = s.updates[updates_];
        const std::string_view type = engine::type_of(s, row), reference = engine::reference_of(s, row);
        if (type.empty() || row.outcome == engine::Outcome::Rejected) continue;
        if (row.channel == engine::Channel::Socket && row.deleted && row.outcome == engine::Outcome::Applied)
            announced_.emplace(type);
        for (auto& [number, pending] : pending_)
            if (pending.references.contains(std::string(reference))) pending.shown = row.received;
        if (!is_pulled(row) || row.outcome != engine::Outcome::Applied) continue;
        const LocalTime changed = row.changed == ServerTime{} ? row.received : local_time(s, row.changed);
        for (Stretches::One& one : all) {
            Stretch& stretch = one.stretch;
            if (!one.is_loss) continue;
            const auto& criteria = criteria_.of(stretch.subscription);
            const bool fits = criteria.parsed && criteria.parsed->type() == type && row.received >= stretch.from &&
                              changed >= stretch.from - 1s &&
                              (stretch.to == LocalTime{} || row.received <= stretch.to + 1s) &&
                              (row.deleted || stretch.unshown.heard == LocalTime{} || changed <= stretch.unshown.heard);
            if (!fits || stretch.unshown.brought.size() >= Unshown::brought_kept) continue;
            const std::uint64_t key = (std::uint64_t{row.type} << 32) | row.record;
            stretch.unshown.brought.insert(key);
            if (row.deleted) stretch.unshown.deletions.insert(key);
        }
    }
}

bool ObservedStretches::covers(const Stretches::One& one, const engine::Untold& told, bool medplum) const {
    const auto pending = pending_.find(one.number);
    if (pending != pending_.end()) return pending->second.references.contains(told.reference);
    if (!one.is_loss || told.subscription != no_subscription || one.cause == CauseCode::NumbersMissing) return false;
    const Unshown& unshown = one.stretch.unshown;
    if (told.since < one.stretch.from || (unshown.heard != LocalTime{} && told.since > unshown.heard)) return false;
    if (one.cause == CauseCode::Asked && !told.held) return false; // it did not want to know
    const auto& criteria = criteria_.of(one.stretch.subscription).parsed;
    if (!criteria || criteria->type() != told.reference.substr(0, told.reference.find('/'))) return false;
    const auto mode = medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    return !told.resource || criteria->matches(*told.resource, mode) != fhir::Match::No;
}

// What still waits to be shown, of each stretch that is not over.
void ObservedStretches::read_untold(const engine::Snapshot& s, All& all) {
    const bool medplum = !s.server || s.server->dialect.dialect == fhir::Dialect::Medplum;
    for (Stretches::One& one : all) {
        const bool may_wait = one.is_loss ? one.stretch.to == LocalTime{} || one.is_proved
                                          : one.stretch.to == LocalTime{} && pending_.contains(one.number);
        if (!may_wait) continue;
        Unshown& unshown = one.stretch.unshown;
        const std::vector<std::string> before = std::move(unshown.waiting);
        unshown.waiting.clear();
        unshown.waiting_count = unshown.stale_count = 0;
        unshown.waiting_since = {};
        unshown.left_out = s.untold_left_out;
        if (!s.untold) continue;
        for (const engine::Untold& told : *s.untold) {
            if (!covers(one, told, medplum)) continue;
            ++unshown.waiting_count;
            if (told.held) ++unshown.stale_count;
            if (unshown.waiting_since == LocalTime{} || told.since < unshown.waiting_since)
                unshown.waiting_since = told.since;
            if (unshown.waiting.size() >= Unshown::named) continue;
            unshown.waiting.push_back(told.reference);
            const bool is_new = std::find(before.begin(), before.end(), told.reference) == before.end();
            if (!one.is_loss || !is_new || one.stretch.tally.count(Seen::MissedFound) >= evidence_of_untold) continue;
            one.stretch.tally.add({Seen::MissedFound,
                                   one.stretch.subscription,
                                   {told.since, untold_text(told), {Link::Kind::Resource, 0, told.reference}}});
        }
        // A search does not show what was deleted, and one by time not all else.
        if (unshown.waiting_count > 0) one.stretch.to = {};
    }
}

// Over, when something has shown all of them.
void ObservedStretches::settle_told(const engine::Snapshot& s, All& all) {
    for (Stretches::One& one : all) {
        const auto pending = pending_.find(one.number);
        if (pending == pending_.end() || one.stretch.to != LocalTime{} || one.stretch.unshown.waiting_count > 0)
            continue;
        one.stretch.to = pending->second.shown == LocalTime{} ? s.at : pending->second.shown;
        one.is_proved = true;
    }
    std::erase_if(pending_, [&](const auto& item) {
        return std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.number == item.first; });
    });
}

void ObservedStretches::update(const engine::Snapshot& s, std::vector<Observation>& fresh, All& all, const Open& open) {
    criteria_.update(s);
    read_hearing(s, all, open);
    read_refused(s, all, open);
    read_told(s, fresh, all, open);
    read_updates(s, all);
    read_untold(s, all);
    settle_told(s, all);
    read_observed_login(s, fresh, all, open);
    read_observed_attempts(s, fresh, all, open);
    leave_out_refused(s, fresh);
    for (Stretches::One& one : all)
        one.stretch.is_idle = one.cause == CauseCode::Asked && one.stretch.unshown.waiting_count == 0 &&
                              one.stretch.unshown.brought.empty();
    looked_ = s.at;
}

} // namespace fhirscope::diagnosis
