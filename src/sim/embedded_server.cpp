// The public face: each call is handed to the server's thread.
#include "sim/server_impl.hpp"

namespace fhirscope::sim {

EmbeddedServer::EmbeddedServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
EmbeddedServer::~EmbeddedServer() { stop(); }

Result<void> EmbeddedServer::start() { return impl_->start(); }
void EmbeddedServer::stop() { impl_->stop(); }

// What start() sets and nothing changes later needs no thread.
std::string EmbeddedServer::base_url() const { return impl_->base_url; }
std::string EmbeddedServer::websocket_url() const { return impl_->websocket_url; }
std::uint16_t EmbeddedServer::port() const { return impl_->base_url.empty() ? 0 : impl_->endpoint.port(); }
const std::string& EmbeddedServer::client_id() const { return impl_->options.client_id; }
const std::string& EmbeddedServer::client_secret() const { return impl_->options.client_secret; }

ServerStats EmbeddedServer::stats() const {
    return impl_->on_thread([impl = impl_.get()] {
        auto stats = impl->stats;
        stats.connections = impl->connections.size();
        for (const auto& [id, connection] : impl->connections) stats.sockets += connection->is_websocket() ? 1 : 0;
        if (impl->world) {
            stats.commits = impl->world->store.commits() - impl->commits_before;
            stats.subscriptions = impl->world->hub.size();
            stats.resources = impl->world->store.size();
        }
        return stats;
    });
}

std::vector<CurrentVersion> EmbeddedServer::current(std::string_view type) const {
    return impl_->on_thread([&] { return impl_->world ? impl_->world->current(type) : std::vector<CurrentVersion>{}; });
}

void EmbeddedServer::set_rate(double changes_per_second) {
    impl_->on_thread([&] {
        if (!impl_->world) return;
        impl_->world->clinic.set_rate(changes_per_second, impl_->world->clock());
        impl_->arm_clinic();
    });
}

double EmbeddedServer::rate() const {
    return impl_->on_thread([&] { return impl_->world ? impl_->world->clinic.rate() : impl_->options.rate; });
}

void EmbeddedServer::set_paused(bool paused) {
    impl_->on_thread([&] {
        if (!impl_->world) return;
        impl_->world->clinic.set_paused(paused, impl_->world->clock());
        impl_->arm_clinic();
    });
}

bool EmbeddedServer::paused() const {
    return impl_->on_thread([&] { return impl_->world && impl_->world->clinic.paused(); });
}

void EmbeddedServer::work(std::size_t changes) {
    impl_->on_thread([&] {
        for (std::size_t i = 0; i < changes && impl_->world; ++i) impl_->world->clinic.change(impl_->world->clock());
    });
}

namespace {
tl::unexpected<Error> not_started() { return fail("not-started", "The server was not started"); }
} // namespace

Result<std::string> EmbeddedServer::put(std::string_view resource) {
    return impl_->on_thread([&]() -> Result<std::string> {
        if (!impl_->world) return not_started();
        return impl_->world->put(resource);
    });
}

Result<std::string> EmbeddedServer::set_member(std::string_view reference, std::string_view member,
                                               std::string_view json) {
    return impl_->on_thread([&]() -> Result<std::string> {
        if (!impl_->world) return not_started();
        return impl_->world->set_member(reference, member, json);
    });
}

Result<std::string> EmbeddedServer::tie(std::string_view reference, std::string_view member, std::string_view json) {
    return impl_->on_thread([&]() -> Result<std::string> {
        if (!impl_->world) return not_started();
        return impl_->world->tie(reference, member, json);
    });
}

std::vector<std::string> EmbeddedServer::history(std::string_view reference) const {
    return impl_->on_thread(
        [&] { return impl_->world ? impl_->world->history(reference) : std::vector<std::string>{}; });
}

Result<std::string> EmbeddedServer::get(std::string_view reference) const {
    return impl_->on_thread([&]() -> Result<std::string> {
        if (!impl_->world) return not_started();
        return impl_->world->get(reference);
    });
}

Result<void> EmbeddedServer::remove(std::string_view reference) {
    return impl_->on_thread([&]() -> Result<void> {
        if (!impl_->world) return not_started();
        return impl_->world->remove(reference);
    });
}

void EmbeddedServer::drop_sockets() {
    impl_->on_thread([&] { impl_->each_socket([](Connection& connection) { connection.abort(); }); });
}

void EmbeddedServer::close_sockets(std::uint16_t code, std::string_view reason) {
    impl_->on_thread(
        [&] { impl_->each_socket([&](Connection& connection) { connection.close(code, std::string(reason)); }); });
}

void EmbeddedServer::set_reachable(bool reachable) {
    impl_->on_thread([&] {
        if (impl_->running) impl_->set_reachable(reachable);
    });
}

void EmbeddedServer::set_silent(bool silent) {
    impl_->on_thread([&] { impl_->silent = silent; });
}

void EmbeddedServer::set_deaf(bool deaf) {
    impl_->on_thread([&] { impl_->deaf = deaf; });
}

void EmbeddedServer::set_delay(milliseconds delay) {
    impl_->on_thread([&] { impl_->delay = delay; });
}

void EmbeddedServer::set_jitter(milliseconds jitter) {
    impl_->on_thread([&] { impl_->options.jitter = jitter; });
}

void EmbeddedServer::fail_requests(unsigned count, int status) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->api.fail_requests(count, status);
    });
}

void EmbeddedServer::fail_writes(unsigned count, int status, std::string_view text) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->api.fail_writes(count, status, std::string(text));
    });
}

void EmbeddedServer::lose_events(std::string_view reference, unsigned count) {
    impl_->on_thread([&] { impl_->losing[std::string(reference)] = count; });
}

void EmbeddedServer::hold_events(std::string_view reference, unsigned count) {
    impl_->on_thread([&] { impl_->holding[std::string(reference)] = count; });
}

void EmbeddedServer::release_events() {
    impl_->on_thread([&] { impl_->release_held(); });
}

void EmbeddedServer::repeat_events(std::string_view reference, unsigned count) {
    impl_->on_thread([&] { impl_->repeating[std::string(reference)] = count; });
}

void EmbeddedServer::set_event_delay(milliseconds delay) {
    impl_->on_thread([&] {
        impl_->options.event_delay = delay;
        if (delay.count() <= 0 && impl_->world) impl_->deliver_all_late();
    });
}

void EmbeddedServer::forget_subscriptions() {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->hub.forget_all();
    });
}

void EmbeddedServer::set_clock_offset(milliseconds offset) {
    impl_->on_thread([&] {
        impl_->options.clock_offset = offset;
        if (!impl_->world) return;
        // Its next change was due by the clock as it was.
        auto& clinic = impl_->world->clinic;
        clinic.set_rate(clinic.rate(), impl_->world->clock());
        impl_->arm_clinic();
    });
}

void EmbeddedServer::fail_upgrades(unsigned count) {
    impl_->on_thread([&] { impl_->upgrades_to_fail = count; });
}

void EmbeddedServer::expire_tokens() {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->tokens.end_all_logins();
    });
}

void EmbeddedServer::expire_bindings() {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->hub.expire_bindings();
    });
}

void EmbeddedServer::send_to_sockets(std::string_view frame) {
    impl_->on_thread([&] {
        auto text = std::make_shared<const std::string>(frame);
        impl_->each_socket([&](Connection& connection) { connection.send(text); });
    });
}

} // namespace fhirscope::sim
