#include "diagnosis/observations.hpp"

#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::EventKind;
using engine::FactCode;
using engine::RequestFor;
using namespace std::chrono_literals;

struct EventSeen {
    EventKind kind;
    FactCode code;
    Seen seen;
};
constexpr EventSeen of_events[] = {
    {EventKind::Connection, FactCode::LoginEnded, Seen::LoginEnded},
    {EventKind::Connection, FactCode::LoginAccepted, Seen::LoginAccepted},
    {EventKind::Connection, FactCode::LoginRenewed, Seen::LoginRenewed},
    {EventKind::Connection, FactCode::WokenLate, Seen::WokenLate},
    {EventKind::Request, FactCode::LoginDoubted, Seen::LoginDoubted},
    {EventKind::Subscription, FactCode::DeafDropped, Seen::Gone},
    {EventKind::Subscription, FactCode::DeafTooMuch, Seen::Deaf},
    {EventKind::Subscription, FactCode::DeafSilent, Seen::Deaf},
    {EventKind::Subscription, FactCode::Unlisted, Seen::Unlisted},
    {EventKind::Subscription, FactCode::StatusBad, Seen::StatusBad},
    {EventKind::Subscription, FactCode::NoHandshake, Seen::BindUnanswered},
    {EventKind::Subscription, FactCode::NoHandshakeYet, Seen::BindUnanswered},
    {EventKind::Subscription, FactCode::NoTokenOperation, Seen::OperationMissing},
    {EventKind::Subscription, FactCode::SearchRefused, Seen::SearchRefused},
    {EventKind::Subscription, FactCode::LeftOut, Seen::SearchRefused},
    {EventKind::Recovery, FactCode::MissedRecovered, Seen::MissedRecovered},
    {EventKind::Recovery, FactCode::MissedFound, Seen::MissedFound},
    {EventKind::Recovery, FactCode::NotTold, Seen::MissedFound},
    {EventKind::Recovery, FactCode::NeverSeen, Seen::NeverSeen},
};

bool says(const engine::Fact& fact, std::initializer_list<std::string_view> parts) {
    return fact.find([&](const engine::Fact& one) {
        return std::any_of(
            parts.begin(), parts.end(),
            [&](std::string_view part) { return one.words.find(part) != std::string::npos; });
    }) != nullptr;
}

Seen seen_of_failure(engine::Failure failure) {
    switch (failure) {
        case engine::Failure::Refused:
        case engine::Failure::Unreachable:
            return Seen::RequestNotSent;
        case engine::Failure::Tls:
            return Seen::RequestTls;
        case engine::Failure::Login:
            return Seen::Request401;
        default:
            return Seen::RequestUnanswered;
    }
}

} // namespace

bool speaks_of_a_limit(const engine::Fact& answer) {
    return says(answer, {"exceeded", "too many subscriptions", "maximum number", "quota"});
}
bool speaks_of_a_feature(const engine::Fact& answer) { return says(answer, {"not enabled"}); }

std::optional<Seen> seen_of(const engine::FailedRequest& failed) {
    const engine::Fact& answer = failed.answer;
    if (answer.code == FactCode::Failed)
        return answer.failure == engine::Failure::Hidden ? std::nullopt
                                                         : std::optional(seen_of_failure(answer.failure));
    const int status = answer.status;
    if (status == 0) return Seen::RequestUnanswered;
    if (status < 400) return Seen::RequestOther;
    if (status == 429) return Seen::Request429;
    if (status >= 500) return Seen::Request5xx;
    if (status == 401) return Seen::Request401;
    if (failed.what == RequestFor::Subscription) {
        if (speaks_of_a_limit(answer)) return Seen::RequestQuota;
        if (speaks_of_a_feature(answer)) return Seen::RequestFeature;
        if (failed.method == "DELETE") return std::nullopt; // gone already
        // Medplum's operation for a token answers 400 for one that is not there (PROTOCOL A13).
        const bool is_there =
            status != 404 && status != 410 && !(status == 400 && says(answer, {"Not found", "not found"}));
        if (failed.method == "GET" && !is_there) return Seen::Gone;
    }
    // What may have been deleted, or is not to be seen, is told by the reads themselves; a write that met another one is
    // a conflict.
    if (failed.what == RequestFor::Read && (status == 403 || status == 404 || status == 410)) return std::nullopt;
    if (failed.what == RequestFor::Write) return status == 403 ? std::optional(Seen::RequestForbidden) : std::nullopt;
    return status == 403 ? Seen::RequestForbidden : Seen::RequestOdd;
}

void Tally::add(const Observation& observation) {
    Count& count = counts_[static_cast<std::size_t>(observation.seen)];
    if (observation.status != 0 && statuses_.size() < statuses_kept) statuses_.insert(observation.status);
    if (count.count++ == 0) {
        count.first = observation.at();
        count.status = observation.status;
        count.text = observation.evidence.text;
    }
    count.first = std::min(count.first, observation.at());
    count.last = std::max(count.last, observation.at());
    count.until = std::max<LocalTime>(count.until, observation.at() + observation.lasted);
    add_part(observation);
    if (!observation.resource.empty() && resources_.size() < resources_kept &&
        std::find(resources_.begin(), resources_.end(), observation.resource) == resources_.end())
        resources_.push_back(observation.resource);
    const bool is_consequence = observation.seen == Seen::MissedRecovered || observation.seen == Seen::NeverSeen ||
                                observation.seen == Seen::DeletedLate;
    if (observation.evidence.text.empty() || is_consequence) return;
    ++count_;
    evidence_.push_front(observation.evidence);
    if (evidence_.size() > evidence_kept) evidence_.pop_back();
}

void Tally::add_part(const Observation& observation) {
    auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& one) {
        return one.seen == observation.seen && one.subscription == observation.subscription;
    });
    if (part == parts_.end()) {
        if (parts_.size() == parts_kept) {
            ++left_out_;
            return;
        }
        const LocalTime at = observation.at();
        part = parts_.insert(part, {observation.seen, observation.subscription, 0, at, at, observation.status});
    }
    ++part->count;
    part->first = std::min(part->first, observation.at());
    part->last = std::max(part->last, observation.at());
}

std::vector<Observation> Observer::read(const engine::Snapshot& s, const std::vector<FindingPtr>& findings) {
    std::vector<Observation> found;
    const auto& c = s.connection;
    const auto add = [&](Seen seen, Evidence evidence, engine::SubscriptionIndex of = engine::no_subscription,
                         std::uint16_t status = 0, std::chrono::milliseconds lasted = {}, std::string resource = {}) {
        found.push_back({seen, of, std::move(evidence), status, lasted, {}, std::move(resource)});
    };
    const auto changed = [&](const engine::Fact& fact) {
        return fact.from == 0 || !c.clock_known ? LocalTime{}
                                                : LocalTime(std::chrono::milliseconds(fact.from) - c.clock_offset);
    };
    const auto add_reason = [&](LocalTime at, const engine::Fact& reason) {
        constexpr std::pair<FactCode, Seen> reasons[] = {
            {FactCode::SocketClosed, Seen::Closed},
            {FactCode::SocketDropped, Seen::Dropped},
            {FactCode::AskedToDisconnect, Seen::Disconnected},
            {FactCode::NoFrame, Seen::Silence},
            {FactCode::NoPong, Seen::PongMissing},
            {FactCode::ProbeUnanswered, Seen::ProbeMissing},
            {FactCode::NothingBound, Seen::GivenUp},
            {FactCode::NoneBound, Seen::GivenUp},
        };
        for (const auto& [code, seen] : reasons) {
            const engine::Fact* fact = reason.find([&](const engine::Fact& one) { return one.code == code; });
            if (!fact) continue;
            // What carries frames, carries the pong behind them.
            const bool carries =
                code == FactCode::NoPong && fact->duration - std::chrono::milliseconds(fact->from) > 1s;
            add(carries ? Seen::PongLate : seen, {at, words::text(reason), {Link::Kind::Connection}, reason.code},
                engine::no_subscription, fact->status);
        }
    };
    // Of a connection: why it went, by its transitions, and what each try came to.
    std::uint64_t total = 0;
    for (const auto& [phases, count] : c.transition_counts) total += count;
    const std::size_t fresh = std::min<std::uint64_t>(total - std::min(total, transitions_), c.transitions.size());
    transitions_ = total;
    for (std::size_t i = c.transitions.size() - fresh; i < c.transitions.size(); ++i) {
        const engine::Transition& t = c.transitions[i];
        const Link link{Link::Kind::Connection};
        if (t.to == engine::Phase::Live) {
            add(Seen::Live, {t.at, {}, link});
            continue;
        }
        if (t.reason.has(FactCode::AskedToConnect)) add(Seen::AskedAgain, {t.at, {}, link});
        const bool had_socket =
            t.from == engine::Phase::Live || t.from == engine::Phase::Binding || t.from == engine::Phase::CatchingUp;
        const bool goes = t.to == engine::Phase::BackingOff || t.to == engine::Phase::Closed ||
                          t.to == engine::Phase::LoginEnded || (t.to == engine::Phase::Opening && had_socket);
        if (!goes) continue;
        add(Seen::Down, {t.at, {}, link, t.reason.code});
        const engine::Fact* silent = t.reason.find(
            [](const engine::Fact& f) { return f.code == FactCode::NoPong || f.code == FactCode::NoFrame; });
        if (silent) found.back().since = t.at - std::chrono::milliseconds(silent->from);
        add_reason(t.at, t.reason);
    }
    for (const engine::Attempt& attempt : c.attempts) {
        const bool is_new = attempt.ended != LocalTime{} && attempt.ended > looked_ && attempt.ended <= s.at;
        if (!is_new || attempt.opened) continue;
        const Evidence evidence{
            attempt.ended, words::text(attempt.result), {Link::Kind::Connection}, attempt.result.code};
        const engine::Fact* failed =
            attempt.result.find([](const engine::Fact& f) { return f.code == FactCode::Failed; });
        if (attempt.refused) {
            add(Seen::AttemptRefused, evidence);
        } else if (failed) {
            switch (failed->failure) {
                case engine::Failure::Tls:
                    add(Seen::AttemptTls, evidence);
                    break;
                case engine::Failure::UpgradeRefused:
                    add(Seen::AttemptUpgrade, evidence, engine::no_subscription, failed->status);
                    break;
                case engine::Failure::Timeout:
                    add(Seen::AttemptTimedOut, evidence);
                    break;
                default:
                    add(Seen::AttemptFailed, evidence);
            }
        }
    }
    for (events_ = std::max(events_, s.events.first()); events_ < s.events.end(); ++events_) {
        const engine::Event& event = s.events[events_];
        if (event.what.code == FactCode::SocketLostToo) {
            add(Seen::LostToo, {event.at, {}, {Link::Kind::Connection}, event.what.code});
            add_reason(event.at, event.what);
        }
        for (const EventSeen& one : of_events)
            if (one.kind == event.kind() && event.what.has(one.code)) {
                Link link{Link::Kind::Event, events_};
                if (one.kind == EventKind::Recovery) link = {Link::Kind::Resource, events_, event.what.about};
                const std::string missed = one.kind == EventKind::Recovery ? event.what.about : std::string();
                add(one.seen, {event.at, words::text(event), std::move(link), event.what.code}, event.subscription,
                    event.what.status, one.seen == Seen::WokenLate ? event.what.duration : std::chrono::milliseconds(0),
                    missed);
                if (one.kind == EventKind::Recovery) found.back().since = changed(event.what);
                break;
            }
        // What is newer on the server, and was made while this session ran, is a change that nobody told of.
        if (event.what.code != FactCode::DriftFound) continue;
        const engine::Fact* untold = event.what.find([](const engine::Fact& fact) {
            return fact.code == FactCode::HereOlder || fact.code == FactCode::HereUnknown;
        });
        if (untold && changed(*untold) > s.metrics.started) {
            add(Seen::MissedFound,
                {event.at, words::text(event), {Link::Kind::Resource, events_, untold->about}, event.what.code},
                event.subscription);
            found.back().since = changed(*untold);
        }
    }
    for (requests_ = std::max(requests_, s.failed_requests.first()); requests_ < s.failed_requests.end(); ++requests_) {
        const engine::FailedRequest& failed = s.failed_requests[requests_];
        auto seen = seen_of(failed);
        // Another client's write that met a newer version was for nothing.
        const bool is_conflict = failed.answer.status == 409 || failed.answer.status == 412;
        if (c.observing && !seen && failed.what == RequestFor::Write && is_conflict) seen = Seen::RequestOdd;
        if (seen) {
            std::string text = failed.method + " of a " + std::string(to_string(failed.what));
            if (!failed.reference.empty()) text += " (" + failed.reference + ")";
            add(*seen,
                {failed.at, text + ": " + words::text(failed.answer), {Link::Kind::Connection}, failed.answer.code},
                failed.subscription, failed.answer.status);
        }
    }
    if (c.login_accepted != answered_ && c.login_accepted != LocalTime{}) {
        answered_ = c.login_accepted;
        add(Seen::Answered, {answered_, {}, {Link::Kind::Connection}});
    }
    for (updates_ = std::max(updates_, s.updates.first()); updates_ < s.updates.end(); ++updates_) {
        const engine::UpdateRow& row = s.updates[updates_];
        const bool pulled = row.channel == engine::Channel::CatchUp || row.channel == engine::Channel::Poll ||
                            row.channel == engine::Channel::Read;
        if (pulled && row.deleted && row.outcome == engine::Outcome::Applied && row.frame == UINT64_MAX)
            add(Seen::DeletedLate, {row.received, {}, {Link::Kind::Update, updates_}}, engine::no_subscription, 0, {},
                std::string(reference_of(s, row)));
    }
    for (const FindingPtr& finding : findings)
        if (finding->id == "D54") add(Seen::FramesLate, {s.at, finding->decisive.answer, {Link::Kind::Connection}});
    looked_ = s.at;
    std::stable_sort(found.begin(), found.end(),
                     [](const Observation& a, const Observation& b) { return a.at() < b.at(); });
    return found;
}

} // namespace fhirscope::diagnosis
