// Sockets and their frames. Requests are in network_http.cpp.
#include "simulation/network.hpp"

#include "fhir/json.hpp"
#include "fhir/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

using std::chrono::milliseconds;

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
    if (conditions.refuse_sockets)
        return deliver_(engine::SocketFailed{id, engine::Failure::Refused, "connection refused"});
    open_[id] = {};
    deliver_(engine::SocketOpened{id});
}

void Network::send(const engine::SendFrame& effect) {
    const auto socket = open_.find(effect.socket);
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
    if (binds && conditions.silent_bind) return;
    const ServerTime now = clock_.at(queue_.now());
    const auto reaction = server_.hub.receive(connection(id), aliases_.reveal(text), now);
    Socket& socket = open_.at(id);
    for (const auto& frame : reaction.frames) {
        VirtualTime extra{0};
        if (const auto at = frame.find("\"handshake\""); at != std::string::npos) {
            for (const auto& [subscription, type] : created_)
                if (frame.find(subscription, at) != std::string::npos) socket.types[type] = true;
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
    if (const auto asked = opening_.find(id); asked != opening_.end()) asked->second = false;
    const auto socket = open_.extract(id);
    if (socket.empty()) return;
    // The other end of a dead connection hears of nothing; it gives up by itself, see half_open().
    if (!socket.mapped().dead)
        queue_.after(
            delay(3'000), [this, id] { server_.hub.close(connection(id)); });
    queue_.after(delay(3'000), [this, id] { deliver_(engine::SocketClosed{id, 1000, ""}); });
}

void Network::emit(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra,
                   const Event* event) {
    const auto socket = open_.find(to);
    if (socket == open_.end() || socket->second.dead || conditions.silent) {
        if (event && on_lost_in_flight) on_lost_in_flight(event->reference, event->version_id);
        return;
    }
    arrive(to, text, extra, event);
    if (conditions.duplicate_percent > 0 && random_.chance(conditions.duplicate_percent))
        arrive(to, std::move(text), extra, nullptr);
}

void Network::arrive(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra,
                     const Event* event) {
    Socket& socket = open_.at(to);
    // What holds frames up on the way keeps their order; only the server's own parallel work does not.
    socket.last_carried =
        std::max({queue_.now() + VirtualTime(conditions.held_up_us), socket.last_carried, conditions.hangs_until});
    VirtualTime when = socket.last_carried + delay(conditions.frame_delay_us) + extra;
    if (!conditions.overtaking && extra.count() == 0) when = socket.last_arrival = std::max(when, socket.last_arrival);
    queue_.at(when, [this, to, text = std::move(text), carried = event ? *event : Event{}] {
        const auto found = open_.find(to);
        if (found == open_.end() || found->second.dead) {
            if (!carried.reference.empty() && on_lost_in_flight)
                on_lost_in_flight(carried.reference, carried.version_id);
            return;
        }
        deliver_(engine::Frame{to, text});
    });
}

Fanout Network::fan_out(const server::Commit& commit, const std::vector<server::Frame>& frames) {
    const server::VersionPtr& subject = commit.current;
    const auto listening = std::find_if(
        open_.begin(), open_.end(), [&](const auto& socket) { return socket.second.types.contains(subject->type); });
    const Event event{subject->reference(), subject->version_id};
    bool sent = false;
    for (const auto& frame : frames) {
        const auto id = socket_of(frame.to);
        if (conditions.deaf || !id || !open_.contains(*id)) continue;
        if (conditions.drop_percent > 0 && random_.chance(conditions.drop_percent)) continue;
        emit(*id, frame.text, VirtualTime(0), &event);
        sent = true;
    }
    if (sent) return Fanout::Sent;
    return listening == open_.end() || listening->second.dead ? Fanout::NotBound : Fanout::SilentLoss;
}

void Network::heartbeat() {
    if (hangs()) return;
    for (const auto& frame : server_.hub.heartbeat(clock_.at(queue_.now()))) {
        const auto id = socket_of(frame.to);
        if (!id || (conditions.drop_percent > 0 && random_.chance(conditions.drop_percent))) continue;
        emit(*id, frame.text);
    }
}

void Network::cut() {
    for (const auto& [id, socket] : std::exchange(open_, {})) {
        server_.hub.close(connection(id));
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
    for (const auto& [id, socket] : std::exchange(open_, {})) {
        // Killed, it does not clean up: the Subscriptions wait to be bound again (PROTOCOL A13).
        if (!keep_subscriptions) server_.hub.close(connection(id));
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
    if (!alive.empty()) server_.hub.remove(alive[static_cast<std::size_t>(which % alive.size())]);
}

void Network::bind_dead(std::int64_t count) {
    const ServerTime now = clock_.at(queue_.now());
    for (const auto& [socket, state] : open_) {
        if (state.dead) continue;
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

void Network::send_raw(std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    for (const auto& [id, socket] : open_) emit(id, shared);
}

} // namespace fhirscope::simulation
