// The life of a Subscription outside of Medplum (PROTOCOL B1, B4, C): it outlives its socket, so it is bound again
// rather than made anew; its end is moved on; HAPI activates it in its own time and takes one on a socket.

#include "engine/dialect/life.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/phases.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/slice.hpp"

#include <charconv>

namespace fhirscope::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds activation_pause{250};
constexpr std::uint32_t activation_tries = 40;

// The period of heartbeats in the Subscription as the server returned it; 0 where it has none.
milliseconds heartbeat_in(const fhir::Resource& subscription) {
    fhir::Slice period;
    const fhir::Slice root(subscription.text());
    if (const fhir::Slice own = root.member("heartbeatPeriod"); own.exists()) period = own; // R5
    root.member("channel").member("extension").each_element([&](fhir::Slice extension) {
        if (extension.member("url").string().ends_with("/backport-heartbeat-period"))
            period = extension.member("valueUnsignedInt");
    });
    unsigned seconds = 0;
    const std::string_view text = period.text();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds(std::min(seconds, 86'400u));
}

void ask_after(State& s, SubscriptionIndex i, milliseconds pause) {
    PendingRequest request;
    request.purpose = Purpose::AwaitActive;
    request.subscription = i;
    request.reference = s.subscriptions[i].dialect.id;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, "Subscription/" + request.reference);
    send_request(s, std::move(request), pause);
}

// Null where there is none.
fhir::ResourcePtr resource_in(const HttpAnswer& answer) {
    if (answer.status != 200 || !answer.body) return nullptr;
    return fhir::parse_resource(*answer.body).value_or(nullptr);
}

void open_own_socket(State& s, SubscriptionIndex i) {
    DialectState& d = s.subscriptions[i].dialect;
    if (s.connection.socket == 0) {
        open_socket(s, s.config.dialect.socket_url);
        d.socket = s.connection.socket;
        return;
    }
    d.socket = s.sockets->next++;
    s.sockets->beside[d.socket] = {i, false};
    s.effects.push_back(OpenSocket{d.socket, s.connection.socket_url, s.config.open_timeout});
}

} // namespace

bool resume_subscription(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    if (d.id.empty() || !subscription.active.id.empty()) return false;
    const std::string id = d.id;
    subscription.next = Binding{};
    subscription.next->id = id;
    subscription.next->created = d.created;
    if (!survives_disconnect(s.config)) d = {}; // it was never bound; once it is, it goes with its socket
    subscription.view.id = id;
    set_state(s, i, SubscriptionState::AwaitingToken);
    if (needs_token(s.config)) {
        ask_for_token(s, i, id);
    } else {
        d.activation_tries = 0;
        ask_after(s, i, milliseconds(0)); // it may be gone, and a bind would only say so by closing the socket
    }
    return true;
}

void prepare_binding(State& s, SubscriptionIndex i, const std::string& id, const fhir::Resource& created) {
    DialectState& d = s.subscriptions[i].dialect;
    if (!survives_disconnect(s.config)) return ask_for_token(s, i, id);
    d = {};
    d.id = id;
    d.created = s.now;
    d.heartbeat = heartbeat_in(created);
    if (needs_token(s.config)) return ask_for_token(s, i, d.id);
    if (fhir::Slice(created.text()).member("status").is_string("active")) return open_own_socket(s, i);
    ask_after(s, i, activation_pause);
}

void on_active(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    if (!subscription.next || subscription.next->id != request.reference) return;
    if (answer.status == 0 || answer.status >= 500)
        return lose_connection(s, Fact{.code = FactCode::StatusUnanswered}.because(fact_of(answer)));
    const auto resource = resource_in(answer);
    if (!resource) return retry_subscription(s, i, Fact{.code = FactCode::SubscriptionUnread}.because(fact_of(answer)));
    const std::string status = fhir::Slice(resource->text()).member("status").string();
    if (status == "active") return open_own_socket(s, i);
    if (status != "requested" || ++d.activation_tries >= activation_tries)
        return retry_subscription(s, i, {.code = FactCode::NotActivated, .words = status.substr(0, 32)});
    ask_after(s, i, activation_pause);
}

bool keep_subscription(State& s, SubscriptionIndex i) {
    DialectState& d = s.subscriptions[i].dialect;
    d.socket = 0;
    d.fetching = d.fetch_again = false;
    d.gap_due = never;
    return survives_disconnect(s.config);
}

bool abandon_subscription(State& s, SubscriptionIndex i) {
    if (!survives_disconnect(s.config)) return false;
    DialectState& d = s.subscriptions[i].dialect;
    const bool had_socket = d.socket != 0;
    disown(s, d.id, i);
    d = {};
    forget_requests(s, Purpose::AwaitActive, i);
    forget_requests(s, Purpose::ReplayEvents, i);
    forget_requests(s, Purpose::ExtendSubscription, i);
    return had_socket; // which takes no second bind
}

bool extend_subscription(State& s, SubscriptionIndex i) {
    if (!survives_disconnect(s.config)) return false;
    Subscription& subscription = s.subscriptions[i];
    subscription.active.created = subscription.dialect.created = s.now;
    auto body = subscription_body(s, i, subscription.active.id);
    if (!body) return true; // it was offered when this Subscription was made
    PendingRequest request;
    request.purpose = Purpose::ExtendSubscription;
    request.subscription = i;
    request.reference = subscription.active.id;
    request.sent.method = "PUT";
    request.sent.url = fhir_url(s, "Subscription/" + subscription.active.id);
    request.sent.content_type = "application/fhir+json";
    request.sent.body = make_text(std::move(*body));
    log_event(s, {.code = FactCode::EndMoved, .about = subscription.view.criteria}, i);
    send_request(s, std::move(request));
    return true;
}

void on_extended(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Subscription& subscription = s.subscriptions[request.subscription];
    if (subscription.active.id != request.reference || (answer.status >= 200 && answer.status < 300)) return;
    subscription.active = {};
    retry_subscription(s, request.subscription, Fact{.code = FactCode::NotExtended}.because(fact_of(answer)));
    update_phase(s);
}

void bind_without_token(State& s, SocketId socket) {
    if (needs_token(s.config)) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        if (subscription.dialect.socket == socket && subscription.next && subscription.next->bind_sent == never)
            bind(s, i, *subscription.next);
    }
}

bool side_socket_opened(State& s, SocketId socket) {
    const auto found = s.sockets->beside.find(socket);
    if (found == s.sockets->beside.end()) return false;
    found->second.open = true;
    s.connection.last_frame = s.now;
    log_frame(
        s, {s.now, socket, FrameKind::Open, true, found->second.subscription, 0, make_text(s.connection.socket_url)});
    bind_without_token(s, socket);
    return true;
}

bool side_socket_gone(State& s, SocketId socket, const Fact& reason) {
    const auto found = s.sockets->beside.find(socket);
    if (found == s.sockets->beside.end()) return false;
    log_closing(s, socket, false, found->second.subscription, reason);
    s.sockets->beside.erase(found);
    lose_connection(s, reason);
    return true;
}

void close_side_sockets(State& s) {
    for (const auto& [socket, side] : s.sockets->beside) {
        s.effects.push_back(CloseSocket{socket, 1000, ""});
        log_frame(s, {s.now, socket, FrameKind::Close, true, side.subscription, 0, nullptr});
    }
    s.sockets->beside.clear();
}

void send_bind(State& s, SubscriptionIndex i, const Binding& binding) {
    const SocketId side = s.subscriptions[i].dialect.socket;
    if (side == 0 || side == s.connection.socket)
        return send_frame(s, FrameKind::Bind, bind_text(s.config, binding), i);
    Text text = make_text(bind_text(s.config, binding));
    ++s.counters.frames_out;
    s.counters.bytes_out += text->size();
    log_frame(s, {s.now, side, FrameKind::Bind, true, i, static_cast<std::uint32_t>(text->size()), text});
    s.effects.push_back(SendFrame{side, std::move(text)});
}

} // namespace fhirscope::engine
