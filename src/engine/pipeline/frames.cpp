// What comes on a socket, and how updates get into the queue.

#include "engine/pipeline/frames.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/phases.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/handler.hpp"
#include "engine/mutation.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

FrameKind kind_of(fhir::NotificationKind kind) {
    switch (kind) {
        case fhir::NotificationKind::Handshake:
            return FrameKind::Handshake;
        case fhir::NotificationKind::Heartbeat:
        case fhir::NotificationKind::Empty: // some servers beat so before anything is bound
            return FrameKind::Heartbeat;
        case fhir::NotificationKind::Event:
        case fhir::NotificationKind::QueryEvent:
            return FrameKind::Event;
        case fhir::NotificationKind::QueryStatus:
            return FrameKind::Unknown;
        case fhir::NotificationKind::Pong:
            return FrameKind::Pong;
        case fhir::NotificationKind::Outcome:
            return FrameKind::Outcome;
        case fhir::NotificationKind::Unknown:
            break;
    }
    return FrameKind::Unknown;
}

SubscriptionIndex subscription_of(const State& s, const fhir::Notification& notification) {
    if (notification.subscriptions.empty()) return no_subscription;
    const auto known = s.ids->known.find(notification.subscriptions.front());
    return known == s.ids->known.end() ? no_subscription : known->second;
}

Priority priority_of(const State& s, const Update& update) {
    if (!s.contents->focus.reference.empty() && update.reference == s.contents->focus.reference)
        return Priority::Focused;
    const std::string_view type = fhir::type_part(update.reference);
    if (!s.contents->focus.type.empty() && type == s.contents->focus.type) return Priority::Focused;
    if (update.resource && handler_for(type).urgent(*update.resource)) return Priority::Urgent;
    return Priority::Routine;
}

bool is_held(const State& s, const fhir::NotificationEvent& event) {
    const Record* known = s.stores.get(event.resource ? event.resource->reference() : event.focus);
    if (!known) return false;
    if (event.deleted) return !known->resource();
    return event.resource && std::any_of(known->history.begin(), known->history.end(), [&](const VersionPtr& version) {
               return is_same(s, *version, *event.resource);
           });
}

// The binding token in a frame, in whichever form; HAPI names the Subscription itself.
std::string token_sent(const std::string& frame) {
    if (const auto json = fhir::parse_resource(frame))
        return fhir::Slice((*json)->text()).member("payload").member("token").string();
    const auto space = frame.find_last_of(" :");
    return space == std::string::npos ? frame : frame.substr(space + 1);
}

void on_events(State& s, fhir::Notification& notification, SubscriptionIndex subscription, std::uint64_t frame) {
    if (subscription == no_subscription) {
        if (notification.subscriptions.empty())
            log_event(s, {.code = FactCode::EventNameless});
        else
            log_event(s,
                      {.code = FactCode::EventForeign, .about = "Subscription/" + notification.subscriptions.front()});
    } else {
        SubscriptionView& view = s.subscriptions[subscription].view;
        view.last_event = s.now;
        view.events += notification.events.size();
    }
    for (const fhir::Unreadable& lost : notification.unreadable)
        reject_unreadable(s, lost, Channel::Socket, subscription, frame);
    take_unread(s, subscription, notification);
    note_topic(s, subscription, notification);
    for (fhir::NotificationEvent& event : notification.events) {
        // A number that comes again is legal (PROTOCOL B2), and no reason to drop what has not been seen.
        if (is_repeated(s, subscription, event) && is_held(s, event)) continue;
        // Where the version or its time is not said, only a read can tell it.
        const std::string focus = event.focus.empty() && event.resource ? event.resource->reference() : event.focus;
        const bool unversioned = event.resource &&
                                 (event.resource->version_id().empty() || !event.resource->last_updated()) &&
                                 s.live() && fhir::local_reference(focus) == focus;
        if ((!event.resource && !event.deleted) || unversioned) {
            if (!focus.empty()) want_read(s, focus, {.told = true, .frame = frame}); // told what changed, not how
            continue;
        }
        Update update;
        update.reference = focus;
        update.resource = event.deleted ? nullptr : std::move(event.resource);
        update.deleted = event.deleted;
        if (event.deleted) update.deleted_at = event.sent; // such a dialect says when
        update.sent = event.sent ? event.sent : notification.sent;
        update.received = s.now;
        update.channel = Channel::Socket;
        update.subscription = subscription;
        update.frame = frame;
        enqueue(s, std::move(update));
    }
    pump_reads(s);
}

} // namespace

void enqueue(State& s, Update update) {
    ++s.counters.received;
    const Priority priority = priority_of(s, update);
    UpdateQueue::Offered offered =
        s.queue.offer(std::move(update), priority, s.config.queue_max, s.config.queue_max_bytes, s.config.batch);
    if (offered.superseded && !mutated(Mutation::SupersedeSilently)) {
        const Update& old = *offered.superseded;
        UpdateRow row;
        row.received = old.received;
        row.dequeued = s.now;
        if (old.resource->time_is_exact()) row.changed = old.resource->last_updated().value_or(ServerTime{});
        row.sent = old.sent.value_or(ServerTime{});
        row.frame = old.frame;
        row.size = static_cast<std::uint32_t>(old.resource->text().size());
        row.subscription = old.subscription;
        row.channel = old.channel;
        row.outcome = Outcome::Superseded;
        old.resource->version_id().substr(0, row.version.size()).copy(row.version.data(), row.version.size());
        if (const auto position = s.stores.find(old.reference)) {
            row.type = position->type;
            row.record = position->index;
        }
        log_update(s, row, {});
        count_update(s, row);
    }
    if (!offered.accepted) {
        if (s.counters.overflowed++ == 0) log_event(s, {.code = FactCode::QueueFull});
        if (mutated(Mutation::DropOnOverflow)) return;
        // `update` is still there: it was not accepted.
        want_read(s, update.reference, {.brought = !update.deleted, .frame = update.frame});
    }
}

void on_frame(State& s, const Frame& frame) {
    const bool ours =
        (frame.socket == s.connection.socket && s.socket_open) || s.sockets->beside.contains(frame.socket);
    const bool known = s.live() ? ours : s.observed_sockets->open.contains(frame.socket);
    if (!known || !frame.text) {
        ++s.run->ignored_inputs;
        return;
    }
    ++s.counters.frames_in;
    s.counters.bytes_in += frame.text->size();
    s.connection.last_frame = s.now;
    auto decoded = fhir::decode_frame(s.config.dialect.dialect, *frame.text);
    FrameRow row{s.now,     frame.socket,    FrameKind::Bad,
                 false,     no_subscription, static_cast<std::uint32_t>(frame.text->size()),
                 frame.text};
    row.input = s.run->inputs - 1;
    if (!decoded) {
        ++s.counters.bad_frames;
        log_frame(s, std::move(row));
        log_event(s, {.code = FactCode::FrameUnreadable, .detail = decoded.error().message});
        return;
    }
    fhir::Notification& notification = *decoded;
    if (notification.sent) note_server_time(s, *notification.sent);
    if (!s.live()) observed_frame(s, frame.socket, notification);
    const SubscriptionIndex subscription = subscription_of(s, notification);
    row.kind = kind_of(notification.kind);
    row.subscription = subscription;
    const std::uint64_t number = log_frame(s, std::move(row));
    if (notification.sent) ping_if_late(s, frame.socket, *notification.sent);
    note_numbers(s, subscription, notification);
    if (notification.kind == fhir::NotificationKind::Heartbeat || notification.kind == fhir::NotificationKind::Event)
        prove_bind(s, notification);
    switch (notification.kind) {
        case fhir::NotificationKind::Pong:
            ++s.counters.pongs;
            s.sockets->unanswered_ping = never;
            break;
        case fhir::NotificationKind::Handshake:
            for (const std::string& id : notification.subscriptions) on_handshake(s, id, notification.sent);
            if (!notification.events.empty())
                on_events(s, notification, subscription, number); // a backlog (PROTOCOL B2)
            break;
        case fhir::NotificationKind::Heartbeat:
            on_heartbeat(s, notification.subscriptions, notification.sent);
            break;
        case fhir::NotificationKind::Event:
        case fhir::NotificationKind::QueryEvent:
            on_events(s, notification, subscription, number);
            break;
        case fhir::NotificationKind::Empty:
            break; // it says nothing, and nothing is missing for it
        case fhir::NotificationKind::QueryStatus:
            break; // an answer of $status, which no server sends unasked
        case fhir::NotificationKind::Outcome:
            log_event(s, {.code = FactCode::SocketOutcome, .words = notification.message});
            break;
        case fhir::NotificationKind::Unknown:
            ++s.counters.unknown_frames;
            log_event(s, {.code = FactCode::FrameUnknown, .detail = notification.message});
            break;
    }
    if (s.config.mode == Mode::Observe) enter_phase(s, Phase::Live, {.code = FactCode::FramesArrive});
}

void on_frame_sent(State& s, const FrameSent& frame) {
    if (s.live() || !s.observed_sockets->open.contains(frame.socket) || !frame.text) {
        ++s.run->ignored_inputs;
        return;
    }
    ++s.counters.frames_out;
    s.counters.bytes_out += frame.text->size();
    const std::string& text = *frame.text;
    constexpr std::string_view by_id = "bind "; // HAPI's
    const FrameKind kind = text.find("unbind-from-token") != std::string::npos ? FrameKind::Unbind
                           : text.find("bind-with-token") != std::string::npos || text.starts_with(by_id)
                               ? FrameKind::Bind
                           : text.find("\"ping\"") != std::string::npos ? FrameKind::Ping
                                                                        : FrameKind::Unknown;
    if (kind == FrameKind::Ping) ++s.counters.pings;
    FrameRow row{s.now, frame.socket, kind, true, no_subscription, static_cast<std::uint32_t>(text.size()), frame.text};
    row.input = s.run->inputs - 1;
    log_frame(s, std::move(row));
    if (kind == FrameKind::Bind || kind == FrameKind::Unbind)
        observed_bind(s, frame.socket, token_sent(text), kind == FrameKind::Bind);
}

} // namespace fhirscope::engine
