// What each fault does to the world.
#include "fhir/json.hpp"
#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::simulation {

namespace {

using std::chrono::milliseconds;

const server::Author colleague{"Practitioner/colleague", "A colleague"};

// By Malformed.
constexpr std::array<std::string_view, malformed_kinds> malformed_texts{
    "",
    "{not json",
    "[]",
    "{}",
    R"({"resourceType":"Bundle","type":"history","entry":[]})",
    R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","notificationEvent":[{"focus":{"reference":"Task/none"}}]}}]})",
    R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"Token failed to validate. Check token expiry."}}]})",
    "\xff\xfe garbage",
};

// By the amount of FaultKind::PolicyChanged.
const std::array<std::vector<std::string>, 4> policies{{
    {"Patient", "Basic", "Subscription"},
    {"Patient", "Task", "Basic"},
    {"Patient?gender=female", "Task", "Basic", "Subscription"},
    {"Patient", "Task", "Subscription"},
}};

std::string oversized_frame(std::size_t bytes) {
    fhir::JsonWriter json;
    json.object()
        .member("resourceType", "Bundle")
        .member("type", "history")
        .member("pad", std::string(bytes, 'x'))
        .end();
    return json.take();
}

} // namespace

// What happens at the server, or to it, concerns all clients; what happens on the way to it, one of them or all.
bool VirtualWorld::concerns(const Fault& fault, const Client& client) const {
    switch (fault.kind) {
        case FaultKind::AccessTokenExpired:
        case FaultKind::BindingExpired:
        case FaultKind::LoginRevoked:
        case FaultKind::SecretRotated:
        case FaultKind::FeatureRemoved:
        case FaultKind::PolicyChanged:
        case FaultKind::SubscriptionsExpired:
        case FaultKind::HangingServer:
        case FaultKind::QueueDelay:
        case FaultKind::RestartWithSubscriptions:
        case FaultKind::RestartWithoutSubscriptions:
            return true;
        default:
            break;
    }
    const auto chosen = (fault.salt >> 20) % (clients_.size() + 1);
    return chosen == clients_.size() || chosen == client.number() || clients_.size() == 1;
}

void VirtualWorld::recompute_conditions() {
    for (const auto& client : clients_) recompute_conditions(*client);
}

void VirtualWorld::recompute_conditions(Client& client) {
    Conditions c;
    c.frame_delay_us = options_.frame_delay_max_us;
    c.overtaking = options_.overtaking;
    c.lost_write_percent = options_.lost_write_percent;
    c.silent = client.network().conditions.silent;
    c.deaf = client.network().conditions.deaf;
    VirtualTime drain_delay{0};
    for (const Fault& fault : active_) {
        if (!concerns(fault, client)) continue;
        const auto percent = static_cast<unsigned>(fault.amount);
        switch (fault.kind) {
            case FaultKind::FrameDelay:
                c.held_up_us += fault.amount * 1000;
                break;
            case FaultKind::FrameReorder:
                c.overtaking = true;
                c.frame_delay_us = std::max(c.frame_delay_us, fault.amount * 1000);
                break;
            case FaultKind::FrameDuplicate:
                c.duplicate_percent = std::max(c.duplicate_percent, percent);
                break;
            case FaultKind::FrameDrop:
                c.drop_percent = std::max(c.drop_percent, percent);
                break;
            case FaultKind::RefusedConnect:
                c.refuse_sockets = c.refuse_sockets || fault.amount != 2;
                c.refuse_requests = c.refuse_requests || fault.amount != 1;
                break;
            case FaultKind::RestartWithSubscriptions:
            case FaultKind::RestartWithoutSubscriptions:
                c.refuse_sockets = c.refuse_requests = true;
                break;
            case FaultKind::StalledResponse:
                c.stall_ms = std::max(c.stall_ms, fault.amount);
                break;
            case FaultKind::SplitResponse:
                c.split_percent = std::max(c.split_percent, percent);
                break;
            case FaultKind::Http401:
            case FaultKind::Http403:
            case FaultKind::Http404:
            case FaultKind::Http409:
            case FaultKind::Http410:
            case FaultKind::Http412:
            case FaultKind::Http429:
            case FaultKind::Http5xx:
            case FaultKind::HtmlAnswer:
                c.http.push_back({fault.kind, percent});
                break;
            case FaultKind::LoginEnded:
                c.refuse_token = c.refuse_token || fault.amount == 0;
                c.refuse_login = c.refuse_login || fault.amount != 0;
                break;
            case FaultKind::SilentBind:
                c.silent_bind = true;
                break;
            case FaultKind::HeartbeatBeforeHandshake:
                c.heartbeat_first_ms = fault.amount;
                break;
            case FaultKind::HangingServer:
                c.hangs_until = std::max(c.hangs_until, fault.end());
                break;
            case FaultKind::SlowConsumer:
                drain_delay = std::max<VirtualTime>(drain_delay, milliseconds(fault.amount));
                break;
            default:
                break;
        }
    }
    client.set_drain_delay(drain_delay);
    client.network().conditions = std::move(c);
}

// What can be told from outside only with the next answer or frame, or by what no longer comes.
void VirtualWorld::foresee_effects(const Fault& fault, Client& client) {
    // A clock that is off by less is off by less than the second in which answers are dated, and the way back.
    constexpr std::chrono::seconds least_offset{3};
    Network& network = client.network();
    const auto offset = [&](VirtualTime by, VirtualTime since) {
        if (std::chrono::abs(by) >= least_offset) network.effects.note_when_heard(fault, since);
    };
    switch (fault.kind) {
        case FaultKind::LocalClockJump:
        case FaultKind::ServerClockJump:
        case FaultKind::ServerSkew:
            offset(milliseconds(fault.amount), now());
            break;
        case FaultKind::ClientSuspended:
            offset(fault.lasts, fault.end());
            break;
        case FaultKind::AccessTokenExpired:
            network.token_suffers(fault.kind);
            break;
        case FaultKind::LoginRevoked:
            network.token_suffers(fault.kind);
            network.subscriptions_suffer(fault.kind);
            break;
        case FaultKind::SecretRotated:
            if (fault.amount > 0) network.token_suffers(fault.kind);
            if (fault.amount == 2) network.subscriptions_suffer(fault.kind);
            break;
        case FaultKind::BindingExpired:
        case FaultKind::SubscriptionsExpired:
            network.subscriptions_suffer(fault.kind);
            break;
        case FaultKind::UserCommands:
            network.effects.note(fault.kind, now());
            break;
        default:
            break;
    }
}

// On the way between one client and the server, or in the client itself.
void VirtualWorld::apply(const Fault& fault, Client& client) {
    Network& network = client.network();
    switch (fault.kind) {
        case FaultKind::MalformedFrame:
            for (std::int64_t i = 0; i < fault.amount; ++i) {
                const Malformed frame = malformed(fault, i);
                network.send_raw(std::string(malformed_texts[static_cast<std::size_t>(frame)]),
                                 frame == Malformed::EmptyBundle ? std::nullopt : std::optional(fault.kind));
            }
            break;
        case FaultKind::OversizedFrame:
            network.send_raw(oversized_frame(static_cast<std::size_t>(fault.amount) << 10), FaultKind::OversizedFrame);
            break;
        case FaultKind::Cut:
            network.cut();
            break;
        case FaultKind::HalfOpen:
            network.half_open(std::chrono::seconds(fault.amount));
            break;
        case FaultKind::LocalClockJump:
            client.leap(milliseconds(fault.amount));
            break;
        case FaultKind::ClientSuspended:
            client.suspend(fault.lasts);
            break;
        case FaultKind::AccessTokenExpired:
            network.lose_access_token();
            break;
        case FaultKind::DeadListed:
            network.bind_dead(fault.amount);
            break;
        case FaultKind::SubscriptionDeleted:
            network.remove_subscription(static_cast<std::uint64_t>(fault.amount));
            break;
        case FaultKind::RestartWithSubscriptions:
            network.restart(true);
            break;
        case FaultKind::RestartWithoutSubscriptions:
            network.restart(false);
            break;
        case FaultKind::UserCommands:
            user_commands(fault, client);
            break;
        default:
            break;
    }
}

void VirtualWorld::apply(const Fault& fault) {
    if (fault.lasts.count() > 0) {
        active_.push_back(fault);
        recompute_conditions();
    }
    for (const auto& client : clients_) {
        if (!concerns(fault, *client)) continue;
        client->network().effects.begin(fault);
        foresee_effects(fault, *client);
        apply(fault, *client);
    }
    recompute_project();
    switch (fault.kind) {
        case FaultKind::SecretRotated:
            if (fault.amount == 1) server_.tokens.expire_access_tokens();
            if (fault.amount == 2) server_.tokens.end_all_logins();
            break;
        case FaultKind::SubscriptionsExpired:
            server_.hub.forget();
            break;
        case FaultKind::ServerClockJump:
            set_server_offset(clock_.offset + milliseconds(fault.amount));
            break;
        case FaultKind::BindingExpired:
            server_.hub.expire_bindings();
            break;
        case FaultKind::LoginRevoked:
            server_.tokens.end_all_logins();
            break;
        case FaultKind::GhostDelete:
            ghost_delete(fault);
            break;
        case FaultKind::VersionTie:
            tie(fault);
            break;
        case FaultKind::Deletes:
            delete_tasks(fault);
            break;
        case FaultKind::Burst:
            for (std::int64_t i = 0; i < fault.amount; ++i) server_.clinic.change(server_now());
            break;
        case FaultKind::Writers:
            write_behind(fault);
            break;
        default:
            break;
    }
}

void VirtualWorld::end(const Fault& fault) {
    const auto found =
        std::find_if(active_.begin(), active_.end(), [&](const Fault& f) { return f.salt == fault.salt; });
    if (found == active_.end()) return;
    active_.erase(found);
    recompute_conditions();
    recompute_project();
}

// What the server's administrators did to the project and have not put right yet.
void VirtualWorld::recompute_project() {
    server::Project& project = server_.project;
    server::ClientApplication& client = project.clients.front();
    project.websocket_feature = true;
    client.secret = Network::secret;
    client.policy = {};
    bool hides = false;
    for (const Fault& fault : active_) {
        if (fault.kind == FaultKind::FeatureRemoved) project.websocket_feature = false;
        if (fault.kind == FaultKind::SecretRotated) client.secret = "another";
        if (fault.kind != FaultKind::PolicyChanged) continue;
        client.policy = *server::AccessPolicy::parse(policies[static_cast<std::size_t>(fault.amount)]);
        hides = true;
    }
    if (std::exchange(hides_, hides) != hides && on_policy) on_policy(hides);
}

void VirtualWorld::set_server_offset(std::chrono::milliseconds offset) {
    // The staff do not work faster because a clock was set.
    const bool was_paused = server_.clinic.paused();
    server_.clinic.set_paused(true, server_now());
    clock_.offset = offset;
    server_.clinic.set_paused(was_paused, server_now());
}

std::vector<server::VersionPtr> VirtualWorld::some_tasks(std::uint64_t salt, std::int64_t count) const {
    std::vector<server::VersionPtr> alive = server_.store.all("Task");
    std::erase_if(alive, [](const server::VersionPtr& task) { return task->deleted(); });
    Random random(salt);
    const auto wanted = std::min<std::size_t>(alive.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < wanted; ++i)
        std::swap(alive[i], alive[i + static_cast<std::size_t>(random.below(alive.size() - i))]);
    alive.resize(wanted);
    return alive;
}

void VirtualWorld::describe_task(const server::VersionPtr& task, const std::string& text, ServerTime when) {
    auto content = fhir::parse_json(task->plain_text());
    if (!content) return;
    auto& memory = content->GetAllocator();
    content->RemoveMember("description");
    content->AddMember("description", rapidjson::Value(text.c_str(), memory), memory);
    server_.store.update(std::move(*content), colleague, when);
}

// A transaction that deletes and is rolled back still sends what it deleted (PROTOCOL A13).
void VirtualWorld::ghost_delete(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, fault.amount);
    ghost_ = true;
    server_.store.begin();
    for (const auto& task : tasks) server_.store.remove(task->type, task->id, server_now());
    server_.store.roll_back();
    ghost_ = false;
}

void VirtualWorld::tie(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, 1);
    for (const auto& task : tasks)
        for (std::int64_t i = 0; i < fault.amount; ++i)
            describe_task(task, "written at one moment, " + std::to_string(i), server_now());
}

void VirtualWorld::delete_tasks(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, fault.amount);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        server_.store.remove(tasks[i]->type, tasks[i]->id, server_now());
        if (i % 2 == 1)
            queue_.after(milliseconds(static_cast<std::int64_t>(fault.salt % 3'000)),
                         [this, task = tasks[i]] { describe_task(task, "back again", server_now()); });
    }
}

// Several writers: a commit gets its time before it can be seen, so others with later times are seen first. Two of one
// resource are mostly in order, since the later one conflicts; but not always (PROTOCOL A14: of 60 races of two writers
// 12 ended with a version that was not the newest by its time).
void VirtualWorld::write_behind(const Fault& fault) {
    constexpr std::int64_t worst_race = 92; // ms
    Random random(fault.salt);
    for (VirtualTime at{0}; at < fault.lasts; at += milliseconds(random.between(50, 1'000))) {
        const auto lag = milliseconds(random.between(0, fault.amount));
        const auto overtaken = random.below(5) == 0 ? milliseconds(random.between(1, worst_race)) : milliseconds(0);
        queue_.after(at, [this, salt = random.next(), lag, overtaken] {
            for (const auto& task : some_tasks(salt, 1)) {
                const std::string writer = "writer " + std::to_string(salt % 1000);
                const ServerTime time = std::min(server_now(), std::max(server_now() - lag, task->last_updated));
                describe_task(task, writer, time);
                if (overtaken > milliseconds(0)) describe_task(task, writer + "'s rival", time - overtaken);
            }
        });
    }
}

void VirtualWorld::user_commands(const Fault& fault, Client& client) {
    Random random(fault.salt);
    for (std::int64_t i = 0; i < fault.amount; ++i) {
        switch (random.below(5)) {
            case 0:
                client.input(engine::Command{engine::DropSocket{}});
                break;
            case 1:
                client.input(engine::Command{engine::Disconnect{}});
                queue_.after(milliseconds(random.between(0, 5'000)),
                             [&client] { client.input(engine::Command{engine::Connect{}}); });
                break;
            case 2:
                client.input(engine::Command{engine::Verify{}});
                break;
            case 3:
                client.input(engine::Command{engine::SetFocus{"Patient", ""}});
                break;
            case 4:
                for (const auto& task : some_tasks(random.next(), 1))
                    client.input(engine::Command{engine::ReadResource{task->reference()}});
                break;
        }
    }
}

} // namespace fhirscope::simulation
