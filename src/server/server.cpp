#include "files/regular_file.hpp"
#include "server/server_impl.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pthread.h>

#include <algorithm>

namespace fhirscope::server {

namespace {

constexpr std::size_t max_connections = 2000;
constexpr std::uint64_t largest_pem_file = 1u << 20; // a chain of certificates, or a key
constexpr std::size_t max_late_events = 100'000;     // held back by jitter at once

ServerTime machine_time() {
    return ServerTime(std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()));
}

// Whether the event of this commit is one that was asked for; it is counted then.
bool counts_down(std::map<std::string, unsigned, std::less<>>& counters, const Commit& commit) {
    auto counter = counters.find(commit.current->reference());
    if (counter == counters.end()) return false;
    const bool counts = counter->second > 0;
    if (counter->second <= 1)
        counters.erase(counter);
    else
        --counter->second;
    return counts;
}

} // namespace

EmbeddedServer::Impl::Impl(ServerOptions given, EmbeddedServer& server)
    : owner(server), options(std::move(given)), jitter_random(options.seed ^ 0x717e72) {
    if (options.client_id.empty()) options.client_id = random_uuid();
    if (options.client_secret.empty()) options.client_secret = random_secret();
}

void EmbeddedServer::Impl::listen(error_code& error) {
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) endpoint = acceptor.local_endpoint(error);
}

Result<void> EmbeddedServer::Impl::start() {
    const Lock lock(mutex);
    if (running || world) return fail(ErrorCode::Listen, "The server was started already");
    error_code error;
    auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, error);
    if (error)
        return fail(ErrorCode::Address,
                    "\"" + options.host + "\" is not a numeric address: give one such as 127.0.0.1");
    if (auto policy = AccessPolicy::parse(options.policy); !policy) return tl::unexpected(policy.error());
    bool secure = !options.tls_certificate_file.empty() || !options.tls_key_file.empty();
    if (secure) {
        SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
        const auto certificate = files::read_whole(options.tls_certificate_file, largest_pem_file);
        if (!certificate) return fail(ErrorCode::Certificate, certificate.error().message);
        const auto key = files::read_whole(options.tls_key_file, largest_pem_file);
        if (!key) return fail(ErrorCode::Certificate, key.error().message);
        tls.use_certificate_chain(asio::buffer(*certificate), error);
        if (error)
            return fail(ErrorCode::Certificate,
                        "Cannot use the certificate " + options.tls_certificate_file + ": " + error.message());
        tls.use_private_key(asio::buffer(*key), asio::ssl::context::pem, error);
        if (error)
            return fail(ErrorCode::Certificate, "Cannot use the key " + options.tls_key_file + ": " + error.message());
    }
    endpoint = {address, options.port};
    listen(error);
    if (error) {
        error_code ignored;
        acceptor.close(ignored);
        auto place = options.host + ":" + std::to_string(options.port);
        if (error == asio::error::address_in_use)
            return fail(ErrorCode::PortBusy,
                        place + " is in use by another program: choose another port, or 0 for any free one");
        return fail(ErrorCode::Listen, "Cannot listen on " + place + ": " + error.message());
    }
    auto host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    auto place = host + ":" + std::to_string(endpoint.port()) + "/";
    base_url = (secure ? "https://" : "http://") + place;
    if (!options.public_url.empty()) base_url = options.public_url;
    websocket_path = options.dialect == fhir::Dialect::Hapi ? "/websocket" : "/ws/subscriptions-r4";
    websocket_url = "ws" + base_url.substr(4) + websocket_path.substr(1); // http → ws, https → wss
    world = std::make_unique<World>(options, base_url, websocket_url,
                                    [this] { return machine_time() + options.clock_offset; });
    commits_before = world->store.commits();
    world->store.on_commit([this](const Commit& commit) { committed(commit); });
    asio::co_spawn(io, accept(), asio::detached);
    beat();
    arm_clinic();
    running = true;
    thread = std::thread([this] { io.run(); });
    pthread_setname_np(thread.native_handle(), "server");
    return {};
}

void EmbeddedServer::Impl::stop() {
    // Held until the thread is gone: calls that come meanwhile wait, and then run in place.
    const Lock lock(mutex);
    if (!running) return;
    asio::post(io, [this] { shut_down(); });
    thread.join(); // with everything closed, the thread runs out of work
    running = false;
}

void EmbeddedServer::Impl::shut_down() {
    stopping = true; // a timer that is due already cannot be cancelled any more: it must not be armed again
    error_code ignored;
    acceptor.close(ignored);
    heartbeat.cancel();
    clinic_timer.cancel();
    late_timer.cancel();
    fault_timers.clear();
    for (const auto& timer : waiting_faults) timer->cancel();
    late.clear();
    hanging = requests_hanging = reachable = false;
    for (const auto& [id, connection] : connections) connection->abort();
}

asio::awaitable<void> EmbeddedServer::Impl::accept() {
    bool secure = !options.tls_certificate_file.empty();
    while (acceptor.is_open()) {
        net::TcpSocket socket(io);
        auto [error] = co_await acceptor.async_accept(socket, asio::as_tuple(asio::use_awaitable));
        if (!acceptor.is_open() || !reachable) co_return;
        if (error) { // no descriptors left, or a peer that was gone again: go on a little later
            asio::steady_timer pause(io, milliseconds(50));
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        if (connections.size() >= max_connections) continue; // closes it
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto id = next_id++;
        const auto opened = open_session(std::move(socket), secure, *this, id);
        make_room_for(opened->peer());
        connections.emplace(id, opened);
    }
}

// Whoever opens connections and never logs in takes the place of nobody but himself.
void EmbeddedServer::Impl::make_room_for(const std::string& peer) {
    std::size_t unknown = 0;
    Connection* oldest = nullptr;
    for (const auto& [id, connection] : connections) {
        if (connection->is_known() || connection->peer() != peer) continue;
        if (!oldest) oldest = connection.get();
        ++unknown;
    }
    if (unknown >= options.max_unknown_connections && oldest) oldest->abort();
}

void EmbeddedServer::Impl::set_hanging(bool now) {
    if (now == hanging) return;
    hanging = now;
    if (now) paused_before_hanging = world->clinic.paused();
    world->clinic.set_paused(now || paused_before_hanging, world->clock());
    arm_clinic();
    if (now) return;
    for (const auto& [id, connection] : connections) connection->wake();
    deliver_late();
}

void EmbeddedServer::Impl::set_reachable(bool now) {
    if (now == reachable) return;
    error_code error;
    if (now) {
        listen(error);
        if (error) { // someone else took the port: it stays unreachable
            acceptor.close(error);
            return;
        }
        reachable = true;
        asio::co_spawn(io, accept(), asio::detached);
        return;
    }
    reachable = false;
    acceptor.close(error);
    for (const auto& [id, connection] : connections) connection->abort();
}

void EmbeddedServer::Impl::beat() {
    if (stopping) return;
    heartbeat.expires_after(options.heartbeat);
    heartbeat.async_wait([this](error_code error) {
        if (error) return;
        if (!hanging)
            for (const auto& frame : world->hub.heartbeat(world->clock())) {
                stats.heartbeats += silent ? 0 : 1;
                send(frame);
            }
        beat();
    });
}

void EmbeddedServer::Impl::arm_clinic() {
    auto due = stopping ? std::nullopt : world->clinic.next_due();
    if (!due) {
        clinic_timer.cancel();
        return;
    }
    clinic_timer.expires_after(std::max(milliseconds(0), *due - world->clock()));
    clinic_timer.async_wait([this](error_code error) {
        if (error || stopping) return;
        world->clinic.step(world->clock());
        arm_clinic();
    });
}

void EmbeddedServer::Impl::committed(const Commit& commit) {
    Pending pending{{}, commit};
    const bool newer = options.behaviour == Behaviour::Medplum51;
    if (!newer) pending.subscriptions = world->hub.matching(commit, world->clock());
    if ((!newer && pending.subscriptions.empty()) || kept_back(pending)) return;
    auto wait = options.event_delay;
    if (options.jitter.count() > 0) wait += milliseconds(jitter_random.between(0, options.jitter.count()));
    if (wait.count() > 0 && late.size() < max_late_events) {
        late.emplace(std::chrono::steady_clock::now() + wait, std::move(pending));
        return deliver_late();
    }
    // 5.0 answers a write before its events leave, 5.1 after it.
    if (newer || !answering) return deliver(pending);
    answered.push_back(std::move(pending));
    asio::post(io, [this] { deliver_answered(); });
}

void EmbeddedServer::Impl::deliver_answered() {
    for (const auto& pending : std::exchange(answered, {}))
        if (!stopping) deliver(pending);
}

bool EmbeddedServer::Impl::kept_back(const Pending& pending) {
    if (counts_down(losing, pending.commit)) return true;
    if (!counts_down(holding, pending.commit) || held.size() >= max_late_events) return false;
    held.push_back(pending);
    return true;
}

void EmbeddedServer::Impl::release_held() {
    holding.clear();
    for (const auto& pending : std::exchange(held, {})) deliver(pending);
}

// Sends what is due, and waits for the next. The notification's time is that of sending, as on a real server.
void EmbeddedServer::Impl::deliver_late() {
    if (hanging) return;
    while (!late.empty() && late.begin()->first <= std::chrono::steady_clock::now()) {
        const auto pending = std::move(late.begin()->second);
        late.erase(late.begin());
        deliver(pending);
    }
    if (late.empty() || stopping) return;
    late_timer.expires_at(late.begin()->first);
    late_timer.async_wait([this](error_code error) {
        if (!error) deliver_late();
    });
}

void EmbeddedServer::Impl::deliver_all_late() {
    for (const auto& [due, pending] : std::exchange(late, {})) deliver(pending);
}

void EmbeddedServer::Impl::deliver(const Pending& pending) {
    const auto& commit = pending.commit;
    const int times = counts_down(repeating, commit) ? 2 : 1;
    const auto subscriptions =
        options.behaviour == Behaviour::Medplum51 ? world->hub.matching(commit, world->clock()) : pending.subscriptions;
    for (const auto& subscription : subscriptions)
        for (const auto& frame : world->hub.event(subscription, commit, world->clock())) {
            if (deaf) continue; // numbered where the dialect numbers, and lost on the way
            for (int i = 0; i < times; ++i) {
                stats.events += silent ? 0 : 1;
                send(frame);
            }
        }
}

void EmbeddedServer::Impl::send(const Frame& frame) {
    auto connection = connections.find(frame.to);
    if (connection != connections.end() && !silent) connection->second->send(frame.text);
}

Response EmbeddedServer::Impl::answer(const Request& request) {
    ++stats.requests;
    if (auto administered = administer(request)) return std::move(*administered);
    answering = true;
    auto response = world->api.handle(request);
    answering = false;
    stats.errors += response.status >= 400 ? 1 : 0;
    return response;
}

bool EmbeddedServer::Impl::knows(const Request& request) const { return world->api.knows(request); }

// POST /$NAME?value=…&after=SECONDS&seconds=SECONDS, or with undo=1: for tests of other programs. Only from this
// machine, and only by one who logged in, or who shows the secret that the server began with (which outlives a
// rotation).
std::optional<Response> EmbeddedServer::Impl::administer(const Request& request) {
    const auto target = Target::parse(request.target);
    const bool local = request.peer.starts_with("127.") || request.peer == "::1";
    if (!local || request.method != "POST" || target.segments.size() != 1 || !target.segments[0].starts_with('$'))
        return std::nullopt;
    const auto name = target.segments[0].substr(1);
    if (!find_server_fault(name)) return std::nullopt;
    if (!world->api.knows(request) && !world->api.knows_first_secret(request)) return std::nullopt;
    const auto parameters = Parameters::parse(target.query);
    Result<void> done;
    if (parameters.find("undo"))
        done = apply({name, {}, {}, {}}, true);
    else if (const auto order = fault_order_of(name, parameters))
        done = cause(*order);
    else
        done = tl::unexpected(order.error());
    if (done) return Response{204, {}, {}};
    return Response{400, {{"Content-Type", "text/plain; charset=utf-8"}}, done.error().message + "\n"};
}

Result<void> EmbeddedServer::Impl::apply(const FaultOrder& order, bool undo) {
    const auto* fault = find_server_fault(order.name);
    if (!fault) return fail(ErrorCode::Fault, "There is no fault \"" + order.name + "\"");
    if (undo && !fault->can_be_undone) return fail(ErrorCode::Fault, order.name + " cannot be undone");
    fault_timers.erase(order.name);
    if (auto done = fault->apply(owner, order.value, undo); !done) return done;
    if (undo || order.lasts.count() <= 0) return {};
    auto& timer = fault_timers.try_emplace(order.name, io).first->second;
    timer.expires_after(order.lasts);
    timer.async_wait([this, name = order.name](error_code error) {
        if (!error && !stopping)
            static_cast<void>(apply({name, {}, {}, {}}, true)); // it was applied, so it can be undone
    });
    return {};
}

Result<void> EmbeddedServer::Impl::cause(const FaultOrder& order) {
    if (order.after.count() <= 0) return apply(order, false);
    const auto later = std::make_shared<asio::steady_timer>(io, order.after);
    waiting_faults.push_back(later);
    later->async_wait([this, order, later](error_code error) {
        std::erase(waiting_faults, later);
        // What it named may be gone by now; there is nobody to tell.
        if (!error && !stopping) static_cast<void>(apply(order, false));
    });
    return {};
}

bool EmbeddedServer::Impl::may_upgrade() {
    if (upgrades_to_fail == 0) return true;
    --upgrades_to_fail;
    return false;
}

void EmbeddedServer::Impl::received(ConnectionId from, Connection& connection, std::string_view frame, bool& terminate,
                                    bool& known) {
    auto reaction = world->hub.receive(from, frame, world->clock());
    known = known || world->hub.is_bound(from);
    for (auto& text : reaction.frames)
        if (!silent) connection.send(std::make_shared<const std::string>(std::move(text)));
    terminate = reaction.terminate;
    if (reaction.close_code != 0) connection.close(reaction.close_code, reaction.close_reason);
}

void EmbeddedServer::Impl::closed(ConnectionId id) {
    connections.erase(id);
    world->hub.close(id);
}

} // namespace fhirscope::server
