#include "simulation/invariants.hpp"

#include <algorithm>

namespace fhirscope::simulation {

namespace {

// A client that asks more than this of one server is a storm. In ten seconds: every resource of a small clinic read a
// few times, and three Subscriptions made anew again and again.
constexpr std::chrono::seconds storm_window{10};
constexpr std::size_t requests_in_window = 1'500, sockets_in_window = 40;
constexpr std::uint64_t inputs_at_one_instant = 20'000;

} // namespace

std::optional<Violation> EffectChecks::check(const engine::Input& input, const engine::Effects& effects) {
    learn(input);
    at_this_instant_ = input.at == instant_ ? at_this_instant_ + 1 : 0;
    instant_ = input.at;
    if (at_this_instant_ > inputs_at_one_instant)
        return Violation{"no-storm",
                         std::to_string(at_this_instant_) + " inputs at one instant: the engine turns in a circle",
                         {},
                         {},
                         {}};
    std::size_t requests = 0, sockets = 0;
    for (const engine::Effect& effect : effects) {
        if (auto wrong = legal(effect, input.at)) return Violation{"effects-are-legal", std::move(*wrong), {}, {}, {}};
        requests += std::holds_alternative<engine::SendRequest>(effect);
        sockets += std::holds_alternative<engine::OpenSocket>(effect);
    }
    if (auto wrong = calm(input.at, requests, sockets)) return Violation{"no-storm", std::move(*wrong), {}, {}, {}};
    return std::nullopt;
}

void EffectChecks::learn(const engine::Input& input) {
    const auto* said = std::get_if<engine::HttpAnswer>(&input.body);
    const auto* unsaid = std::get_if<engine::HttpFailed>(&input.body);
    const bool refused = (said && said->status == 401) || (unsaid && unsaid->failure == engine::Failure::Login);
    // One after which nothing was asked for a while was looked into, and found to be about its request alone.
    constexpr std::chrono::seconds looked_into{5};
    if (refused && (refusals_++ == 0 || input.at - refused_last_ > looked_into)) refused_since_ = input.at;
    if (refused) refused_last_ = input.at;
    if (said && said->status != 401) refusals_ = 0;
    if (const auto* frame = std::get_if<engine::Frame>(&input.body); frame && open_ == frame->socket) ++frames_;
    if (const auto* opened = std::get_if<engine::SocketOpened>(&input.body); opened && opening_ == opened->socket) {
        opening_.reset();
        open_ = opened->socket;
    }
    if (const auto* failed = std::get_if<engine::SocketFailed>(&input.body); failed && opening_ == failed->socket)
        opening_.reset();
    if (const auto* closed = std::get_if<engine::SocketClosed>(&input.body); closed && open_ == closed->socket)
        open_.reset();
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body);
        answer && under_way_.erase(answer->request) > 0)
        answered_.insert(answer->request);
    if (const auto* failed = std::get_if<engine::HttpFailed>(&input.body);
        failed && under_way_.erase(failed->request) > 0)
        answered_.insert(failed->request);
}

std::optional<std::string> EffectChecks::legal(const engine::Effect& effect, LocalTime now) {
    if (const auto* request = std::get_if<engine::SendRequest>(&effect)) {
        if (request->method.empty() || request->url.empty()) return "a request without method or address";
        if (request->request > newest_request_)
            newest_request_ = request->request;
        else if (answered_.erase(request->request) == 0 &&
                 under_way_.contains(request->request)) // one that was held back may be sent late
            return "request " + std::to_string(request->request) + " is sent again before it was answered";
        under_way_.insert(request->request);
    } else if (const auto* open = std::get_if<engine::OpenSocket>(&effect)) {
        if (open->socket <= newest_socket_) return "socket number " + std::to_string(open->socket) + " is used again";
        if (opening_ || open_) return "a second socket is opened while one is there";
        newest_socket_ = open->socket;
        opening_ = open->socket;
    } else if (const auto* frame = std::get_if<engine::SendFrame>(&effect)) {
        if (open_ != frame->socket)
            return "a frame is sent on socket " + std::to_string(frame->socket) + ", which is not open";
    } else if (const auto* close = std::get_if<engine::CloseSocket>(&effect)) {
        if (open_ != close->socket && opening_ != close->socket)
            return "socket " + std::to_string(close->socket) + " is closed, which is neither open nor opening";
        open_.reset();
        opening_.reset();
    } else if (const auto* wake = std::get_if<engine::WakeAt>(&effect)) {
        if (wake->at > now + std::chrono::hours(24 * 366)) return "the engine wants to sleep for more than a year";
    }
    return std::nullopt;
}

std::optional<std::string> EffectChecks::calm(LocalTime now, std::size_t requests, std::size_t sockets) {
    const auto note = [&](std::deque<LocalTime>& recent, std::size_t more) {
        recent.insert(recent.end(), more, now);
        while (!recent.empty() && recent.front() + storm_window < now) recent.pop_front();
        return recent.size();
    };
    if (const auto n = note(recent_requests_, requests); n > requests_in_window)
        return std::to_string(n) + " requests within 10 s";
    if (const auto n = note(recent_sockets_, sockets); n > sockets_in_window)
        return std::to_string(n) + " sockets within 10 s";
    return std::nullopt;
}

} // namespace fhirscope::simulation
