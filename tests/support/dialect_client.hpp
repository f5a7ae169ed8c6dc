#pragma once
// An engine and a server that numbers its events (the standard's dialects, HAPI): a test answers each request by hand,
// in virtual time.

#include "engine/engine.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace fhirscope::tests::numbered {

using namespace engine;
using fhir::Dialect;
using namespace std::chrono_literals;

inline const std::string topic = "http://topics.example.test/SubscriptionTopic/task-changed";

inline std::string page(const std::string& entries = "", const std::string& type = "searchset") {
    return R"({"resourceType":"Bundle","type":")" + type + R"(","entry":[)" + entries + "]}";
}

inline std::string task(const std::string& id, int version) {
    const std::string v = std::to_string(version);
    return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + v +
           R"(","lastUpdated":"2026-02-10T10:30:)" + (version < 10 ? "0" : "") + v +
           R"(.000Z"},"status":"requested","intent":"order"})";
}

inline std::string found(const std::string& resource) {
    return R"({"resource":)" + resource + R"(,"search":{"mode":"match"}})";
}

struct Numbered {
    int number;
    std::string focus, resource; // resource "": id-only; "DELETE": a deletion
};

inline std::string notification(const std::string& type, int count, const std::vector<Numbered>& events = {},
                                const std::string& status = "active") {
    std::string list, entries;
    for (const Numbered& e : events) {
        list += std::string(list.empty() ? "" : ",") + R"({"eventNumber":")" + std::to_string(e.number) +
                R"(","timestamp":"2026-02-10T10:30:50.000Z")" +
                (e.focus.empty() ? "" : R"(,"focus":{"reference":"http://h/fhir/R4/)" + e.focus + "\"}") + "}";
        if (e.focus.empty()) continue;
        entries += R"(,{"fullUrl":"http://h/fhir/R4/)" + e.focus + "\"";
        if (!e.resource.empty() && e.resource != "DELETE") entries += ",\"resource\":" + e.resource;
        entries += std::string(R"(,"request":{"method":")") + (e.resource == "DELETE" ? "DELETE" : "PUT") +
                   R"(","url":")" + e.focus + "\"}}";
    }
    return R"({"resourceType":"Bundle","type":"subscription-notification","timestamp":"2026-02-10T10:30:51Z","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":")" +
           status + R"(","type":")" + type + R"(","eventsSinceSubscriptionStart":")" + std::to_string(count) + "\"" +
           (list.empty() ? "" : ",\"notificationEvent\":[" + list + "]") +
           R"(,"subscription":{"reference":"http://h/fhir/R4/Subscription/s1"}}})" + entries + "]}";
}

inline const std::string token_answer =
    R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"<binding-token-1>"},{"name":"expiration","valueDateTime":"2099-01-01T00:00:00Z"},)"
    R"({"name":"websocket-url","valueUrl":"ws://h/subscriptions"}]})";

class Client {
public:
    explicit Client(Dialect dialect, const std::function<void(Config&)>& change = {},
                    std::vector<SubscriptionWish> wishes = {{"Tasks", "Task?status=requested"}}) {
        Config config;
        config.base_url = "http://h/";
        config.subscriptions = std::move(wishes);
        config.dialect.dialect = dialect;
        config.dialect.topics = {{"Task", topic}};
        config.heartbeat_period = 10s;
        if (change) change(config);
        in(Start{config});
    }

    void in(InputBody body) {
        for (Effect& effect : engine.step({now, std::move(body)})) {
            if (auto* request = std::get_if<SendRequest>(&effect)) requests.push_back(std::move(*request));
            if (auto* open = std::get_if<OpenSocket>(&effect)) opened.push_back(*open);
            if (auto* frame = std::get_if<SendFrame>(&effect)) sent.push_back(*frame);
            if (auto* close = std::get_if<CloseSocket>(&effect)) closed.push_back(close->socket);
            if (auto* wake = std::get_if<WakeAt>(&effect)) late_wakes += wake->at <= now;
        }
        while (engine.wants_drain()) {
            for (Effect& effect : engine.step({now, Drain{}}))
                if (auto* request = std::get_if<SendRequest>(&effect)) requests.push_back(std::move(*request));
        }
    }
    void pass(std::chrono::milliseconds time) {
        now += time;
        in(Tick{});
    }
    // The oldest request whose URL has this in it, which must be there; it is taken out.
    SendRequest request(const std::string& part, const std::string& method = "GET") {
        for (auto i = requests.begin(); i != requests.end(); ++i)
            if (i->method == method && i->url.find(part) != std::string::npos) {
                SendRequest found = *i;
                requests.erase(i);
                return found;
            }
        std::string all;
        for (const SendRequest& r : requests) all += r.method + " " + r.url + "\n";
        INFO("no " << method << " of " << part << " among:\n" << all);
        REQUIRE(false);
        return {};
    }
    // The read of this resource, which is not that of its history.
    SendRequest read(const std::string& reference) {
        for (auto i = requests.begin(); i != requests.end(); ++i)
            if (i->url == "fhir/R4/" + reference) {
                SendRequest found = *i;
                requests.erase(i);
                return found;
            }
        FAIL(reference << " is not read");
        return {};
    }
    bool asked(const std::string& part) const {
        for (const SendRequest& r : requests)
            if (r.url.find(part) != std::string::npos) return true;
        return false;
    }
    void answer(const SendRequest& request, int status, const std::string& body) {
        HttpAnswer answer;
        answer.request = request.request;
        answer.status = static_cast<std::uint16_t>(status);
        answer.body = make_text(body);
        in(std::move(answer));
    }
    void frame(const std::string& text, SocketId socket = 0) {
        in(Frame{socket ? socket : opened.back().socket, make_text(text)});
    }

    // Up to the first live moment, with these resources as the baseline.
    void become_live(int count = 0, const std::string& baseline = "") {
        answer(
            request("Subscription", "POST"), 201,
            R"({"resourceType":"Subscription","id":"s1","meta":{"versionId":"1"},"status":"requested","heartbeatPeriod":10})");
        bind_again(count);
        answer(request("Task?"), 200, page(baseline));
        REQUIRE(phase() == Phase::Live);
    }
    void bind_again(int count) {
        answer(request("$get-ws-binding-token"), 200, token_answer);
        in(SocketOpened{opened.back().socket});
        frame(notification("handshake", count));
    }
    void lose_socket() {
        in(SocketClosed{opened.back().socket, 1006, ""});
        REQUIRE(phase() == Phase::BackingOff);
        for (int i = 0; i < 310 && phase() == Phase::BackingOff; ++i) pass(100ms);
    }
    Phase phase() { return engine.publish()->connection.phase; }
    Counters counters() { return engine.publish()->metrics.counters; }
    std::string version(const std::string& reference) {
        const auto snapshot = engine.publish();
        for (const StoreView& store : snapshot->stores)
            for (std::size_t i = 0; i < store.records.size(); ++i)
                if (store.records[i]->reference == reference)
                    return store.records[i]->resource() ? std::string(store.records[i]->current().version_id())
                                                        : "deleted";
        return "";
    }
    bool logged(const std::string& part) {
        const auto snapshot = engine.publish();
        for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
            if (words::text(snapshot->events[i]).find(part) != std::string::npos) return true;
        return false;
    }

    Engine engine;
    LocalTime now{std::chrono::seconds(1'770'719'460)}; // 2026-02-10T10:31:00Z
    std::deque<SendRequest> requests;
    std::vector<OpenSocket> opened;
    std::vector<SendFrame> sent;
    std::vector<SocketId> closed;
    int late_wakes = 0; // it wished to be woken at a time that was over: it would spin
};

} // namespace fhirscope::tests::numbered
