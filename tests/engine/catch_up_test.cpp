// The catch-up after a gap, answered step by step by a server of a few lines.

#include "engine/engine.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::engine;

namespace {

class Client {
public:
    Client() {
        Config config;
        config.base_url = "http://h/";
        config.subscriptions = {{"tasks", "Task"}};
        in(Start{config});
        in(Tick{});
    }
    void in(InputBody body, std::chrono::milliseconds later = std::chrono::milliseconds(10)) {
        at_ += later;
        for (Effect& effect : engine.step({at_, std::move(body)})) {
            if (const auto* request = std::get_if<SendRequest>(&effect)) open_[request->request] = request->url;
            if (const auto* socket = std::get_if<OpenSocket>(&effect)) socket_ = socket->socket;
        }
    }
    // The URL of the request under way that holds this, which must be one.
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
    void answer(const std::string& part, unsigned status, const std::string& body) {
        const std::string url = asked(part);
        for (const auto& [id, open] : open_) {
            if (open != url) continue;
            HttpAnswer answer;
            answer.request = id;
            answer.status = static_cast<decltype(answer.status)>(status);
            answer.body = make_text(body);
            open_.erase(id);
            in(answer);
            in(Drain{});
            return;
        }
    }
    // From the creation of Subscription/`id` to its handshake: what follows is the search.
    void bind(const std::string& id) {
        answer("fhir/R4/Subscription", 201,
               R"({"resourceType":"Subscription","id":")" + id + R"(","criteria":"Task"})");
        answer(
            "$get-ws-binding-token", 200,
            R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t"},{"name":"websocket-url","valueUrl":"ws://h/ws"}]})");
        in(SocketOpened{socket_});
        in(Frame{
            socket_,
            make_text(
                R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"handshake","subscription":{"reference":"Subscription/)" +
                id + R"("}}}]})")});
    }
    // The socket is gone, and the next attempt begins.
    void lose() {
        in(SocketClosed{socket_, 1006, "gone"});
        open_.clear();
        in(Tick{}, std::chrono::seconds(60));
    }

    Engine engine;

private:
    LocalTime at_{std::chrono::seconds(1'770'719'400)};
    std::map<RequestId, std::string> open_;
    SocketId socket_ = 0;
};

std::string page(const std::vector<std::string>& resources) {
    std::string entries;
    for (const std::string& resource : resources)
        entries += (entries.empty() ? "" : ",") + (R"({"resource":)" + resource + "}");
    return R"({"resourceType":"Bundle","type":"searchset","entry":[)" + entries + "]}";
}

std::string task(const std::string& id, const std::string& version, const std::string& time) {
    return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + version +
           R"(","lastUpdated":"2026-02-10T)" + time + R"(.000Z"},"status":"requested"})";
}

} // namespace

TEST_CASE("a catch-up that is cut short before it asked for deletions begins again where the gap began") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:30:00"), task("b", "1", "10:30:00")}));
    REQUIRE(client.engine.publish()->connection.phase == Phase::Live);

    client.lose();
    client.bind("s2");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("Task?", 200, page({task("a", "2", "10:40:00")}));
    CHECK(client.asked("_deleted=true").find("ge2026-02-10T10:29:57") != std::string::npos);

    client.lose(); // Task/b was deleted at 10:35, and nobody has said so yet
    client.bind("s3");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("Task?", 200, page({task("a", "2", "10:40:00")}));
    CHECK(client.asked("_deleted=true").find("ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("_deleted=true", 200,
                  page({R"({"resourceType":"Task","id":"b","meta":{"lastUpdated":"2026-02-10T10:35:00.000Z"}})"}));
    const SnapshotPtr snapshot = client.engine.publish();
    REQUIRE(snapshot->stores.size() == 1);
    CHECK(snapshot->stores[0].deleted == 1);

    client.lose();
    client.bind("s4"); // now that it is whole, the next one begins where it ended
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:39:57") != std::string::npos);
}
