// What the engine meets is a sign to the rules: here what no simulated session meets.

#include "diagnosis/facts.hpp"
#include "support/dialect_client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <memory>
#include <utility>

using namespace fhirscope;
using diagnosis::Sign;

TEST_CASE("what the engine tells is a sign") {
    using namespace fhirscope::tests::numbered;
    const auto shows = [](Client& client, Sign sign) {
        diagnosis::Facts facts;
        facts.update(client.engine.publish());
        return !facts.all(sign).empty();
    };
    const auto live = [](Dialect dialect, const std::function<void(Config&)>& change = {}) {
        auto client = std::make_unique<Client>(dialect, change);
        client->become_live();
        return client;
    };
    SECTION("a socket that never opens") {
        const auto [failure, sign] =
            GENERATE(std::pair(Failure::UpgradeRefused, Sign::UpgradeRefused), std::pair(Failure::Tls, Sign::TlsError));
        const auto client = live(Dialect::R5);
        client->lose_socket();
        client->answer(client->request("$get-ws-binding-token"), 200, token_answer);
        for (int address = 0; address < 2; ++address) // the one that the server named, then the usual one
            client->in(SocketFailed{client->opened.back().socket, failure, "HTTP 503"});
        CHECK(shows(*client, sign));
    }
    SECTION("no frame, though pongs come") {
        const auto client = live(Dialect::Medplum, [](Config& config) { config.pong_timeout = std::chrono::hours(1); });
        for (int i = 0; i < 120; ++i) client->pass(1s);
        CHECK(shows(*client, Sign::Silence));
    }
    SECTION("a heartbeat that lists another") {
        const auto client = live(Dialect::Medplum);
        std::string other = notification("heartbeat", 0);
        other.replace(other.find("Subscription/s1"), 15, "Subscription/s2");
        client->frame(other);
        CHECK(shows(*client, Sign::Unlisted));
    }
    SECTION("a status") {
        const auto client = live(Dialect::R5);
        client->frame(notification("heartbeat", 0, {}, "error"));
        CHECK(shows(*client, Sign::StatusBad));
    }
    SECTION("a hole in the numbers") {
        const auto client = live(Dialect::R5);
        client->frame(notification("heartbeat", 1));
        client->pass(2s);
        CHECK(shows(*client, Sign::NumberGap));
        client->answer(client->request("$events"), 200,
                       notification("query-event", 1, {{1, "Task/t1", task("t1", 1)}}));
        CHECK(shows(*client, Sign::GapFilled));
    }
    SECTION("numbers from the beginning") {
        const auto client = live(Dialect::R5);
        client->frame(notification("event-notification", 1, {{1, "Task/t1", task("t1", 1)}}));
        client->lose_socket();
        client->bind_again(0);
        CHECK(shows(*client, Sign::NumbersAnew));
    }
    SECTION("an event for somebody else's Subscription") {
        const auto client = live(Dialect::R5);
        std::string foreign = notification("event-notification", 1, {{1, "Task/t1", task("t1", 1)}});
        foreign.replace(foreign.find("Subscription/s1"), 15, "Subscription/s9");
        client->frame(foreign);
        CHECK(shows(*client, Sign::Foreign));
    }
    SECTION("numbers that contradict themselves") {
        const auto client = live(Dialect::R5);
        client->frame(notification("event-notification", 1, {{1, "Task/t1", task("t1", 1)}}));
        client->frame(notification("event-notification", 1, {{1, "Task/t2", task("t2", 1)}}));
        CHECK(shows(*client, Sign::NumbersWrong));
    }
}
