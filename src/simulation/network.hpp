#pragma once
// Between the engine's effects and the model server: delays, losses and refusals, and what the runtime does below the
// engine (logging in, aliases for tokens, time limits of requests).

#include "engine/effect.hpp"
#include "fhir/random.hpp"
#include "server/world.hpp"
#include "simulation/clock.hpp"
#include "simulation/fault_effects.hpp"
#include "simulation/token_aliases.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

// What holds at the moment.
struct Conditions {
    std::int64_t frame_delay_us = 5'000; // at most
    bool overtaking = false;             // frames do not wait for those before them (PROTOCOL A13)
    std::int64_t held_up_us = 0;         // every frame, by so much more
    unsigned duplicate_percent = 0, drop_percent = 0;
    bool silent = false; // nothing arrives on any socket
    bool deaf = false;   // no event is sent
    bool refuse_sockets = false, refuse_requests = false;
    std::int64_t stall_ms = 0;  // an answer takes up to so much longer
    unsigned split_percent = 0; // answers that end in the middle
    struct Trouble {
        FaultKind kind;
        unsigned percent;
    };
    std::vector<Trouble> http;       // answers in place of the server's own
    unsigned lost_write_percent = 0; // PUT and PATCH are carried out, and the answer does not come
    bool silent_bind = false;
    bool refuse_token = false;           // every request is answered 401, and so is a new login's
    bool refuse_login = false;           // there is no new login either
    std::int64_t heartbeat_first_ms = 0; // the handshake comes so much behind a heartbeat
    VirtualTime hangs_until{0};          // what reaches the server, or leaves it, waits until then
};

// What became of the events of one commit.
enum class Fanout : std::uint8_t {
    Queued,     // not looked at yet; if nobody listens then, on_lost_in_flight says so
    Sent,       // on their way
    NotBound,   // nobody listened: whoever connects later must find it
    SilentLoss, // somebody believes to listen, and no sign will ever tell
};

bool is_write(const engine::SendRequest& request); // of a resource: PUT or PATCH

class Network {
public:
    // `deliver` takes what reaches the engine; `base` is the server's address, with the slash; `number` tells the
    // clients of one server apart, from 0.
    Network(EventQueue& queue, const ServerClock& clock, server::World& server, std::string base, unsigned number,
            std::uint64_t seed, std::function<void(engine::InputBody)> deliver);

    // WakeAt is not for the network.
    void perform(const engine::Effect& effect);

    // Takes those of the events' frames that are for this client's sockets.
    // `queued`: so long they waited at the server, by a fault.
    Fanout fan_out(const server::Commit& commit, const std::vector<server::Frame>& frames, VirtualTime queued);
    void heartbeat();
    // Called when the events of this commit did not arrive: their socket went, or nobody listened when they were sent.
    std::function<void(const std::string& reference, const std::string& version_id)> on_lost_in_flight;

    // Called when the client cannot know whether this write was carried out: no answer reaches it, or another one.
    std::function<void(const engine::SendRequest&)> on_answer_lost;
    // The request that the server carries out right now; null: none of this client.
    const engine::SendRequest* served() const { return served_; }

    Conditions conditions;
    FaultEffects effects;                                                // on this client
    static constexpr std::string_view secret = "not-a-secret-of-anyone"; // of the client, at the server's start

    void cut();
    void half_open(std::chrono::seconds until_noticed);
    // The sockets go as with a cut, and so do the Subscriptions unless they are kept.
    void restart(bool keep_subscriptions);
    void lose_access_token() { authorization_ = "Bearer nothing"; }
    // What a fault is about to do at the server, for the effects: to the Subscriptions made here that it has, or to the
    // access token.
    void subscriptions_suffer(FaultKind kind);
    void token_suffers(FaultKind kind) { token_ended_by_ = kind; }
    void remove_subscription(std::uint64_t which);
    // So many Subscriptions more are bound on each socket, and gone: heartbeats list them until it closes.
    void bind_dead(std::int64_t count);
    // A frame that the server sends on every socket.
    void send_raw(std::string text, std::optional<FaultKind> by = std::nullopt);

    std::uint64_t requests() const { return requests_; }
    bool socket_open() const { return !open_.empty(); }

private:
    struct Call {
        engine::SendRequest request;
        VirtualTime sent{0};
        bool repeated = false;                  // after a 401
        bool given_up = false;                  // nobody waits for the answer any more
        std::optional<FaultKind> renewed_by{};  // what made it be repeated
        std::optional<FaultKind> answered_by{}; // what made the answer, or what it says, another one
        std::string about{};                    // the type that this concerns
    };
    using CallPtr = std::shared_ptr<Call>;
    struct Socket {
        bool dead = false;       // half-open: what is sent either way is lost
        bool lists_dead = false; // heartbeats name Subscriptions that are gone
        VirtualTime last_carried{0}, last_arrival{0}, last_departure{0};
        std::map<std::string, bool, std::less<>> types; // bound by a handshake on this socket
    };
    struct Event { // which version a frame carries, when it carries one
        std::string reference, version_id;
        VirtualTime queued{0}; // at the server, by a fault
    };

    VirtualTime delay(std::int64_t most_us) {
        return VirtualTime(random_.between(200, std::max<std::int64_t>(most_us, 200)));
    }
    // The server's names of the sockets of all its clients.
    server::ConnectionId connection(engine::SocketId id) const {
        return static_cast<server::ConnectionId>(number_) << 32 | id;
    }
    std::optional<engine::SocketId> socket_of(server::ConnectionId connection) const {
        if (connection >> 32 != number_) return std::nullopt;
        return static_cast<engine::SocketId>(connection & UINT32_MAX);
    }
    bool log_in(); // false: the server refused the client id or secret
    void request(const engine::SendRequest& request);
    void transmit(const CallPtr& call);
    bool hangs() const { return queue_.now() < conditions.hangs_until; }
    void wait_for_server(const CallPtr& call);
    void serve(const CallPtr& call);
    std::optional<server::Response> trouble(const CallPtr& call);
    void find_what_the_answer_tells(const CallPtr& call, const server::Response& own);
    std::optional<FaultKind> why_deaf(const server::Version& subject) const;
    void heard(const engine::HttpAnswer& answer, const Call& call);
    void answer(const CallPtr& call, server::Response response);
    void refuse_login(const CallPtr& call);
    void lose_answer(const engine::SendRequest& request);
    void fail(const CallPtr& call, engine::Failure failure, std::string message);
    void open(const engine::OpenSocket& effect);
    void opened(engine::SocketId id);
    void send(const engine::SendFrame& effect);
    void receive(engine::SocketId id, const std::string& text);
    void close(const engine::CloseSocket& effect);
    void emit(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra = VirtualTime(0),
              const Event* event = nullptr, std::optional<FaultKind> by = std::nullopt);
    // `by`: what made this frame.
    void arrive(engine::SocketId to, std::shared_ptr<const std::string> text, VirtualTime extra, const Event* event,
                std::optional<FaultKind> by);

    EventQueue& queue_;
    const ServerClock& clock_;
    server::World& server_;
    const std::string base_;
    const unsigned number_;
    Random random_;
    std::function<void(engine::InputBody)> deliver_;
    TokenAliases aliases_;
    std::string authorization_;
    std::map<engine::SocketId, Socket> open_;    // as the engine sees it
    std::map<engine::SocketId, bool> opening_;   // asked for, not yet open; false: no longer wanted
    std::map<std::string, std::string> created_; // Subscription id → type of its criteria
    struct Suffering {
        FaultKind kind{};
        std::string type;
    };
    std::map<std::string, Suffering, std::less<>> suffering_; // Subscriptions that bring nothing more, by id
    std::optional<FaultKind> token_ended_by_;
    const engine::SendRequest* served_ = nullptr;
    std::uint64_t requests_ = 0;
};

} // namespace fhirscope::simulation
