// The public face: each call is handed to the server's thread.
#include "server/server_impl.hpp"

#include <algorithm>

namespace fhirscope::server {

EmbeddedServer::EmbeddedServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options), *this)) {}
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
tl::unexpected<Error> not_started() { return fail(ErrorCode::NotStarted, "The server was not started"); }
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

Result<void> EmbeddedServer::expunge(std::string_view reference) {
    return impl_->on_thread([&]() -> Result<void> {
        if (!impl_->world) return not_started();
        const auto slash = std::min(reference.find('/'), reference.size());
        if (slash < reference.size() &&
            impl_->world->store.expunge(reference.substr(0, slash), reference.substr(slash + 1)))
            return {};
        return fail(ErrorCode::NotFound, "There is no " + std::string(reference));
    });
}

Result<void> EmbeddedServer::cause(const FaultOrder& order) {
    return impl_->on_thread([&]() -> Result<void> { return impl_->world ? impl_->cause(order) : not_started(); });
}

Result<void> EmbeddedServer::undo(std::string_view name) {
    return impl_->on_thread([&]() -> Result<void> {
        return impl_->world ? impl_->apply({std::string(name), {}, {}, {}}, true) : not_started();
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
        if (impl_->world && !impl_->stopping) impl_->set_reachable(reachable);
    });
}

void EmbeddedServer::set_silent(bool silent) {
    impl_->on_thread([&] { impl_->silent = silent; });
}

void EmbeddedServer::set_hanging(bool hanging) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->set_hanging(hanging);
    });
}

void EmbeddedServer::set_requests_hanging(bool hanging) {
    impl_->on_thread([&] {
        impl_->requests_hanging = hanging;
        if (hanging) return;
        for (const auto& [id, connection] : impl_->connections) connection->wake();
    });
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

void EmbeddedServer::forget_subscriptions(std::string_view type) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->hub.forget(type);
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
        if (impl_->world) impl_->world->tokens.expire_access_tokens();
    });
}

void EmbeddedServer::revoke_logins() {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->tokens.end_all_logins();
    });
}

void EmbeddedServer::rotate_secret(std::string_view secret) {
    impl_->on_thread([&] {
        if (impl_->world)
            impl_->world->project.clients.front().secret = secret.empty() ? random_secret() : std::string(secret);
    });
}

void EmbeddedServer::set_membership(bool active) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->project.clients.front().active = active;
    });
}

void EmbeddedServer::set_websocket_feature(bool on) {
    impl_->on_thread([&] {
        if (impl_->world) impl_->world->project.websocket_feature = on;
    });
}

void EmbeddedServer::set_max_subscriptions(std::optional<std::size_t> bound_at_once) {
    impl_->on_thread([&] {
        if (impl_->world)
            impl_->world->project.max_subscriptions = bound_at_once.value_or(max_subscriptions_of(impl_->options));
    });
}

void EmbeddedServer::set_interaction_quota(std::optional<std::uint64_t> points_a_minute) {
    impl_->on_thread([&] {
        if (impl_->world)
            impl_->world->api.set_interaction_quota(points_a_minute.value_or(impl_->options.interaction_quota));
    });
}

Result<void> EmbeddedServer::set_policy(const std::vector<std::string>& entries) {
    return impl_->on_thread([&]() -> Result<void> {
        if (!impl_->world) return not_started();
        auto policy = AccessPolicy::parse(entries);
        if (!policy) return tl::unexpected(policy.error());
        impl_->world->project.clients.front().policy = std::move(*policy);
        return {};
    });
}

Result<void> EmbeddedServer::reset_policy() { return set_policy(impl_->options.policy); }

Result<void> EmbeddedServer::add_client(std::string_view id, std::string_view secret,
                                        const std::vector<std::string>& entries) {
    return impl_->on_thread([&]() -> Result<void> {
        if (!impl_->world) return not_started();
        auto policy = AccessPolicy::parse(entries);
        if (!policy) return tl::unexpected(policy.error());
        impl_->world->project.clients.push_back({.id = std::string(id),
                                                 .secret = std::string(secret),
                                                 .name = "fhirscope second client",
                                                 .membership = random_uuid(),
                                                 .policy = std::move(*policy)});
        return {};
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

} // namespace fhirscope::server
