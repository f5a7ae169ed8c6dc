// What each fault does to the clients and to the server. To its data: trouble_data.cpp.
#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::simulation {

namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 8> malformed{
    "",
    "{not json",
    "[]",
    "{}",
    R"({"resourceType":"Bundle","type":"history","entry":[]})",
    R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","notificationEvent":[{"focus":{"reference":"Task/none"}}]}}]})",
    R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"Token failed to validate. Check token expiry."}}]})",
    "\xff\xfe garbage",
};

} // namespace

bool VirtualWorld::hits(const Fault& fault, std::size_t client) const {
    if (clients_.size() == 1 || is_of_server(fault.kind)) return true;
    const auto whom = (fault.salt >> 32) % (clients_.size() + 1);
    return whom == client || whom == clients_.size();
}

void VirtualWorld::recompute_conditions(Client& client) {
    Conditions c;
    c.frame_delay_us = options_.frame_delay_max_us;
    c.overtaking = options_.overtaking;
    c.silent = client.network().conditions.silent;
    c.deaf = client.network().conditions.deaf;
    VirtualTime drain_delay{0};
    for (const Fault& fault : active_) {
        if (!hits(fault, client.number())) continue;
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
            case FaultKind::SilentBind:
                c.silent_bind = true;
                break;
            case FaultKind::HeartbeatBeforeHandshake:
                c.heartbeat_first_ms = fault.amount;
                break;
            case FaultKind::SlowConsumer:
                drain_delay = std::max<VirtualTime>(drain_delay, milliseconds(fault.amount));
                break;
            case FaultKind::WriteAnswerLost:
                c.write_lost_percent = std::max(c.write_lost_percent, percent);
                break;
            case FaultKind::WriteRefused:
                c.write_refused_percent = std::max(c.write_refused_percent, percent);
                break;
            case FaultKind::WriteConflict:
                c.write_conflict_percent = std::max(c.write_conflict_percent, percent);
                break;
            case FaultKind::WriteStalled:
                c.write_stall_ms = std::max(c.write_stall_ms, fault.amount);
                break;
            default:
                break;
        }
    }
    client.drain_after(drain_delay);
    client.network().conditions = std::move(c);
}

void VirtualWorld::apply(const Fault& fault) {
    if (fault.lasts.count() > 0) active_.push_back(fault);
    for (const auto& client : clients_) {
        if (!hits(fault, client->number())) continue;
        if (fault.lasts.count() > 0) recompute_conditions(*client);
        apply_to(*client, fault);
    }
    apply_to_server(fault);
}

void VirtualWorld::apply_to(Client& client, const Fault& fault) {
    Network& network = client.network();
    switch (fault.kind) {
        case FaultKind::MalformedFrame:
            for (std::int64_t i = 0; i < fault.amount; ++i)
                network.send_raw(
                    std::string(malformed[(fault.salt + static_cast<std::uint64_t>(i)) % malformed.size()]));
            break;
        case FaultKind::OversizedFrame:
            network.send_raw(R"({"resourceType":"Bundle","type":"history","pad":")" +
                             std::string(static_cast<std::size_t>(fault.amount) << 10, 'x') + "\"}");
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
            user_commands(client, fault);
            break;
        default:
            break;
    }
}

void VirtualWorld::apply_to_server(const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::ServerClockJump:
            set_server_offset(server_clock_.offset + milliseconds(fault.amount));
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
        case FaultKind::EditedDeleted:
            delete_edited(fault);
            break;
        case FaultKind::EditedChanged:
            change_edited(fault);
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
    for (const auto& client : clients_)
        if (hits(fault, client->number())) recompute_conditions(*client);
}

void VirtualWorld::user_commands(Client& client, const Fault& fault) {
    sim::Random random(fault.salt);
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
                client.input(engine::Command{engine::LookAt{"Patient", ""}});
                break;
            case 4:
                for (const auto& task : some_tasks(random.next(), 1))
                    client.input(engine::Command{engine::ReadResource{task->reference()}});
                break;
        }
    }
}

} // namespace fhirscope::simulation
