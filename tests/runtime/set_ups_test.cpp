// Set-ups as they are met, over real sockets: where the FHIR base is, redirects, compressed answers and frames, logins
// that are there and that are not, a server that is away.

#include "engine/cache.hpp"
#include "runtime/content_encoding.hpp"
#include "runtime/probe.hpp"
#include "runtime/runtime.hpp"
#include "support.hpp"
#include "test_server.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <string>

namespace fhirscope::runtime::test {
namespace {

const std::string statement =
    R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","software":{"name":"HAPI FHIR Server"}})";
const std::string empty_page = R"({"resourceType":"Bundle","type":"searchset","entry":[]})";

// `window_bits` as zlib has them: 15 zlib's frame, -15 none, 31 gzip's.
std::string compressed(const std::string& text, int window_bits) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// A server whose FHIR base is at `base` ("/fhir/"), and nothing elsewhere.
TestServer at_base(const std::string& base, std::function<Reply(const std::string& rest)> answer = {}) {
    return TestServer({[base, answer](const Seen& seen) {
                           const std::string error = R"({"resourceType":"OperationOutcome","issue":[]})";
                           if (!seen.target.starts_with(base)) return http_reply(404, error);
                           const std::string rest = seen.target.substr(base.size());
                           if (rest == "metadata") return http_reply(200, statement);
                           return answer ? answer(rest) : http_reply(200, empty_page);
                       },
                       nullptr, "", "", false});
}

Result<Connection> configured(const std::string& url, const std::string& fhir_path = "") {
    ConnectionFlags flags;
    flags.base_url = url;
    flags.fhir_path = fhir_path;
    return configure(flags, {[](const char*) { return std::nullopt; }, "/nowhere"});
}

RuntimeOptions probing(Connection connection) {
    RuntimeOptions options;
    options.connection = std::move(connection);
    options.engine.subscriptions = {{"tasks", "Task"}};
    options.probe = true;
    return options;
}

} // namespace

TEST_CASE("the FHIR base is found below the address that was given") {
    const auto [base, address] = GENERATE(table<std::string, std::string>({
        {"/fhir/R4/", ""},
        {"/fhir/R4/", "fhir/R4"},
        {"/fhir/R4/", "fhir/R4/"},
        {"/fhir/R4/", "fhir"},
        {"/fhir/", ""},
        {"/fhir/", "fhir"},
        {"/fhir/", "fhir/"},
        {"/", ""},
        {"/baseR4/", ""},
        {"/baseR4/", "baseR4"},
        {"/hapi-fhir-jpaserver/fhir/", "hapi-fhir-jpaserver/fhir"},
        {"/hapi-fhir-jpaserver/fhir/", "hapi-fhir-jpaserver/"},
        {"/my/server/", "my/server"},
    }));
    CAPTURE(base, address);
    TestServer server = at_base(base);
    const auto connection = configured(server.url() + address);
    REQUIRE(connection);
    Runtime runtime(probing(*connection));
    const auto started = runtime.start();
    INFO((started ? "" : started.error().message));
    REQUIRE(started);
    REQUIRE(runtime.run_until([](const engine::Snapshot& s) { return s.server != nullptr; }, patience));
    const std::string found = connection->base_url + runtime.snapshot()->server->fhir_path;
    CHECK(found == server.url() + base.substr(1));
    CHECK(runtime.snapshot()->server->dialect.dialect == fhir::Dialect::Hapi);
}

TEST_CASE("a path that is said by hand is the one that is used") {
    TestServer server = at_base("/a/b/");
    const auto connection = configured(server.url() + "a", GENERATE("b", "/b/"));
    REQUIRE(connection);
    CHECK(connection->fhir_path == "b/");
    CHECK(connection->other_fhir_paths.empty());
    CHECK(configured(server.url(), "/")->fhir_path.empty());
    Runtime runtime(probing(*connection));
    REQUIRE(runtime.start());
    CHECK(server.requests()[0].target == "/a/b/metadata");
}

TEST_CASE("where no FHIR base is, the addresses that were asked are named") {
    TestServer server({[](const Seen& seen) {
                           if (seen.target == "/metadata")
                               return http_reply(302, "", "text/html", "Location: https://login.example.test/\r\n");
                           return http_reply(404, "<html></html>", "text/html");
                       },
                       nullptr, "", "", false});
    Runtime runtime(probing(*configured(server.url())));
    const auto started = runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::NoFhir);
    const std::string& message = started.error().message;
    CHECK(message.find(server.url() + "fhir/R4/metadata: HTTP 404") != std::string::npos);
    CHECK(message.find(server.url() + "metadata: HTTP 302, which leads to https://login.example.test/") !=
          std::string::npos);
    CHECK(message.find("--fhir-path") != std::string::npos);
}

TEST_CASE("metadata that never come are waited for once, and not once for each address where they could be") {
    std::promise<void> over;
    const std::shared_future<void> ended = over.get_future().share();
    std::atomic<int> asked{0};
    TestServer server({[&asked, ended](const Seen& seen) {
                           if (!seen.target.ends_with("metadata")) return http_reply(200, empty_page);
                           ++asked;
                           ended.wait();
                           return http_reply(200, statement);
                       },
                       nullptr, "", "", false});
    RuntimeOptions options = probing(*configured(server.url()));
    options.login_timeout = std::chrono::milliseconds(1'600);
    const auto began = std::chrono::steady_clock::now();
    Runtime runtime(std::move(options));
    const auto started = runtime.start();
    const auto took = std::chrono::steady_clock::now() - began;
    over.set_value();
    REQUIRE(started);
    CHECK(runtime.note().find("metadata could not be read") != std::string::npos);
    REQUIRE(asked >= 4);
    CHECK(took < std::chrono::milliseconds(1'600) * (asked - 1)); // with its share it would be as often as that
}

TEST_CASE("a GET is redirected within its origin, and to no other") {
    TestServer other({[](const Seen&) { return http_reply(200, empty_page); }, nullptr, "", "", false});
    std::string target;
    TestServer server({[&](const Seen& seen) {
                           if (seen.target == "/fhir/R4/metadata") return http_reply(200, statement);
                           if (seen.target.find("Task?") == std::string::npos) return http_reply(200, empty_page);
                           return http_reply(307, "", "text/html", "Location: " + target + "\r\n");
                       },
                       nullptr, "", "", false});
    Connection connection = *configured(server.url());
    connection.access_token = make_secret("some-access-token");
    RuntimeOptions options = probing(std::move(connection));
    options.engine.dialect.dialect = fhir::Dialect::Medplum;
    SECTION("within") { target = "/moved/here"; }
    SECTION("to another") { target = other.url() + "fhir/R4/Task"; }
    SECTION("round and round") { target = "/fhir/R4/Task?again"; }
    Runtime runtime(std::move(options));
    REQUIRE(runtime.start());
    REQUIRE(server.wait_for_requests(3));
    const auto seen = server.requests();
    const auto followed =
        std::count_if(seen.begin(), seen.end(), [](const Seen& one) { return one.target == "/moved/here"; });
    CHECK((followed > 0) == (target == "/moved/here"));
    for (const Seen& one : seen) CHECK(one.headers.at("authorization") == "Bearer some-access-token");
    CHECK(other.requests().empty());
}

TEST_CASE("compressed content is undone, up to the bound of what comes out") {
    const std::string text(100'000, 'x');
    CHECK(undo_encoding("gzip", compressed(text, 31), text.size()).value() == text);
    CHECK(undo_encoding("X-GZIP", compressed(text, 31), text.size()).value() == text);
    CHECK(undo_encoding("deflate", compressed(text, 15), text.size()).value() == text);
    CHECK(undo_encoding("deflate", compressed(text, -15), text.size()).value() == text);
    CHECK(undo_encoding("gzip", compressed(text, 31) + compressed("more", 31), 1u << 20).value() == text + "more");
    CHECK(undo_encoding("deflate, gzip", compressed(compressed(text, 15), 31), text.size()).value() == text);
    CHECK(undo_encoding("identity", "plain", 10).value() == "plain");
    CHECK(undo_encoding("", "plain", 10).value() == "plain");
    CHECK(undo_encoding("gzip", "", 10).value().empty());
    CHECK(undo_encoding("gzip", compressed(text, 31), text.size() - 1).error().code == ErrorCode::TooLarge);
    CHECK(undo_encoding("br", "x", 10).error().code == ErrorCode::Unsupported);
    CHECK(undo_encoding("gzip", "not gzip at all", 100).error().code == ErrorCode::Malformed);
    const std::string cut = compressed(text, 31);
    CHECK(undo_encoding("gzip", cut.substr(0, cut.size() / 2), text.size()).error().code == ErrorCode::Malformed);
}

TEST_CASE("a compressed answer is read, and one that becomes too large is refused as any other") {
    TestServer server({[](const Seen& seen) {
                           const bool bomb = seen.target == "/bomb";
                           return http_reply(200, compressed(std::string(bomb ? 4u << 20 : 1'000, 'x'), 31),
                                             "text/plain", "Content-Encoding: gzip\r\n");
                       },
                       nullptr, "", "", false});
    NetworkOptions options;
    options.max_response_bytes = 1u << 20;
    Client client(options);
    CHECK(client.get(server.url()).value().body == std::string(1'000, 'x'));
    const auto bomb = client.get(server.url() + "bomb");
    REQUIRE_FALSE(bomb);
    CHECK(bomb.error().failure == engine::Failure::TooLarge);
}

TEST_CASE("a socket takes compression where the server offers it, up to the bound of a frame") {
    TestServer server({[](const Seen&) { return upgrade(); },
                       [](Peer& peer) {
                           peer.send(std::string(100'000, 'x'));
                           peer.receive();
                           peer.send(std::string(4u << 20, 'x'));
                           peer.receive();
                       },
                       "", "", true});
    NetworkOptions options;
    options.max_frame_bytes = 1u << 20;
    Client client(options);
    client.open(1, server.socket_url());
    CHECK(client.wait_for("frame").text == std::string(100'000, 'x'));
    CHECK(server.requests()[0].headers.at("sec-websocket-extensions").find("permessage-deflate") != std::string::npos);
    client.network.post([&] { client.network.send(1, "go on"); });
    CHECK(client.wait_for("closed").code == 1009);
}

TEST_CASE("whoever has no login is told so at once where one is wanted") {
    TestServer server({[](const Seen& seen) {
                           if (seen.target == "/fhir/R4/metadata") return http_reply(200, statement);
                           return http_reply(401,
                                             R"({"resourceType":"OperationOutcome","id":"unauthorized","issue":[]})");
                       },
                       nullptr, "", "", false});
    Connection connection = *configured(server.url());
    std::string expected = "no credentials were given";
    SECTION("nothing was given") {}
    SECTION("a token that has ended") {
        connection.access_token = make_secret("some-access-token");
        expected = "does not take the access token";
    }
    Runtime runtime(probing(std::move(connection)));
    const auto started = runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Login);
    CHECK(started.error().message.find(expected) != std::string::npos);
}

TEST_CASE("with the server away a session opens with what the last one left, and goes on trying") {
    engine::ServerFacts last;
    std::string known;
    {
        TestServer server = at_base("/baseR4/", [](const std::string& rest) {
            if (rest.starts_with("Subscription")) return http_reply(403, "{}");
            return http_reply(
                200,
                R"({"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Task","id":"t1","meta":{"versionId":"1","lastUpdated":"2026-02-10T10:30:00Z"},"status":"requested"}}]})");
        });
        Runtime runtime(probing(*configured(server.url())));
        REQUIRE(runtime.start());
        REQUIRE(runtime.run_until([&](const engine::Snapshot& s) { return !(known = engine::make_cache(s)).empty(); },
                                  patience));
    }
    RuntimeOptions options = probing(*configured("http://127.0.0.1:" + std::to_string(closed_port()) + "/"));
    SECTION("nothing was left: the start fails") { CHECK_FALSE(Runtime(std::move(options)).start()); }
    SECTION("it is shown, and not confirmed") {
        options.known = known;
        Runtime runtime(std::move(options));
        REQUIRE(runtime.start());
        CHECK(runtime.note().find("What the last session left is shown") != std::string::npos);
        REQUIRE(runtime.run_until(
            [](const engine::Snapshot& s) {
                return s.connection.phase == engine::Phase::BackingOff && !s.stores.empty();
            },
            patience));
        const auto snapshot = runtime.snapshot();
        CHECK(snapshot->stores[0].records[0]->standing == engine::Standing::Unconfirmed);
        CHECK(snapshot->server->fhir_path == "baseR4/");
        CHECK(snapshot->server->dialect.dialect == fhir::Dialect::Hapi);
    }
}

TEST_CASE("a topic belongs to the type of its trigger, whatever its name") {
    const std::string metadata =
        R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"resource":[{"type":"Subscription","extension":[)"
        R"({"url":"x/capabilitystatement-subscriptiontopic-canonical","valueCanonical":"http://t/patient-data-feed"},)"
        R"({"url":"x/capabilitystatement-subscriptiontopic-canonical","valueCanonical":"http://t/task-changed"}]}]}]})";
    Probed probed = read_capabilities(metadata, std::nullopt, {"Patient", "Task"});
    REQUIRE(probed.guessed.size() == 2);
    SECTION("it says so itself") {
        take_topics(
            probed,
            R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionTopic","url":"http://t/patient-data-feed","resourceTrigger":[{"resource":"http://hl7.org/fhir/StructureDefinition/Encounter"}]}}]})");
        REQUIRE(probed.config.topics.size() == 2);
        CHECK(probed.config.topics[0].type == "Encounter");
        REQUIRE(probed.guessed.size() == 1);
        CHECK(probed.guessed[0].type == "Task");
    }
    SECTION("it says nothing: what its name says is a guess, and known to be one") {
        take_topics(probed, "");
        CHECK(probed.config.topics.size() == 2);
        CHECK(probed.guessed.size() == 2);
    }
}

} // namespace fhirscope::runtime::test
