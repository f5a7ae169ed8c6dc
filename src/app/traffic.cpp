#include "app/traffic.hpp"

#include "app/resource_memory.hpp"
#include "engine/engine.hpp"
#include "session/reader.hpp"

#include <map>
#include <utility>

namespace fhirscope::app {

namespace {

class TrafficWalk {
public:
    explicit TrafficWalk(TrafficListener& listener) : listener_(listener) {}

    // False: the listener ended it.
    bool take(const engine::Input& input) {
        now_ = input.at;
        std::visit([this](const auto& body) { hear(body); }, input.body);
        for (engine::Effect& effect : engine_.step(input)) std::visit([this](auto& wanted) { want(wanted); }, effect);
        return ended_.has_value();
    }
    const Result<void>& ended() const { return ended_; }

private:
    template <class Body>
    void hear(const Body&) {}
    void hear(const engine::Start& start) {
        base_ = start.config.base_url;
        // Of another client's socket only the number is kept.
        const std::string& socket = start.config.socket_path;
        socket_ = (base_.starts_with("http") ? "ws" + base_.substr(4) : base_) + socket;
    }
    void hear(const engine::HttpAnswer& answer) { answered(answer.request, answer); }
    void hear(const engine::HttpFailed& failed) {
        engine::HttpAnswer answer;
        answer.body = engine::make_text(failed.message);
        answered(failed.request, std::move(answer));
    }
    void hear(const engine::Observed& observed) {
        engine::HttpAnswer answer;
        answer.status = observed.status;
        answer.content_type = "application/fhir+json";
        answer.etag = observed.etag;
        answer.location = observed.location;
        answer.last_modified = observed.last_modified;
        answer.body = observed.response_body;
        const LocalTime asked = observed.asked == LocalTime{} ? now_ : observed.asked;
        give(listener_.exchange({asked, now_, observed.method, observed.url, "application/fhir+json",
                                 observed.request_body, std::move(answer)}));
    }
    void hear(const engine::SocketOpened& opened) {
        const auto asked = urls_.find(opened.socket);
        give(listener_.socket_opened(opened.socket, asked == urls_.end() ? socket_ : asked->second, now_));
    }
    void hear(const engine::SocketFailed& failed) { closed(failed.socket, 1006, failed.message); }
    void hear(const engine::SocketClosed& socket) { closed(socket.socket, socket.code, socket.reason); }
    void hear(const engine::Frame& frame) {
        if (frame.text) give(listener_.frame(frame.socket, false, *frame.text, now_));
    }
    void hear(const engine::FrameSent& frame) {
        if (frame.text) give(listener_.frame(frame.socket, true, *frame.text, now_));
    }

    template <class Effect>
    void want(const Effect&) {}
    void want(engine::SendRequest& request) {
        const bool is_absolute = request.url.find("://") != std::string::npos;
        asked_[request.request] = {
            now_,         {}, request.method, is_absolute ? request.url : base_ + request.url, request.content_type,
            request.body, {}};
    }
    void want(engine::OpenSocket& socket) { urls_[socket.socket] = socket.url; }
    void want(engine::SendFrame& frame) {
        if (frame.text) give(listener_.frame(frame.socket, true, *frame.text, now_));
    }

    void answered(engine::RequestId request, engine::HttpAnswer answer) {
        const auto asked = asked_.find(request);
        if (asked == asked_.end()) return;
        Exchange exchange = std::move(asked->second);
        asked_.erase(asked);
        exchange.answered = now_;
        exchange.answer = std::move(answer);
        give(listener_.exchange(exchange));
    }
    void closed(engine::SocketId socket, unsigned code, const std::string& reason) {
        give(listener_.socket_closed(socket, code, reason, now_));
        urls_.erase(socket);
    }
    void give(const Result<void>& said) {
        if (ended_ && !said) ended_ = said;
    }

    TrafficListener& listener_;
    engine::Engine engine_;
    LocalTime now_{};
    std::string base_, socket_;
    std::map<engine::RequestId, Exchange> asked_;
    std::map<engine::SocketId, std::string> urls_;
    Result<void> ended_{};
};

} // namespace

Result<void> walk_traffic(const std::string& path, const MemoryOptions& memory, TrafficListener& listener) {
    auto reader = session::Reader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    reader->bound_resources(resource_memory(memory));
    TrafficWalk walk(listener);
    const auto read = reader->for_each([&](const engine::Input& input) { return walk.take(input); });
    if (!read) return tl::unexpected(read.error());
    return walk.ended();
}

} // namespace fhirscope::app
