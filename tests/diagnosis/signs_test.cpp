// The engine tells in sentences what it met, and facts.cpp recognizes them. Each sign has to be seen here, caused by
// the simulator or, what that cannot meet, by hand: a sentence that changes in the engine fails.

#include "diagnosis/facts.hpp"
#include "simulation/runner.hpp"
#include "support/dialect_client.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <memory>
#include <set>
#include <utility>
#include <variant>

using namespace fhirscope;
using diagnosis::Sign;

namespace {

// The signs that one session gives.
void gather(const simulation::Scenario& scenario, const std::set<Sign>& wanted, std::set<Sign>& seen) {
    engine::Engine engine;
    diagnosis::Facts facts;
    std::uint64_t inputs = 0;
    const auto look = [&] {
        facts.update(engine.publish());
        for (const Sign sign : wanted)
            if (!facts.all(sign).empty()) seen.insert(sign);
    };
    simulation::run(scenario, simulation::Thoroughness::Quick, [&](unsigned, const engine::Input& input) {
        engine.step(input);
        if (++inputs % 64 == 0) look();
    });
    look();
}

} // namespace

TEST_CASE("the sentences that findings rest on are still said: what the simulator meets") {
    const std::set<Sign> wanted = {Sign::LostRealTime,  Sign::NoPong,    Sign::ServerError,  Sign::BindUnanswered,
                                   Sign::ServerDropped, Sign::Deaf,      Sign::TokenRefused, Sign::MissedRecovered,
                                   Sign::MissedFound,   Sign::NeverSeen, Sign::Hidden,       Sign::ClockSetBack,
                                   Sign::Throttled,     Sign::QueueFull};
    std::set<Sign> seen;
    // Everything at once, and then what makes the rare ones.
    std::uint64_t runs = 0;
    for (const char* faults : {"all", "half-open,hanging-server", "server-clock-jump",
                               "subscription-deleted,silent-bind", "http-404,http-429,http-5xx"}) {
        const auto set = simulation::FaultSet::parse(faults);
        REQUIRE(set);
        for (std::uint64_t seed = 1; seed <= 10 && seen.size() < wanted.size(); ++seed, ++runs)
            gather(simulation::draw_scenario(seed, simulation::VirtualTime(std::chrono::minutes(3)),
                                             simulation::Mode::Bounded, *set),
                   wanted, seen);
    }
    INFO(runs << " runs");
    for (const Sign sign : wanted) {
        INFO("sign " << static_cast<int>(sign));
        CHECK(seen.contains(sign));
    }
}

TEST_CASE("the sentences that findings rest on are still said: what it never meets") {
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
