#include "diagnosis/facts.hpp"

#include "words/words.hpp"

#include <algorithm>
#include <optional>

namespace fhirscope::diagnosis {
namespace {

using engine::EventKind;
using engine::Fact;
using engine::FactCode;
using namespace std::chrono_literals;

constexpr auto spell = 10min;
constexpr auto overtaken_within = 10s; // by which an event may be later than one of a later change
constexpr std::size_t times_kept = 64, traces_kept = 512, lags_kept = 64, bare_kept = 1'024, foreign_kept = 64,
                      silent_kept = 256, rejected_kept = 64, left_kept = 32'768;
constexpr std::size_t deliveries_kept = 65'536;

// What an event says, itself or by what it follows from, may be a sign.
struct CodeSign {
    EventKind kind;
    FactCode code;
    Sign sign;
};
constexpr CodeSign code_signs[] = {
    {EventKind::Connection, FactCode::ClockSetBack, Sign::ClockSetBack},
    {EventKind::Subscription, FactCode::NoHandshake, Sign::BindUnanswered},
    {EventKind::Subscription, FactCode::NoHandshakeYet, Sign::BindUnanswered},
    {EventKind::Subscription, FactCode::Unlisted, Sign::Unlisted},
    {EventKind::Subscription, FactCode::DeafDropped, Sign::ServerDropped},
    {EventKind::Subscription, FactCode::DeafDropped, Sign::Deaf},
    {EventKind::Subscription, FactCode::DeafTooMuch, Sign::Deaf},
    {EventKind::Subscription, FactCode::DeafSilent, Sign::Deaf},
    {EventKind::Subscription, FactCode::StatusBad, Sign::StatusBad},
    {EventKind::Subscription, FactCode::HandshakeForeign, Sign::Foreign},
    {EventKind::Frame, FactCode::EventForeign, Sign::Foreign},
    {EventKind::Recovery, FactCode::GapAsked, Sign::NumberGap},
    {EventKind::Recovery, FactCode::GapSearched, Sign::NumberGap},
    {EventKind::Recovery, FactCode::GapSeen, Sign::NumberGap},
    {EventKind::Recovery, FactCode::ReplayBrought, Sign::GapFilled},
    {EventKind::Recovery, FactCode::NumbersRestarted, Sign::NumbersAnew},
    {EventKind::Recovery, FactCode::NumbersUnreliable, Sign::NumbersWrong},
    {EventKind::Recovery, FactCode::MissedRecovered, Sign::MissedRecovered},
    {EventKind::Recovery, FactCode::MissedFound, Sign::MissedFound},
    {EventKind::Recovery, FactCode::NotTold, Sign::MissedFound},
    {EventKind::Recovery, FactCode::NeverSeen, Sign::NeverSeen},
    {EventKind::Recovery, FactCode::ReadHidden, Sign::Hidden},
    {EventKind::Limit, FactCode::RateLimited, Sign::Throttled},
    {EventKind::Limit, FactCode::TokenThrottled, Sign::Throttled},
    {EventKind::Limit, FactCode::QueueFull, Sign::QueueFull},
};

bool is_answer(const Fact& fact) { return fact.code == FactCode::Answered || fact.code == FactCode::AnsweredOther; }

// The same of what a code alone does not tell.
std::vector<Sign> other_signs(const engine::Event& event) {
    std::vector<Sign> signs;
    const Fact& what = event.what;
    const auto failed_by = [&](engine::Failure failure) {
        return what.find([&](const Fact& f) { return f.code == FactCode::Failed && f.failure == failure; }) != nullptr;
    };
    const auto answered = [&](int hundreds) {
        return what.find([&](const Fact& f) { return is_answer(f) && f.status / 100 == hundreds; }) != nullptr;
    };
    if (event.kind() == EventKind::Connection) {
        const bool changes = what.code == FactCode::PhaseChanged || what.code == FactCode::ConnectionDown;
        // What else an event says of a loss (that polling stands in) is no second one.
        if (changes) {
            if (what.from == static_cast<std::int64_t>(engine::Phase::Live)) signs.push_back(Sign::LostRealTime);
            if (what.has(FactCode::NoFrame)) signs.push_back(Sign::Silence);
            if (what.has(FactCode::NoPong)) signs.push_back(Sign::NoPong);
            if (failed_by(engine::Failure::UpgradeRefused)) signs.push_back(Sign::UpgradeRefused);
            if (failed_by(engine::Failure::Tls)) signs.push_back(Sign::TlsError);
        }
    }
    if ((event.kind() == EventKind::Connection || event.kind() == EventKind::Request) && answered(5))
        signs.push_back(Sign::ServerError);
    if (event.kind() == EventKind::Subscription && what.has(FactCode::NoToken) && answered(4))
        signs.push_back(Sign::TokenRefused);
    return signs;
}

// The first part of a text, cut between characters.
std::string_view beginning(std::string_view text) {
    constexpr std::size_t most = 120;
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

bool is_about_a_resource(Sign sign) {
    return sign == Sign::MissedRecovered || sign == Sign::MissedFound || sign == Sign::NeverSeen ||
           sign == Sign::Hidden;
}

std::uint64_t key_of(const engine::UpdateRow& row) { return static_cast<std::uint64_t>(row.type) << 32U | row.record; }

} // namespace

std::size_t Trace::within(LocalTime now, std::chrono::microseconds window) const {
    return static_cast<std::size_t>(std::count_if(
        times.begin(), times.end(), [&](LocalTime at) { return now - at <= window; }));
}

engine::Phase phase_at(const engine::ConnectionView& connection, LocalTime at) {
    engine::Phase phase = connection.transitions.empty() ? connection.phase : connection.transitions.front().from;
    for (const engine::Transition& transition : connection.transitions) {
        if (transition.at > at) break;
        phase = transition.to;
    }
    return phase;
}

LocalTime local_time(const engine::Snapshot& snapshot, ServerTime time) {
    return LocalTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()) -
                     snapshot.connection.clock_offset);
}

std::string_view criteria_of(const engine::Snapshot& snapshot, engine::SubscriptionIndex subscription) {
    return subscription < snapshot.subscriptions.size()
               ? std::string_view(snapshot.subscriptions[subscription].criteria)
               : std::string_view();
}

const Trace* Facts::find(Sign sign, std::string_view subject) const {
    const auto found = traces_.find({sign, std::string(subject)});
    return found == traces_.end() ? nullptr : &found->second;
}

std::vector<std::pair<std::string_view, const Trace*>> Facts::all(Sign sign) const {
    std::vector<std::pair<std::string_view, const Trace*>> found;
    for (auto at = traces_.lower_bound({sign, ""}); at != traces_.end() && at->first.first == sign; ++at)
        found.emplace_back(at->first.second, &at->second);
    return found;
}

void Facts::add(Sign sign, std::string_view subject, Evidence evidence) {
    Trace& trace = traces_[{sign, std::string(subject)}];
    if (trace.count == 0 || evidence.at - trace.last > spell) trace = {0, evidence.at, evidence.at, {}, {}};
    ++trace.count;
    trace.last = evidence.at;
    trace.times.push_back(evidence.at);
    if (trace.times.size() > times_kept) trace.times.pop_front();
    trace.evidence.push_front(std::move(evidence));
    if (trace.evidence.size() > Finding::evidence_kept) trace.evidence.pop_back();
}

void Facts::read_event(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::Event& event = snapshot.events[number];
    std::vector<Sign> signs = other_signs(event);
    if (event.what.has(FactCode::WokenLate) || event.what.has(FactCode::ClockSetBack)) clock_changed_ = event.at;
    for (const CodeSign& one : code_signs)
        if (one.kind == event.kind() && event.what.has(one.code)) signs.push_back(one.sign);
    for (const Sign sign : signs) {
        Link link{Link::Kind::Event, number};
        if (is_about_a_resource(sign)) link = {Link::Kind::Resource, number, event.what.about};
        add(sign, criteria_of(snapshot, event.subscription),
            {event.at, words::text(event), std::move(link), event.what.code});
    }
}

void Facts::read_beat(const engine::Snapshot& snapshot, std::uint64_t number) {
    constexpr std::string_view prefix = "Subscription/";
    const engine::FrameRow& frame = snapshot.frames[number];
    std::string_view rest = frame.text ? std::string_view(*frame.text) : std::string_view();
    for (std::size_t at = rest.find(prefix); at != std::string_view::npos; at = rest.find(prefix)) {
        rest.remove_prefix(at + prefix.size());
        const std::string_view id = rest.substr(0, rest.find_first_of("\"/?\\ "));
        if (id.empty() || id.size() > 64) continue;
        const bool ours = std::any_of(snapshot.subscriptions.begin(), snapshot.subscriptions.end(),
                                      [&](const auto& subscription) { return subscription.id == id; }) ||
                          (snapshot.own_subscriptions && std::binary_search(snapshot.own_subscriptions->begin(),
                                                                            snapshot.own_subscriptions->end(), id));
        auto seen = foreign_.find(id);
        if (ours) {
            if (seen != foreign_.end()) foreign_.erase(seen);
            continue;
        }
        if (seen == foreign_.end()) {
            if (foreign_.size() >= foreign_kept) continue;
            seen = foreign_.emplace(std::string(id), Sighting{frame.at, frame.at, number}).first;
        }
        seen->second.last = frame.at;
        seen->second.frame = number;
    }
}

void Facts::read_frame(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::FrameRow& frame = snapshot.frames[number];
    if (frame.kind == engine::FrameKind::Ping && frame.outgoing) last_ping_ = frame.at;
    if (frame.kind == engine::FrameKind::Pong) {
        last_pong_ = frame.at;
        if (frame.at - last_ping_ >= 1s) slow_pong_ = frame.at;
    }
    if (frame.outgoing) return;
    const std::string_view text = frame.text ? std::string_view(*frame.text) : std::string_view();
    const auto note = [&](Sign sign, std::string_view what) {
        std::string words(what);
        words += text.empty() ? "" : ": " + std::string(beginning(text));
        add(sign, criteria_of(snapshot, frame.subscription), {frame.at, std::move(words), {Link::Kind::Frame, number}});
    };
    switch (frame.kind) {
        case engine::FrameKind::Heartbeat:
            return read_beat(snapshot, number);
        case engine::FrameKind::Bad:
            return note(Sign::BadFrame, "a frame that cannot be read");
        case engine::FrameKind::Unknown:
            return note(Sign::UnknownFrame, "a frame of no known kind");
        case engine::FrameKind::Outcome:
            note(Sign::SocketError, "the server says");
            if (text.find("oken") != std::string_view::npos && text.find("xpir") != std::string_view::npos)
                note(Sign::TokenExpired, "the server says");
            return;
        case engine::FrameKind::Event:
            bare_.push_back({number, frame.at, frame.subscription});
            if (bare_.size() > bare_kept) bare_.pop_front();
            return;
        default:
            return;
    }
}

void Facts::read_update(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::UpdateRow& row = snapshot.updates[number];
    const std::string_view type = engine::type_of(snapshot, row);
    const auto note = [&](Sign sign, std::string_view subject, std::string text) {
        add(sign, subject, {row.received, std::move(text), {Link::Kind::Update, number}});
    };
    const auto named = [&] {
        std::string text(reference_of(snapshot, row));
        if (const auto version = engine::version_of(row); !version.empty()) text.append(" version ").append(version);
        return text;
    };
    if (row.outcome == engine::Outcome::Applied && !rejected_.empty()) {
        const auto rejected = rejected_.find(reference_of(snapshot, row));
        if (rejected != rejected_.end() && rejected->second.update < number) rejected_.erase(rejected);
    }
    if (row.channel == engine::Channel::Socket) {
        if (row.frame != UINT64_MAX) { // mostly the oldest
            const auto named_by = std::lower_bound(bare_.begin(), bare_.end(), row.frame,
                                                   [](const Bare& bare, std::uint64_t n) { return bare.frame < n; });
            if (named_by != bare_.end() && named_by->frame == row.frame) bare_.erase(named_by);
        }
        if (row.changed != ServerTime{} && row.sent != ServerTime{} && row.outcome == engine::Outcome::Applied &&
            !row.deleted && row.sent >= row.changed) {
            lags_.push_back({row.received, row.sent - row.changed, row.received - local_time(snapshot, row.sent)});
            if (lags_.size() > lags_kept) lags_.pop_front();
        }
        if (row.record != engine::no_record) {
            if (delivered_.size() >= deliveries_kept) delivered_.clear();
            Delivery& before = delivered_[key_of(row)];
            // A search or read that an event overtook, or that overtook one, says nothing of the socket's order.
            if (row.outcome == engine::Outcome::OutOfOrder && before.changed > row.changed)
                note(Sign::OutOfOrder, type, named() + " came after a newer one");
            // Each socket that it is bound on gets a copy.
            const engine::SocketId socket =
                snapshot.frames.contains(row.frame) ? snapshot.frames[row.frame].socket : engine::SocketId{0};
            if (row.outcome == engine::Outcome::Duplicate && before.version == row.version &&
                before.subscription == row.subscription && before.socket == socket)
                note(Sign::Duplicate, criteria_of(snapshot, row.subscription), named() + " came again");
            before = {row.received,
                      std::max(before.changed, row.changed),
                      row.outcome == engine::Outcome::Checking,
                      row.version,
                      row.subscription,
                      socket};
        }
    } else if (row.channel == engine::Channel::Read) {
        last_read_ = std::max(last_read_, row.received);
        const auto pushed = delivered_.find(key_of(row));
        if (pushed != delivered_.end() && !row.deleted) pushed->second.is_asked = false; // it is there
    }
    if (row.channel == engine::Channel::Socket && row.deleted && row.outcome == engine::Outcome::Applied &&
        announced_.size() < 256)
        announced_.emplace(type);
    const bool is_pushed = row.channel == engine::Channel::Socket || row.frame != UINT64_MAX;
    if (is_pushed && (told_until_.size() < 256 || told_until_.contains(type))) {
        ServerTime& until = told_until_[std::string(type)];
        until = std::max(until, row.changed);
    }
    const bool pulled = row.channel == engine::Channel::CatchUp || row.channel == engine::Channel::Poll ||
                        row.channel == engine::Channel::Read;
    if (!pulled || row.outcome != engine::Outcome::Applied) return;
    if (row.deleted) {
        // One that a gap hid, or that the socket announced in its own way, was not kept silent.
        const LocalTime when = row.changed != ServerTime{} ? local_time(snapshot, row.changed) : row.received;
        Silent deletion{when, row.changed, key_of(row), std::string(type), {}};
        // An event that named it made the engine read it.
        const bool announced = row.frame != UINT64_MAX || is_announced(deletion);
        if (announced && announced_.size() < 256) announced_.emplace(type);
        if (announced || phase_at(snapshot.connection, when) != engine::Phase::Live || silent_.size() >= silent_kept)
            return;
        deletion.evidence = {
            row.received,
            std::string(reference_of(snapshot, row)) + " is gone, found by a " + std::string(to_string(row.channel)),
            {Link::Kind::Update, number}};
        silent_.push_back(std::move(deletion));
        return;
    }
    for (const engine::SubscriptionIndex left : criteria_.left_by(snapshot, number, medplum_))
        add(Sign::LeftCriteria, criteria_of(snapshot, left),
            {row.received,
             named() + " no longer matches, the version before it did",
             {Link::Kind::Resource, number, std::string(reference_of(snapshot, row))}});
}

void Facts::read_rejection(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::Rejection& rejection = snapshot.rejections[number];
    if (!snapshot.updates.contains(rejection.update)) return;
    rejected_[rejection.reference] = {number, rejection.update, snapshot.updates[rejection.update].received};
    if (rejected_.size() <= rejected_kept) return;
    rejected_.erase(std::min_element(rejected_.begin(), rejected_.end(), [](const auto& one, const auto& other) {
        return one.second.number < other.second.number;
    }));
}

void Facts::read_conflicts(const engine::Snapshot& snapshot) {
    for (std::size_t i = snapshot.conflicts.size(); i-- > 0;) {
        const engine::Conflict& conflict = *snapshot.conflicts[i];
        if (conflict.number <= conflict_) break;
        if (conflict.kind != engine::ConflictKind::Drift || !conflict.local || !conflict.server) continue;
        const auto local = conflict.local->last_updated(), server = conflict.server->last_updated();
        if (local && server && *local > *server)
            add(Sign::LocalNewer, "",
                {conflict.at,
                 conflict.reference + ": here a version newer than the server's",
                 {Link::Kind::Conflict, conflict.number, conflict.reference}});
    }
    if (!snapshot.conflicts.empty())
        conflict_ = std::max(conflict_, snapshot.conflicts[snapshot.conflicts.size() - 1]->number);
}

// What another client wrote, and is not told of any more because it left the criteria by it.
void Facts::read_untold(const engine::Snapshot& snapshot) {
    if (!snapshot.untold || snapshot.untold == untold_) return;
    untold_ = snapshot.untold;
    const auto mode = medplum_ ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    std::vector<std::optional<fhir::Criteria>> criteria;
    for (const engine::SubscriptionView& subscription : snapshot.subscriptions)
        if (auto parsed = fhir::Criteria::parse(subscription.criteria))
            criteria.emplace_back(std::move(*parsed));
        else
            criteria.emplace_back();
    for (const engine::Untold& told : *untold_) {
        // Each is looked at once: the record is sought among all of its type.
        if (!told.resource || !left_told_.insert(told.reference + ' ' + told.version).second) continue;
        const engine::RecordPtr record = snapshot.find(told.reference);
        if (!record || !record->resource() || record->key_only()) continue;
        for (std::size_t i = 0; i < criteria.size(); ++i) {
            if (!criteria[i] || criteria[i]->matches(*record->resource(), mode) != fhir::Match::Yes ||
                criteria[i]->matches(*told.resource, mode) != fhir::Match::No)
                continue;
            add(Sign::LeftCriteria, snapshot.subscriptions[i].criteria,
                {told.since,
                 told.reference + (told.version.empty() ? "" : " version " + told.version) +
                     " no longer matches, the version before it did",
                 {Link::Kind::Resource, 0, told.reference}});
        }
    }
    if (left_told_.size() > left_kept) left_told_.clear(); // some are said once more
}

// A deletion that no event told of is the server's silence only where the subscription heard before and after it: what
// a deaf one does not tell has the cause of its deafness.
// Medplum sends what is deleted once more, as it was; that may come late, or be answered by a read only much later.
bool Facts::is_announced(const Silent& deletion) const {
    const auto pushed = delivered_.find(deletion.key);
    return pushed != delivered_.end() && (pushed->second.is_asked || pushed->second.at >= deletion.when - 1s);
}

void Facts::settle_deletions(const engine::Snapshot& snapshot) {
    std::erase_if(
        silent_,
        [&](const Silent& deletion) {
            if (is_announced(deletion)) {
                if (announced_.size() < 256) announced_.emplace(deletion.type);
                return true;
            }
            // Events that are late tell of what was before: the deletion itself may be on its way.
            const auto told = told_until_.find(deletion.type);
            const bool is_late = told != told_until_.end() && told->second != ServerTime{} &&
                                 deletion.changed != ServerTime{} && told->second <= deletion.changed;
            if (is_late || snapshot.at - deletion.evidence.at < overtaken_within)
                return snapshot.at - deletion.when > spell;
            bool is_heard = false;
            for (const engine::SubscriptionView& subscription : snapshot.subscriptions) {
                if (subscription.criteria.substr(0, subscription.criteria.find('?')) != deletion.type) continue;
                const auto covers = [&](const engine::Silence& silence) {
                    return silence.from <= deletion.when && deletion.when <= silence.to;
                };
                const auto& over = subscription.silences;
                if (std::any_of(over.begin(), over.end(), covers)) return true;
                if (subscription.unheard_since != LocalTime{} && subscription.unheard_since <= deletion.when) continue;
                is_heard |= subscription.last_event > deletion.when;
            }
            if (is_heard) add(Sign::SilentDeletion, deletion.type, deletion.evidence);
            return is_heard || snapshot.at - deletion.when > spell;
        });
}

// An event that brought no update, though nothing waits, and something was read since: it carried no resource.
void Facts::settle_bare_events(const engine::Snapshot& snapshot) {
    if (snapshot.queue_size > 0) return;
    while (!bare_.empty() && snapshot.at - bare_.front().at >= 2s) {
        const Bare bare = bare_.front();
        bare_.pop_front();
        if (last_read_ >= bare.at)
            add(Sign::BareEvent, criteria_of(snapshot, bare.subscription),
                {bare.at, "an event without a resource; it was read", {Link::Kind::Frame, bare.frame}});
    }
}

void Facts::forget(LocalTime now) {
    std::erase_if(
        foreign_, [&](const auto& item) { return now - item.second.last > 2min; });
    std::erase_if(rejected_, [&](const auto& item) { return now - item.second.at > 5min; });
    if (traces_.size() > traces_kept)
        std::erase_if(traces_, [&](const auto& item) { return now - item.second.last > spell; });
    while (traces_.size() > 2 * traces_kept) traces_.erase(traces_.begin());
}

void Facts::update(const engine::SnapshotPtr& snapshot) {
    const engine::Snapshot& s = *snapshot;
    medplum_ = !s.server || s.server->dialect.dialect == fhir::Dialect::Medplum;
    standings_.update(snapshot);
    criteria_.update(s);
    if (s.connection.clock_known && std::chrono::abs(s.connection.clock_offset - offset_) > 1s) {
        if (offset_.count() != 0) clock_changed_ = s.at;
        offset_ = s.connection.clock_offset;
    }
    for (events_ = std::max(events_, s.events.first()); events_ < s.events.end(); ++events_) read_event(s, events_);
    for (frames_ = std::max(frames_, s.frames.first()); frames_ < s.frames.end(); ++frames_) read_frame(s, frames_);
    for (rejections_ = std::max(rejections_, s.rejections.first()); rejections_ < s.rejections.end(); ++rejections_)
        read_rejection(s, rejections_);
    for (updates_ = std::max(updates_, s.updates.first()); updates_ < s.updates.end(); ++updates_)
        read_update(s, updates_);
    if (last_ping_ > last_pong_ && s.at - last_ping_ >= 1s) slow_pong_ = s.at;
    read_conflicts(s);
    read_untold(s);
    settle_bare_events(s);
    settle_deletions(s);
    forget(s.at);
}

} // namespace fhirscope::diagnosis
