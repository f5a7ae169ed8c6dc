#include "server/server_faults.hpp"

#include "server/server.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace fhirscope::server {

namespace {

using std::chrono::milliseconds;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<milliseconds> seconds(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e9)) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(value * 1000));
}

tl::unexpected<Error> not_a_number(std::string_view value) {
    return fail(ErrorCode::Fault, "\"" + std::string(value) + "\" is not a whole number");
}

std::vector<std::string> entries_of(std::string_view text) {
    std::vector<std::string> entries;
    while (!text.empty()) {
        const auto end = text.find(';');
        if (const auto entry = text.substr(0, end); !entry.empty()) entries.emplace_back(entry);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return entries;
}

template <void (EmbeddedServer::*call)()>
Result<void> simply(EmbeddedServer& server, std::string_view, bool) {
    (server.*call)();
    return {};
}

template <void (EmbeddedServer::*call)(bool), bool value>
Result<void> toggle(EmbeddedServer& server, std::string_view, bool undo) {
    (server.*call)(undo ? !value : value);
    return {};
}

template <void (EmbeddedServer::*call)(milliseconds)>
Result<void> delay(EmbeddedServer& server, std::string_view value, bool undo) {
    const auto amount = undo ? std::optional<std::uint64_t>(0) : number(value);
    if (!amount) return not_a_number(value);
    (server.*call)(milliseconds(*amount));
    return {};
}

// "503", or "503,20": so many of the next; without a number all of them, until it is undone.
Result<std::pair<unsigned, int>> status_and_count(std::string_view value, bool undo) {
    if (undo) return std::pair(0u, 503);
    const auto comma = value.find(',');
    const auto status = number(value.substr(0, comma));
    const auto count =
        comma == std::string_view::npos ? std::optional<std::uint64_t>(UINT32_MAX) : number(value.substr(comma + 1));
    if (!status || *status < 400 || *status > 599 || !count)
        return fail(ErrorCode::Fault,
                    "\"" + std::string(value) + "\" is no status of an error (400 to 599), nor one and a count");
    return std::pair(static_cast<unsigned>(std::min<std::uint64_t>(*count, UINT32_MAX)), static_cast<int>(*status));
}

constexpr auto table = std::to_array<ServerFault>({
    {"drop-sockets", "", "every WebSocket ends, without a close frame", simply<&EmbeddedServer::drop_sockets>},
    {"close-sockets", "[CODE]", "every WebSocket is closed with this code, or 1001",
     [](EmbeddedServer& server, std::string_view value, bool) -> Result<void> {
         const auto code = value.empty() ? std::optional<std::uint64_t>(1001) : number(value);
         if (!code || *code < 1000 || *code > 4999) return fail(ErrorCode::Fault, "A close code is from 1000 to 4999");
         server.close_sockets(static_cast<std::uint16_t>(*code), "");
         return {};
     }},
    {"delete-subscriptions", "[TYPE]", "another client deletes them: all, or those for a type",
     [](EmbeddedServer& server, std::string_view value, bool) -> Result<void> {
         server.forget_subscriptions(value);
         return {};
     }},
    {"expire-subscriptions", "[TYPE]", "their day in the server's cache is over: all, or those for a type",
     [](EmbeddedServer& server, std::string_view value, bool) -> Result<void> {
         server.forget_subscriptions(value);
         return {};
     }},
    {"expire-bindings", "", "binding tokens given so far are over: events stop, heartbeats go on",
     simply<&EmbeddedServer::expire_bindings>},
    {"expire-access-tokens", "", "access tokens given so far get 401; what is bound goes on",
     simply<&EmbeddedServer::expire_tokens>},
    {"revoke-logins", "", "all logins end: 401, and bindings fall silent; a new login is possible",
     simply<&EmbeddedServer::revoke_logins>},
    {"rotate-secret", "[SECRET]", "the client secret changes; tokens stay good to their end",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         server.rotate_secret(undo ? std::string_view(server.client_secret()) : value);
         return {};
     },
     true},
    {"remove-member", "", "the client is no member of the project any more",
     toggle<&EmbeddedServer::set_membership, false>, true},
    {"remove-feature", "", "the project loses the feature websocket-subscriptions",
     toggle<&EmbeddedServer::set_websocket_feature, false>, true},
    {"flush-cache", "", "the server's cache is emptied: logins and Subscriptions are gone",
     [](EmbeddedServer& server, std::string_view, bool) -> Result<void> {
         server.revoke_logins();
         server.forget_subscriptions();
         return {};
     }},
    {"policy", "ENTRIES", "the client may see only this, such as Patient?gender=female;Task;Subscription",
     [](EmbeddedServer& server, std::string_view value, bool undo) {
         return undo ? server.reset_policy() : server.set_policy(entries_of(value));
     },
     true},
    {"quota", "POINTS", "so many FHIR interaction points a minute",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const auto points = number(value);
         if (!points && !undo) return not_a_number(value);
         server.set_interaction_quota(undo ? std::nullopt : points);
         return {};
     },
     true},
    {"max-subscriptions", "COUNT", "so many Subscriptions may be bound at once",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const auto most = number(value);
         if (!most && !undo) return not_a_number(value);
         server.set_max_subscriptions(undo ? std::nullopt : std::optional<std::size_t>(most));
         return {};
     },
     true},
    {"hang", "", "the server does nothing at all, and goes on where it was", toggle<&EmbeddedServer::set_hanging, true>,
     true},
    {"hang-requests", "", "requests wait for their answers, heartbeats go on",
     toggle<&EmbeddedServer::set_requests_hanging, true>, true},
    {"silent", "", "nothing is sent on WebSockets", toggle<&EmbeddedServer::set_silent, true>, true},
    {"deaf", "", "heartbeats go on, events are lost", toggle<&EmbeddedServer::set_deaf, true>, true},
    {"unreachable", "", "connections end, new ones are refused", toggle<&EmbeddedServer::set_reachable, false>, true},
    {"latency", "MS", "each answer comes so much later", delay<&EmbeddedServer::set_delay>, true},
    {"queue-delay", "MS", "each event leaves so much later, in order", delay<&EmbeddedServer::set_event_delay>, true},
    {"jitter", "MS", "each event leaves up to so much later, in any order", delay<&EmbeddedServer::set_jitter>, true},
    {"clock", "MS", "the server's clock is ahead by so much; behind with a minus",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const bool behind = value.starts_with('-');
         const auto amount = undo ? 0 : number(value.substr(behind ? 1 : 0));
         if (!amount) return not_a_number(value);
         server.set_clock_offset(milliseconds(*amount) * (behind ? -1 : 1));
         return {};
     },
     true},
    {"fail-requests", "STATUS[,COUNT]", "requests below /fhir/ get this status, all or so many of the next",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const auto wanted = status_and_count(value, undo);
         if (!wanted) return tl::unexpected(wanted.error());
         server.fail_requests(wanted->first, wanted->second);
         return {};
     },
     true},
    {"fail-writes", "STATUS[,COUNT]", "writes of resources get this status",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const auto wanted = status_and_count(value, undo);
         if (!wanted) return tl::unexpected(wanted.error());
         server.fail_writes(wanted->first, wanted->second);
         return {};
     },
     true},
    {"fail-upgrades", "COUNT", "so many of the next WebSocket upgrades get 503",
     [](EmbeddedServer& server, std::string_view value, bool undo) -> Result<void> {
         const auto count = undo ? std::optional<std::uint64_t>(0) : number(value);
         if (!count) return not_a_number(value);
         server.fail_upgrades(static_cast<unsigned>(std::min<std::uint64_t>(*count, UINT32_MAX)));
         return {};
     },
     true},
    {"delete", "TYPE/ID", "another user deletes this resource",
     [](EmbeddedServer& server, std::string_view value, bool) { return server.remove(value); }},
    {"expunge", "TYPE/ID", "this resource is gone with its history, and nobody is told",
     [](EmbeddedServer& server, std::string_view value, bool) { return server.expunge(value); }},
});

Result<FaultOrder> checked(FaultOrder order) {
    const auto* fault = find_server_fault(order.name);
    if (!fault) {
        std::string names;
        for (const auto& one : table) names += (names.empty() ? "" : ", ") + std::string(one.name);
        return fail(ErrorCode::Fault, "There is no fault \"" + order.name + "\". There are: " + names);
    }
    const bool needs_value = !fault->value.empty() && !fault->value.starts_with('[');
    if (needs_value && order.value.empty())
        return fail(ErrorCode::Fault, order.name + " needs a value: " + order.name + "=" + std::string(fault->value));
    if (fault->value.empty() && !order.value.empty()) return fail(ErrorCode::Fault, order.name + " takes no value");
    if (order.lasts.count() > 0 && !fault->can_be_undone)
        return fail(ErrorCode::Fault, order.name + " happens at once: give it one time");
    return order;
}

} // namespace

std::span<const ServerFault> server_faults() { return table; }

const ServerFault* find_server_fault(std::string_view name) {
    for (const auto& fault : table)
        if (fault.name == name) return &fault;
    return nullptr;
}

Result<FaultOrder> parse_fault_order(std::string_view text) {
    FaultOrder order;
    // A value may hold an @ of its own; the times are behind the last.
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const auto times = text.substr(at + 1);
        const auto dash = times.find('-');
        const auto from = seconds(times.substr(0, dash));
        const auto to = dash == std::string_view::npos ? from : seconds(times.substr(dash + 1));
        if (!from || !to || *to < *from)
            return fail(ErrorCode::Fault,
                        "\"" + std::string(times) + "\" is no time: write seconds (30), or from and to (30-90)");
        order.after = *from;
        order.lasts = *to - *from;
        text = text.substr(0, at);
    }
    const auto equals = text.find('=');
    order.name = text.substr(0, equals);
    if (equals != std::string_view::npos) order.value = text.substr(equals + 1);
    return checked(std::move(order));
}

Result<FaultOrder> fault_order_of(std::string_view name, const Parameters& parameters) {
    FaultOrder order{std::string(name), parameters.get("value"), {}, {}};
    for (const auto& [parameter, place] : {std::pair("after", &order.after), std::pair("seconds", &order.lasts)}) {
        const auto given = parameters.get(parameter);
        const auto time = given.empty() ? std::optional(milliseconds(0)) : seconds(given);
        if (!time) return fail(ErrorCode::Fault, "\"" + given + "\" is no number of seconds");
        *place = *time;
    }
    return checked(std::move(order));
}

} // namespace fhirscope::server
