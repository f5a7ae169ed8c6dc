// Sockets and their frames. Requests are in network_http.cpp.
#include "simulation/network.hpp"

#include "fhir/json.hpp"
#include "fhir/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

using std::chrono::milliseconds;

namespace {

constexpr auto refusing = {FaultKind::RefusedConnect, FaultKind::RestartWithSubscriptions,
                           FaultKind::RestartWithoutSubscriptions};
constexpr std::chrono::seconds pong_due{5}, handshake_due{10}; // as the engine waits for them
constexpr std::chrono::seconds late{1};                        // a frame that anybody would call so

} // namespace

Network::Network(EventQueue& queue, const ServerClock& clock, server::World& server, std::string base, unsigned number,
                 std::uint64_t seed, std::function<void(engine::InputBody)> deliver)
    : queue_(queue),
      clock_(clock),
      server_(server),
      base_(std::move(base)),
      number_(number),
      random_(seed ^ 0x2e72e7ULL ^ number * 0x9e3779b97f4a7c15ULL),
      deliver_(std::move(deliver)) {
    log_in();
}

void Network::perform(const engine::Effect& effect) {
    if (const auto* wanted = std::get_if<engine::SendRequest>(&effect)) request(*wanted);
    if (const auto* socket = std::get_if<engine::OpenSocket>(&effect)) open(*socket);
    if (const auto* frame = std::get_if<engine::SendFrame>(&effect)) send(*frame);
    if (const auto* socket = std::get_if<engine::CloseSocket>(&effect)) close(*socket);
}

void Network::open(const engine::OpenSocket& effect) {
    const auto id = effect.socket;
    opening_[id] = true;
    queue_.after(delay(8'000), [this, id] { opened(id); });
}

void Network::opened(engine::SocketId id) {
    if (hangs()) return queue_.at(conditions.hangs_until, [this, id] { opened(id); });
    const auto asked = opening_.extract(id);
    if (asked.empty() || !asked.mapped()) return; // closed before it opened: answered by nothing
    if (conditions.refuse_sockets) {
        effects.note_held(refusing, queue_.now(), "sockets");
        return deliver_(engine::SocketFailed{id, engine::Failure::Refused, "connection refused"});
    }
    open_[id] = {};
    deliver_(engine::SocketOpened{id});
}

void Network::send(const engine::SendFrame& effect) {
    const auto socket = open_.find(effect.socket);
    if (socket != open_.end() && effects.kept && (socket->second.dead || hangs()))
        queue_.after(pong_due, [this, id = effect.socket, hung = !socket->second.dead] {
            const auto found = open_.find(id);
            if (found == open_.end() || (hung && !hangs())) return;
            effects.note(hung ? FaultKind::HangingServer : FaultKind::HalfOpen, queue_.now(), "sockets");
        });
    if (socket == open_.end() || socket->second.dead || !effect.text) return; // it goes nowhere
    // A socket keeps the order of what is sent on it.
    const VirtualTime when = socket->second.last_departure =
        std::max({queue_.now() + delay(3'000), socket->second.last_departure, conditions.hangs_until});
    queue_.at(when, [this, id = effect.socket, text = effect.text] {
        const auto found = open_.find(id);
        if (found != open_.end() && !found->second.dead) receive(id, *text);
    });
}

void Network::receive(engine::SocketId id, const std::string& text) {
    const bool binds = text.find("bind-with-token") != std::string::npos;
    if (binds && conditions.silent_bind) {
        if (effects.kept)
            queue_.after(handshake_due, [this, id] {
                if (open_.contains(id)) effects.note(FaultKind::SilentBind, queue_.now());
            });
        return;
    }
    const ServerTime now = clock_.at(queue_.now());
    const auto reaction = server_.hub.receive(connection(id), aliases_.reveal(text), now);
    Socket& socket = open_.at(id);
    for (const auto& frame : reaction.frames) {
        VirtualTime extra{0};
        if (const auto at = frame.find("\"handshake\""); at != std::string::npos) {
            for (const auto& [subscription, type] : created_)
                if (frame.find(subscription, at) != std::string::npos) {
                    socket.types[type] = true;
                    if (server_.hub.find(subscription, now)) suffering_.erase(subscription);
                }
            if (conditions.heartbeat_first_ms > 0) { // seen before 5.1.19 (PROTOCOL A10)
                for (const auto& beat : server_.hub.heartbeat(now))
                    if (beat.to == connection(id)) emit(id, beat.text);
                extra = milliseconds(conditions.heartbeat_first_ms);
            }
        }
        emit(id, std::make_shared<const std::string>(frame), extra);
    }
}

void Network::close(const engine::CloseSocket& effect) {
    const auto id = effect.socket;
    if (const auto asked = opening_.find(id); asked != opening_.end()) {
        if (asked->second && hangs()) effects.note(FaultKind::HangingServer, queue_.now(), "sockets");
        asked->second = false;
    }
    const auto socket = open_.extract(id);
    if (socket.empty()) return;
    // The other end of a dead connection hears of nothing; it gives up by itself, see half_open().
    if (!socket.mapped().dead)
        queue_.after(
            delay(3'000), [this, id] { server_.hub.close(connection(id)); });
    queue_.after(delay(3'000), [this, id] { deliver_(engine::SocketClosed{id, 1000, ""}); });
}

void Network::emit(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra, const Event* event,
                   std::optional<FaultKind> by) {
    const auto socket = open_.find(to);
    if (socket == open_.end() || socket->second.dead || conditions.silent) {
        if (event && on_lost_in_flight) on_lost_in_flight(event->reference, event->version_id);
        if (event && socket != open_.end() && socket->second.dead)
            effects.lose(event->reference, event->version_id, FaultKind::HalfOpen);
        return;
    }
    arrive(to, text, extra, event, by);
    if (conditions.duplicate_percent > 0 && random_.chance(conditions.duplicate_percent))
        arrive(to, std::move(text), extra, nullptr, FaultKind::FrameDuplicate);
}

void Network::arrive(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra,
                     const Event* event, std::optional<FaultKind> by) {
    Socket& socket = open_.at(to);
    // What holds frames up on the way keeps their order; only the server's own parallel work does not.
    socket.last_carried =
        std::max({queue_.now() + VirtualTime(conditions.held_up_us), socket.last_carried, conditions.hangs_until});
    VirtualTime when = socket.last_carried + delay(conditions.frame_delay_us) + extra;
    if (!conditions.overtaking && extra.count() == 0) when = socket.last_arrival = std::max(when, socket.last_arrival);
    const bool held_up = conditions.held_up_us > 0 && socket.last_carried - queue_.now() >= late;
    queue_.at(when, [this, to, text = std::move(text), carried = event ? *event : Event{}, by, held_up] {
        const auto found = open_.find(to);
        if (found == open_.end() || found->second.dead) {
            if (!carried.reference.empty() && on_lost_in_flight)
                on_lost_in_flight(carried.reference, carried.version_id);
            return;
        }
        if (by) effects.note(*by, queue_.now());
        if (!carried.reference.empty()) {
            const std::string type = carried.reference.substr(0, carried.reference.find('/'));
            if (held_up) effects.note(FaultKind::FrameDelay, queue_.now(), type);
            if (carried.queued >= late) effects.note(FaultKind::QueueDelay, queue_.now(), type);
        }
        effects.heard(queue_.now());
        deliver_(engine::Frame{to, text});
    });
}

// Why the server has nothing to send to this client, which would hear it; nullopt: by no fault.
std::optional<FaultKind> Network::why_deaf(const server::Version& subject) const {
    if (!server_.project.websocket_feature) return FaultKind::FeatureRemoved;
    if (!server_.project.clients.front().policy.sees(*subject.resource, fhir::MatchMode::Medplum))
        return FaultKind::PolicyChanged;
    for (const auto& [id, suffering] : suffering_)
        if (suffering.type == subject.type) return suffering.kind;
    return std::nullopt;
}

void Network::subscriptions_suffer(FaultKind kind) {
    if (!effects.kept) return;
    const ServerTime now = clock_.at(queue_.now());
    for (const auto& [id, type] : created_)
        if (server_.hub.find(id, now)) suffering_.try_emplace(id, Suffering{kind, type});
}

Fanout Network::fan_out(const server::Commit& commit, const std::vector<server::Frame>& frames, VirtualTime queued) {
    const server::VersionPtr& subject = commit.current;
    const auto listening = std::find_if(
        open_.begin(), open_.end(), [&](const auto& socket) { return socket.second.types.contains(subject->type); });
    const Event event{subject->reference(), subject->version_id, queued};
    bool sent = false, dropped = false;
    for (const auto& frame : frames) {
        const auto id = socket_of(frame.to);
        if (conditions.deaf || !id || !open_.contains(*id)) continue;
        if (conditions.drop_percent > 0 && random_.chance(conditions.drop_percent)) {
            dropped = true;
            continue;
        }
        emit(*id, frame.text, VirtualTime(0), &event);
        sent = true;
    }
    if (sent) return Fanout::Sent;
    if (listening == open_.end() || listening->second.dead) return Fanout::NotBound;
    if (dropped)
        effects.lose(event.reference, event.version_id, FaultKind::FrameDrop);
    else if (const auto& content = subject->resource ? subject : commit.previous; effects.kept && content)
        if (const auto why = why_deaf(*content)) effects.lose(event.reference, event.version_id, *why);
    return Fanout::SilentLoss;
}

void Network::heartbeat() {
    if (hangs()) return;
    for (const auto& frame : server_.hub.heartbeat(clock_.at(queue_.now()))) {
        const auto id = socket_of(frame.to);
        if (!id || (conditions.drop_percent > 0 && random_.chance(conditions.drop_percent))) continue;
        const auto socket = open_.find(*id);
        const bool dead = socket != open_.end() && socket->second.lists_dead;
        emit(*id, frame.text, VirtualTime(0), nullptr, dead ? std::optional(FaultKind::DeadListed) : std::nullopt);
    }
}

void Network::cut() {
    for (const auto& [id, socket] : std::exchange(open_, {})) {
        server_.hub.close(connection(id));
        effects.note(FaultKind::Cut, queue_.now(), "sockets");
        queue_.after(milliseconds(1), [this, id = id] { deliver_(engine::SocketClosed{id, 1006, ""}); });
    }
}

void Network::half_open(std::chrono::seconds until_noticed) {
    for (auto& [id, socket] : open_) {
        socket.dead = true;
        queue_.after(until_noticed, [this, id = id] { server_.hub.close(connection(id)); });
    }
}

void Network::restart(bool keep_subscriptions) {
    const auto kind = keep_subscriptions ? FaultKind::RestartWithSubscriptions : FaultKind::RestartWithoutSubscriptions;
    if (!keep_subscriptions) subscriptions_suffer(kind);
    for (const auto& [id, socket] : std::exchange(open_, {})) {
        // Killed, it does not clean up: the Subscriptions wait to be bound again (PROTOCOL A13).
        if (!keep_subscriptions) server_.hub.close(connection(id));
        effects.note(kind, queue_.now(), "sockets");
        queue_.after(milliseconds(1), [this, id = id] { deliver_(engine::SocketClosed{id, 1006, ""}); });
    }
    if (keep_subscriptions) return;
    for (const auto& [id, type] : std::exchange(created_, {})) server_.hub.remove(id);
}

void Network::remove_subscription(std::uint64_t which) {
    const ServerTime now = clock_.at(queue_.now());
    std::vector<std::string> alive;
    for (const auto& [id, type] : created_)
        if (server_.hub.find(id, now)) alive.push_back(id);
    if (alive.empty()) return;
    const std::string& id = alive[static_cast<std::size_t>(which % alive.size())];
    if (effects.kept) suffering_[id] = {FaultKind::SubscriptionDeleted, created_[id]};
    server_.hub.remove(id);
}

void Network::bind_dead(std::int64_t count) {
    const ServerTime now = clock_.at(queue_.now());
    for (auto& [socket, state] : open_) {
        if (state.dead) continue;
        state.lists_dead = true;
        for (std::int64_t i = 0; i < count; ++i) {
            auto content = fhir::parse_json(
                R"({"resourceType":"Subscription","status":"active","reason":"another","criteria":"Basic?code=none",)"
                R"("channel":{"type":"websocket"}})");
            const auto made = server_.hub.create(std::move(*content), "virtual", now);
            if (!made) return; // the limit
            const std::string id = (*made)->id;
            server::Claims claims;
            claims.client_id = "virtual";
            claims.login_id = server_.tokens.log_in(random_, now, now + std::chrono::hours(24));
            claims.subscription_id = id;
            claims.membership_id = server_.project.clients.front().membership;
            claims.issued = now;
            claims.expires = now + std::chrono::hours(1);
            fhir::JsonWriter bind;
            bind.object().member("type", "bind-with-token").object("payload");
            bind.member("token", server_.tokens.sign(claims)).end().end();
            static_cast<void>(server_.hub.receive(connection(socket), bind.take(), now));
            server_.hub.remove(id);
        }
    }
}

void Network::send_raw(std::string text, std::optional<FaultKind> by) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    for (const auto& [id, socket] : open_) emit(id, shared, VirtualTime(0), nullptr, by);
}

} // namespace fhirscope::simulation
