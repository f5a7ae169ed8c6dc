#pragma once
// An engine against the embedded server's rules, in virtual time: no socket, no thread, no clock. Everything follows from the seed.

#include <functional>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "fhir/json.hpp"
#include "runtime/vault.hpp"
#include "sim/world.hpp"

namespace fhirscope::test {

struct VirtualOptions {
    std::uint64_t seed = 1;
    std::size_t patients = 8, tasks = 24;
    double rate = 20;
    std::chrono::milliseconds heartbeat{10'000};
    std::chrono::milliseconds binding_lifetime{3'600'000};
    std::int64_t frame_delay_max_us = 5'000;
    bool overtaking = false; // frames may overtake each other, as on Medplum under load
    std::function<void(engine::Config&)> configure = {};
};

class VirtualWorld {
public:
    explicit VirtualWorld(VirtualOptions options)
        : options_(options), random_(options.seed), world_(server_options(options), base(), "ws://sim.test/ws/subscriptions-r4",
                                                            [this] { return server_now(); }) {
        world_.store.on_commit([this](const sim::Commit& commit) { deliver(commit); });
        log_in();
        engine::Config config;
        config.base_url = base();
        config.seed = options.seed;
        config.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}, {"Alerts", "Basic?code=device-alert"}};
        if (options.configure) options.configure(config);
        at(now_, [this, config] { input(engine::Start{config}); });
        schedule_heartbeat();
        schedule_clinic();
    }

    engine::Engine& engine() { return engine_; }
    const engine::Engine& engine() const { return engine_; }
    sim::World& server() { return world_; }
    LocalTime now() const { return now_; }
    const std::vector<engine::Input>& inputs() const { return inputs_; }
    const std::string& effects_bytes() const { return effects_bytes_; }
    std::uint64_t stale_effects() const { return stale_effects_; }

    // Runs everything that is due in the next `duration` of virtual time.
    void run_for(std::chrono::microseconds duration) {
        const LocalTime end = now_ + duration;
        while (!pending_.empty() && pending_.begin()->first.first <= end) step();
        now_ = end;
    }
    // Runs until the condition holds; false when virtual `limit` passes first.
    bool run_until(const std::function<bool(const engine::Snapshot&)>& condition, std::chrono::microseconds limit) {
        const LocalTime end = now_ + limit;
        while (!condition(*engine_.publish())) {
            if (pending_.empty() || pending_.begin()->first.first > end) return false;
            step();
        }
        return true;
    }
    bool run_until_live(std::chrono::seconds limit = std::chrono::seconds(60)) {
        return run_until([](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live; }, limit);
    }

    void input(engine::InputBody body) {
        // What waits is drained when nothing else does, as the runtime does it.
        engine::Input in{now_, std::move(body)};
        inputs_.push_back(in);
        perform(engine_.step(in));
        if (engine_.wants_drain() && !drain_scheduled_) {
            drain_scheduled_ = true;
            at(now_, [this] {
                drain_scheduled_ = false;
                input(engine::Drain{});
            });
        }
    }

    // --- trouble
    void cut_socket() {
        for (const auto id : std::exchange(open_, {})) {
            world_.hub.close(id);
            at(now_ + std::chrono::milliseconds(1), [this, id] { input(engine::SocketClosed{id, 1006, ""}); });
        }
    }
    void set_reachable(bool reachable) {
        reachable_ = reachable;
        if (!reachable) cut_socket();
    }
    void set_silent(bool silent) { silent_ = silent; }     // nothing arrives, the socket stays open
    void set_deaf(bool deaf) { deaf_ = deaf; }             // events are lost, heartbeats go on
    void set_ignores_bind(bool ignores) { ignores_bind_ = ignores; }
    void fail_next_requests(unsigned count, int status) { world_.api.fail_requests(count, status); }
    void send_raw(std::string text) {
        for (const auto id : open_) arrive(id, std::make_shared<const std::string>(text));
    }

    // Stops the clinic, lets everything arrive and compares with the server.
    engine::VerifyView settle_and_verify() {
        world_.clinic.set_paused(true, server_now());
        run_for(std::chrono::seconds(15));
        input(engine::Command{engine::Verify{}});
        run_until([](const engine::Snapshot& s) { return s.verify.state != engine::VerifyView::State::Running; }, std::chrono::seconds(60));
        return engine_.publish()->verify;
    }

    static std::string base() { return "http://sim.test/"; }

private:
    using Event = std::function<void()>;

    static sim::ServerOptions server_options(const VirtualOptions& options) {
        sim::ServerOptions server;
        server.client_id = "virtual";
        server.client_secret = "not-a-secret-of-anyone";
        server.seed = options.seed;
        server.patients = options.patients;
        server.tasks = options.tasks;
        server.rate = options.rate;
        server.binding_lifetime = options.binding_lifetime;
        return server;
    }
    ServerTime server_now() const { return ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch())); }

    void at(LocalTime time, Event event) { pending_.emplace(std::pair(time, next_event_++), std::move(event)); }
    void step() {
        auto node = pending_.extract(pending_.begin());
        now_ = std::max(now_, node.key().first);
        node.mapped()();
    }
    std::chrono::microseconds delay(std::int64_t max_us) { return std::chrono::microseconds(random_.between(200, max_us)); }

    void log_in() {
        sim::Request request;
        request.method = "POST";
        request.target = "/oauth2/token";
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        request.body = "grant_type=client_credentials&client_id=virtual&client_secret=not-a-secret-of-anyone";
        const auto response = world_.api.handle(request);
        const auto json = fhir::parse_json(response.body);
        authorization_ = "Bearer " + std::string(json ? fhir::string_at(*json, "access_token") : "");
    }

    void schedule_heartbeat() {
        at(now_ + options_.heartbeat, [this] {
            for (const auto& frame : world_.hub.heartbeat(server_now())) send(frame);
            schedule_heartbeat();
        });
    }
    void schedule_clinic() {
        at(now_ + std::chrono::milliseconds(10), [this] {
            world_.clinic.step(server_now());
            schedule_clinic();
        });
    }
    void deliver(const sim::Commit& commit) {
        if (deaf_) return;
        for (const auto& subscription : world_.hub.matching(commit, server_now()))
            for (const auto& frame : world_.hub.event(subscription, commit, server_now())) send(frame);
    }
    void send(const sim::Frame& frame) {
        if (!silent_) arrive(static_cast<engine::SocketId>(frame.to), frame.text);
    }
    void arrive(engine::SocketId socket, std::shared_ptr<const std::string> text) {
        LocalTime when = now_ + delay(options_.frame_delay_max_us);
        if (!options_.overtaking) when = last_arrival_[socket] = std::max(when, last_arrival_[socket]);
        at(when, [this, socket, text] {
            if (std::find(open_.begin(), open_.end(), socket) != open_.end()) input(engine::Frame{socket, text});
        });
    }

    void perform(engine::Effects effects) {
        for (auto& effect : effects) {
            engine::ArchiveWriter writer(effects_bytes_);
            writer(effect);
            std::visit([this](auto& e) { perform(e); }, effect);
        }
    }
    void perform(const engine::SendRequest& request) {
        at(now_ + delay(8'000), [this, request] {
            if (!reachable_) {
                input(engine::HttpFailed{request.request, engine::Failure::Unreachable, "no route to host"});
                return;
            }
            sim::Request http;
            http.method = request.method;
            http.target = request.url.starts_with(base()) ? request.url.substr(base().size() - 1) : "/" + request.url;
            http.headers = {{"Authorization", authorization_}, {"Content-Type", request.content_type}};
            if (request.body) http.body = *request.body;
            const auto response = world_.api.handle(http);
            engine::HttpAnswer answer;
            answer.request = request.request;
            answer.status = static_cast<std::uint16_t>(response.status);
            answer.content_type = response.header("Content-Type");
            answer.etag = response.header("ETag");
            answer.rate_limit = response.header("RateLimit");
            answer.body = engine::make_text(vault_.redact(response.body));
            at(now_ + delay(8'000), [this, answer] { input(answer); });
        });
    }
    void perform(const engine::OpenSocket& open) {
        at(now_ + delay(8'000), [this, open] {
            if (!reachable_) {
                input(engine::SocketFailed{open.socket, engine::Failure::Refused, "connection refused"});
                return;
            }
            open_.push_back(open.socket);
            input(engine::SocketOpened{open.socket});
        });
    }
    void perform(const engine::SendFrame& frame) {
        const bool is_open = std::find(open_.begin(), open_.end(), frame.socket) != open_.end();
        if (!is_open) {
            ++stale_effects_;
            return;
        }
        at(now_ + delay(3'000), [this, frame] {
            if (ignores_bind_ && frame.text->find("bind-with-token") != std::string::npos) return;
            const auto reaction = world_.hub.receive(frame.socket, vault_.reveal(*frame.text), server_now());
            for (const auto& text : reaction.frames) send({frame.socket, std::make_shared<const std::string>(text)});
        });
    }
    void perform(const engine::CloseSocket& close) {
        std::erase(open_, close.socket);
        world_.hub.close(close.socket);
    }
    void perform(const engine::WakeAt& wake) {
        const auto number = ++wake_number_;
        at(std::max(wake.at, now_), [this, number] {
            if (number == wake_number_) input(engine::Tick{});
        });
    }

    VirtualOptions options_;
    sim::Random random_;
    LocalTime now_{std::chrono::seconds(1'790'000'000)};
    sim::World world_;
    engine::Engine engine_;
    runtime::Vault vault_;
    std::map<std::pair<LocalTime, std::uint64_t>, Event> pending_;
    std::uint64_t next_event_ = 0, wake_number_ = 0, stale_effects_ = 0;
    std::string authorization_, effects_bytes_;
    std::vector<engine::SocketId> open_;
    std::map<engine::SocketId, LocalTime> last_arrival_;
    std::vector<engine::Input> inputs_;
    bool reachable_ = true, silent_ = false, deaf_ = false, ignores_bind_ = false, drain_scheduled_ = false;
};

} // namespace fhirscope::test
