// A runtime against the embedded server in each dialect, over real sockets: found by probing, followed, cut off,
// recovered, compared.

#include "runtime/probe.hpp"
#include "runtime/runtime.hpp"
#include "server/server.hpp"
#include "support.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace fhirscope::runtime::test {
namespace {

using fhir::Dialect;
using namespace std::chrono_literals;

const std::vector<Dialect> dialects{Dialect::Medplum, Dialect::BackportR4, Dialect::R4B, Dialect::R5, Dialect::Hapi};

struct Following {
    Following(Dialect dialect, const std::function<void(RuntimeOptions&)>& change = {})
        : server(options_of(dialect)), runtime(start(change)) {
        const auto started = runtime.start();
        INFO((started ? "" : started.error().message));
        REQUIRE(started);
    }

    static server::ServerOptions options_of(Dialect dialect) {
        server::ServerOptions options;
        options.dialect = dialect;
        options.patients = 5;
        options.tasks = 20;
        options.rate = 0;
        options.heartbeat = 1s;
        return options;
    }
    RuntimeOptions start(const std::function<void(RuntimeOptions&)>& change) {
        if (!server.start()) throw std::runtime_error("the server did not start");
        RuntimeOptions options;
        options.connection.base_url = server.base_url();
        options.connection.client_id = server.client_id();
        options.connection.client_secret = make_secret(server.client_secret());
        options.engine.subscriptions = {
            {"tasks", "Task"}, {"patients", "Patient"}, {"alerts", "Basic?code=device-alert"}};
        options.engine.backoff_min = options.engine.backoff_max = 50ms;
        options.engine.polling_after = 1'000; // what was missed is to be found by the socket's return
        options.engine.missed_grace = 200ms;
        options.engine.dialect.gap_grace = 100ms;
        options.probe = true;
        options.loop.on_input = [this](const engine::Input& input) { inputs.add(input); };
        if (change) change(options);
        return options;
    }
    bool until(const std::function<bool(const engine::Snapshot&)>& predicate) {
        return runtime.run_until(predicate, patience);
    }
    bool live() {
        return until([](const engine::Snapshot& s) {
            return s.connection.phase == engine::Phase::Live && s.requests_open == 0 && s.queue_size == 0;
        });
    }
    // Every resource of the types that are followed has the server's current version here.
    bool holds_all_of(const std::string& type) {
        const auto current = server.current(type);
        return until([&](const engine::Snapshot& s) {
            std::size_t equal = 0;
            for (const engine::StoreView& store : s.stores)
                for (std::size_t i = 0; i < store.records.size(); ++i) {
                    const engine::Record& record = *store.records[i];
                    if (!record.resource()) continue;
                    for (const auto& version : current)
                        equal += record.reference == version.type + "/" + version.id &&
                                 record.current().version_id() == version.version_id;
                }
            return equal == current.size();
        });
    }
    bool equal_to_server() {
        // Where deletions are not told (HAPI), the first comparison finds them and reads them.
        for (int i = 0; i < 3; ++i) {
            const LocalTime before = runtime.snapshot()->verify.at;
            runtime.send(engine::Verify{});
            if (!until([&](const engine::Snapshot& s) {
                    return s.verify.state != engine::VerifyView::State::None &&
                           s.verify.state != engine::VerifyView::State::Running && s.verify.at != before;
                }))
                return false;
            if (runtime.snapshot()->verify.state == engine::VerifyView::State::Equal) return true;
            if (!live()) return false;
        }
        for (const engine::Fact& difference : runtime.snapshot()->verify.differences)
            UNSCOPED_INFO(words::text(difference));
        return false;
    }
    bool logged(const std::string& part) const {
        const auto snapshot = runtime.snapshot();
        for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
            if (words::text(snapshot->events[i]).find(part) != std::string::npos) return true;
        return false;
    }
    const engine::Counters& counters() { return (held = runtime.snapshot())->metrics.counters; }

    server::EmbeddedServer server;
    Collector<engine::Input> inputs;
    engine::SnapshotPtr held;
    Runtime runtime;
};

void check_replay(Following& following) {
    following.runtime.stop();
    engine::Engine again;
    for (const engine::Input& input : following.inputs.all()) again.step(input);
    CHECK(again.state_hash() == following.runtime.state_hash());
}

} // namespace

TEST_CASE("every dialect is found by probing, followed, and ends equal to its server") {
    for (const Dialect dialect : dialects) {
        INFO(fhir::to_string(dialect));
        Following f(dialect);
        REQUIRE(f.live());
        const auto first = f.inputs.all().front();
        CHECK(std::get<engine::Start>(first.body).config.dialect.dialect == dialect);
        const auto applied = f.counters().applied;
        f.server.work(100);
        REQUIRE(f.until([&](const engine::Snapshot& s) { return s.metrics.counters.applied > applied + 20; }));
        CHECK(f.holds_all_of("Task"));
        CHECK(f.holds_all_of("Patient"));
        REQUIRE(f.live());
        CHECK(f.equal_to_server());
        CHECK(f.counters().rejected == 0);
        CHECK(f.counters().unknown_frames == 0);
        CHECK(f.counters().bad_frames == 0);
        CHECK(f.counters().gaps == 0);
        CHECK(f.counters().reconnects == 0);
        check_replay(f);
    }
}

TEST_CASE("in every dialect a session that ends leaves no Subscription behind") {
    for (const Dialect dialect : dialects) {
        INFO(fhir::to_string(dialect));
        Following f(dialect);
        REQUIRE(f.live());
        f.runtime.send(engine::Leave{});
        REQUIRE(f.until([](const engine::Snapshot& s) { return s.connection.left; }));
        CHECK(f.runtime.snapshot()->connection.unreleased.empty());
        CHECK(f.runtime.snapshot()->own_subscriptions->size() == 3);
    }
}

TEST_CASE("in every dialect what a cut connection missed is counted and recovered") {
    for (const Dialect dialect : dialects) {
        INFO(fhir::to_string(dialect));
        Following f(dialect);
        REQUIRE(f.live());
        f.server.set_reachable(false);
        REQUIRE(f.until([](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::BackingOff; }));
        f.server.work(40);
        f.server.set_reachable(true);
        REQUIRE(f.live());
        CHECK(f.until([](const engine::Snapshot& s) {
            return s.metrics.counters.missed > 0 && s.metrics.counters.recovered == s.metrics.counters.missed;
        }));
        CHECK(f.holds_all_of("Task"));
        CHECK(f.equal_to_server());
        CHECK(f.counters().reconnects >= 1);
        const bool numbered = dialect != Dialect::Medplum && dialect != Dialect::Hapi;
        CHECK((f.counters().gaps > 0) == numbered);
        CHECK(f.logged("asking $events") == numbered);
        // Where Subscriptions survive, none is made anew.
        if (dialect != Dialect::Medplum) CHECK(f.server.stats().subscriptions == 3);
        check_replay(f);
    }
}

TEST_CASE("events that the server numbered and the socket never brought are asked for by number") {
    for (const Dialect dialect : {Dialect::BackportR4, Dialect::R4B, Dialect::R5}) {
        INFO(fhir::to_string(dialect));
        Following f(dialect);
        REQUIRE(f.live());
        f.server.set_deaf(true);
        f.server.work(20);
        f.server.set_deaf(false);
        // The next heartbeat, or the next event, tells.
        REQUIRE(f.until([](const engine::Snapshot& s) { return s.metrics.counters.gaps > 0; }));
        CHECK(f.holds_all_of("Task"));
        CHECK(f.holds_all_of("Patient"));
        REQUIRE(f.live());
        CHECK(f.equal_to_server());
        CHECK(f.counters().reconnects == 0);
        CHECK(f.counters().drifts == 0);
        check_replay(f);
    }
}

TEST_CASE("payloads without content are followed by reads and searches") {
    for (const fhir::Payload payload : {fhir::Payload::IdOnly, fhir::Payload::Empty}) {
        INFO(fhir::to_string(payload));
        Following f(Dialect::R5, [&](RuntimeOptions& options) { options.engine.dialect.content = payload; });
        REQUIRE(f.live());
        f.server.work(60);
        CHECK(f.holds_all_of("Task"));
        CHECK(f.holds_all_of("Patient"));
        REQUIRE(f.live());
        CHECK(f.equal_to_server());
        CHECK(f.counters().gaps == 0);
    }
}

TEST_CASE("the person's choice of dialect stands against the metadata's") {
    Following f(Dialect::R4B, [](RuntimeOptions& options) { options.dialect = Dialect::BackportR4; });
    REQUIRE(f.live()); // R4B's shape of a Subscription is the same, and its status is read as well
    CHECK(std::get<engine::Start>(f.inputs.all().front().body).config.dialect.dialect == Dialect::BackportR4);
}

TEST_CASE("a CapabilityStatement tells the dialect") {
    const auto statement = [](const std::string& software, const std::string& version, const std::string& rest) {
        return R"({"resourceType":"CapabilityStatement","software":{"name":")" + software + R"("},"fhirVersion":")" +
               version + R"(","rest":[{"mode":"server",)" + rest + "}]}";
    };
    const std::string nothing = R"("resource":[{"type":"Subscription"}])";
    const std::string topics =
        R"("resource":[{"type":"Subscription","extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical",)"
        R"("valueCanonical":"http://topics.example.test/SubscriptionTopic/task-changed|1.0"}],"operation":[{"name":"$status"}]}])";
    const std::string socket =
        R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket","valueUri":"wss://h/websocketR4"}],)" +
        nothing;
    const auto dialect = [&](const std::string& text) {
        return read_capabilities(text, std::nullopt, {"Task"}).config.dialect;
    };
    CHECK(dialect(statement("Medplum", "4.0.1", topics)) == Dialect::Medplum);
    CHECK(dialect(statement("Some server", "4.0.1", topics)) == Dialect::BackportR4);
    CHECK(dialect(statement("Some server", "4.3.0", topics)) == Dialect::R4B);
    CHECK(dialect(statement("Some server", "5.0.0", topics)) == Dialect::R5);
    CHECK(dialect(statement("Some server", "5.0.0", nothing)) == Dialect::R5);
    CHECK(dialect(statement("HAPI FHIR Server", "4.0.1", nothing)) == Dialect::Hapi);
    CHECK(dialect(statement("Some server", "4.0.1", socket)) == Dialect::Hapi);
    CHECK(dialect(statement("Some server", "4.0.1", nothing)) == Dialect::Medplum);
    CHECK(dialect("<html>") == Dialect::Medplum);
    CHECK(dialect(R"({"resourceType":"CapabilityStatement","rest":{"resource":7},"software":[]})") == Dialect::Medplum);

    const Probed r4 = read_capabilities(statement("Some server", "4.0.1", topics), std::nullopt, {"Patient", "Task"});
    REQUIRE(r4.config.topics.size() == 1);
    CHECK(r4.config.topics[0].type == "Task");
    CHECK(r4.config.topics[0].url == "http://topics.example.test/SubscriptionTopic/task-changed|1.0");
    CHECK_FALSE(r4.config.has_events); // operations are listed, and this one is not
    CHECK(read_capabilities(statement("x", "4.0.1", socket), std::nullopt, {}).config.socket_url ==
          "wss://h/websocketR4");
    CHECK(read_capabilities(statement("Medplum", "4.0.1", nothing), Dialect::R5, {}).config.dialect == Dialect::R5);
    CHECK(read_capabilities("", Dialect::Hapi, {}).config.dialect == Dialect::Hapi);
}

TEST_CASE("topics are read from a search, by the types that trigger them") {
    const auto topics = read_topics(
        R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionTopic","url":"http://t/a","resourceTrigger":[)"
        R"({"resource":"http://hl7.org/fhir/StructureDefinition/Task"},{"resource":"Patient"}]}},{"resource":{"resourceType":"Task"}},{}]})");
    REQUIRE(topics.size() == 2);
    CHECK(topics[0].type == "Task");
    CHECK(topics[1].type == "Patient");
    CHECK(topics[1].url == "http://t/a");
    CHECK(read_topics("nonsense").empty());
}

} // namespace fhirscope::runtime::test
