#include "gui/frame/actions/actions.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

bool connected(const Context& context) {
    const engine::Phase phase = context.snapshot.connection.phase;
    return can_send(context) && phase != engine::Phase::Idle && phase != engine::Phase::Closed;
}

const std::array all_connection_actions = {
    Action{.id = "verify",
           .title = "Compare everything with the server",
           .possible = can_send,
           .run = [](ActionTarget& t) { t.context.send(engine::Verify{}); }},
    Action{.id = "reconnect",
           .title = "Reconnect",
           .possible = can_send,
           .run = [](ActionTarget& t) { t.context.send(engine::Connect{}); }},
    Action{.id = "disconnect",
           .title = "Disconnect",
           .possible = connected,
           .run = [](ActionTarget& t) { t.context.send(engine::Disconnect{}); }},
    Action{.id = "drop",
           .title = "Drop the socket",
           .possible = connected,
           .run = [](ActionTarget& t) { t.context.send(engine::DropSocket{}); }},
};

} // namespace

std::span<const Action> connection_actions() { return all_connection_actions; }

} // namespace fhirscope::gui
