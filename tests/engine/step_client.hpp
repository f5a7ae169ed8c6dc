#pragma once
// An engine and a server of a few lines, which a test answers for step by step.

#include "engine/engine.hpp"
#include "fhir/time.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::tests {

using namespace engine;

class Client {
public:
    explicit Client(std::vector<SubscriptionWish> subscriptions = {{"tasks", "Task"}},
                    const std::function<void(Config&)>& configure = {}) {
        Config config;
        config.base_url = "http://h/";
        config.subscriptions = std::move(subscriptions);
        if (configure) configure(config);
        in(Start{config});
        in(Tick{});
    }
    void in(InputBody body, std::chrono::milliseconds later = std::chrono::milliseconds(10)) {
        at_ += later;
        for (Effect& effect : engine.step({at_, std::move(body)})) {
            if (const auto* request = std::get_if<SendRequest>(&effect)) {
                std::string& open = open_[request->request] = request->method + " " + request->url;
                if (!request->if_match.empty()) open += " If-Match " + request->if_match;
                if (request->body) open += " " + *request->body;
            }
            if (const auto* socket = std::get_if<OpenSocket>(&effect)) socket_ = socket->socket;
            if (const auto* frame = std::get_if<SendFrame>(&effect)) said_.push_back(*frame->text);
        }
    }
    // The method, URL, precondition and body of the request under way that hold this, which must be one.
    std::string asked(const std::string& part) const {
        std::string found;
        for (const auto& [id, url] : open_) {
            if (url.find(part) == std::string::npos) continue;
            CHECK(found.empty());
            found = url;
        }
        INFO(part);
        REQUIRE_FALSE(found.empty());
        return found;
    }
    bool asks(const std::string& part) const {
        return std::any_of(
            open_.begin(), open_.end(), [&](const auto& item) { return item.second.find(part) != std::string::npos; });
    }
    // On a socket, so far.
    bool sent(const std::string& part) const {
        return std::any_of(
            said_.begin(), said_.end(), [&](const std::string& text) { return text.find(part) != std::string::npos; });
    }
    void answer(const std::string& part, unsigned status, const std::string& body, bool renewed = false) {
        const std::string url = asked(part);
        for (const auto& [id, open] : open_) {
            if (open != url) continue;
            HttpAnswer answer;
            answer.request = id;
            answer.status = static_cast<decltype(answer.status)>(status);
            answer.body = make_text(body);
            answer.renewed = renewed;
            answer.token_end = token_end;
            open_.erase(id);
            in(answer);
            in(Drain{});
            return;
        }
    }
    void fail(const std::string& part, Failure failure = Failure::Refused) {
        const std::string url = asked(part);
        const auto open =
            std::find_if(open_.begin(), open_.end(), [&](const auto& item) { return item.second == url; });
        const RequestId id = open->first;
        open_.erase(open);
        in(HttpFailed{id, failure, "connection refused"});
    }
    // From the creation of Subscription/`id` to its handshake: what follows is the search.
    // `stamped`: the server says when it made the Subscription, so its clock is known.
    void bind(const std::string& id, bool stamped = false, const std::string& criteria = "Task") {
        const std::string wanted = R"("criteria":")" + criteria + '"';
        answer(wanted, 201,
               R"({"resourceType":"Subscription","id":")" + id + "\"," + wanted +
                   (stamped ? R"(,"meta":{"lastUpdated":"2026-02-10T)" + server_time() + R"(Z"}})" : "}"));
        answer(
            "$get-ws-binding-token", 200,
            R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t"},{"name":"websocket-url","valueUrl":"ws://h/ws"}]})");
        in(SocketOpened{socket_});
        say(id, "handshake", server_time());
    }
    // A heartbeat that lists them, and a pong.
    void beat(const std::vector<std::string>& ids) {
        std::string entries;
        for (const std::string& id : ids)
            entries += (entries.empty() ? "" : ",") +
                       (R"({"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"heartbeat",)"
                        R"("subscription":{"reference":"Subscription/)" +
                        id + R"("}}})");
        in(Frame{socket_, make_text(R"({"resourceType":"Bundle","type":"history","entry":[)" + entries + "]}")});
        pong();
    }
    void pong() { in(Frame{socket_, make_text(R"({"type":"pong"})")}); }
    // A frame of Subscription/`id`: "handshake", "heartbeat", or an event that carries `resource`.
    void say(const std::string& id, const std::string& type, const std::string& time,
             const std::string& resource = "") {
        std::string text =
            R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T)" + time +
            R"(.000Z","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" + type +
            R"(","subscription":{"reference":"Subscription/)" + id + R"("}}})";
        if (!resource.empty()) text += R"(,{"resource":)" + resource + "}";
        in(Frame{socket_, make_text(text + "]}")});
        in(Drain{});
    }
    void complain(const std::string& text) {
        in(Frame{socket_,
                 make_text(R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","details":{"text":")" +
                           text + R"("}}]})")});
    }
    void wait(std::chrono::milliseconds time) { in(Tick{}, time); }
    // With a heartbeat each 10 s.
    void wait_in_peace(const std::string& id, std::chrono::seconds time) {
        for (; time.count() > 0; time -= std::chrono::seconds(10)) {
            wait(std::chrono::seconds(10));
            say(id, "heartbeat", server_time());
            in(Frame{socket_, make_text(R"({"type":"pong"})")});
        }
    }
    // "10:30:00" at the beginning.
    std::string server_time() const {
        const ServerTime time(std::chrono::duration_cast<std::chrono::milliseconds>(at_.time_since_epoch()) +
                              server_offset);
        return fhir::format_instant(time).substr(11, 8);
    }
    std::string shown(const std::string& reference) {
        const auto snapshot = engine.publish();
        for (const auto& store : snapshot->stores)
            for (std::size_t i = 0; i < store.records.size(); ++i)
                if (store.records[i]->reference == reference)
                    return std::string(store.records[i]->current().version_id());
        return "";
    }
    bool told(const std::string& words) {
        const auto snapshot = engine.publish();
        for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
            if (words::text(snapshot->events[i]).find(words) != std::string::npos) return true;
        return false;
    }
    // The socket is gone, and the next attempt begins.
    void lose() {
        in(SocketClosed{socket_, 1006, "gone"}, std::chrono::seconds(57));
        open_.clear();
        for (int i = 0; i < 60 && !asks("POST"); ++i) wait(std::chrono::seconds(1));
    }

    Engine engine;
    std::chrono::milliseconds server_offset{0};
    std::optional<ServerTime> token_end{}; // of the tokens that the server gives, as they themselves say

private:
    LocalTime at_{std::chrono::seconds(1'770'719'400)};
    std::map<RequestId, std::string> open_;
    std::vector<std::string> said_;
    SocketId socket_ = 0;
};

inline std::string page(const std::vector<std::string>& resources) {
    std::string entries;
    for (const std::string& resource : resources)
        entries += (entries.empty() ? "" : ",") + (R"({"resource":)" + resource + "}");
    return R"({"resourceType":"Bundle","type":"searchset","entry":[)" + entries + "]}";
}

inline std::string task(const std::string& id, const std::string& version, const std::string& time) {
    return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + version +
           R"(","lastUpdated":"2026-02-10T)" + time + R"(.000Z"},"status":"requested"})";
}

} // namespace fhirscope::tests
