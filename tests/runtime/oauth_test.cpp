#include "runtime/oauth.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::runtime {
namespace {

using namespace std::chrono_literals;

// A token source whose server and clock are the test.
struct World {
    explicit World(TokenSourceOptions options = {parse_url("https://h/oauth2/token").value(), "the id",
                                                 make_secret("the secret&=%"), nullptr, 15s})
        : source(
              std::move(options), vault,
              [this](HttpRequest request, HttpDone done) {
                  requests.push_back(std::move(request));
                  dones.push_back(std::move(done));
              },
              [this] { return now; }) {}
    void ask() {
        source.get([this](NetResult<SecretPtr> token) { answers.push_back(std::move(token)); });
    }
    void answer(std::uint16_t status, std::string body) {
        HttpResponse response;
        response.status = status;
        response.body = std::move(body);
        dones.back()(std::move(response));
    }
    void grant(const std::string& token, int seconds = 3600) {
        answer(200, R"({"token_type":"Bearer","expires_in":)" + std::to_string(seconds) + R"(,"access_token":")" +
                        token + R"(","profile":{"reference":"ClientApplication/1"}})");
    }
    std::string last_token() const {
        return !answers.empty() && answers.back() ? std::string((*answers.back())->expose()) : "none";
    }

    Vault vault;
    TokenSource::Clock::time_point now{1h};
    std::vector<HttpRequest> requests;
    std::vector<HttpDone> dones;
    std::vector<NetResult<SecretPtr>> answers;
    TokenSource source;
};

} // namespace

TEST_CASE("a login sends id and secret as a form") {
    World world;
    world.ask();
    REQUIRE(world.requests.size() == 1);
    CHECK(world.requests[0].method == "POST");
    CHECK(world.requests[0].url.text() == "https://h/oauth2/token");
    CHECK(world.requests[0].secret_body->expose() ==
          "grant_type=client_credentials&client_id=the%20id&client_secret=the%20secret%26%3D%25");
    CHECK(world.requests[0].headers[0] ==
          std::pair<std::string, std::string>("Content-Type", "application/x-www-form-urlencoded"));
    world.grant("token-number-one");
    CHECK(world.last_token() == "token-number-one");
    CHECK(world.source.profile() == "ClientApplication/1");
}

TEST_CASE("all who ask during a login share it, and a good token is given at once") {
    World world;
    world.ask();
    world.ask();
    world.grant("token-number-one");
    world.ask();
    CHECK(world.requests.size() == 1);
    CHECK(world.answers.size() == 3);
    CHECK(world.last_token() == "token-number-one");
}

TEST_CASE("a token is renewed five minutes before it expires") {
    World world;
    world.ask();
    world.grant("token-number-one");
    world.now += 54min + 59s;
    world.ask();
    CHECK(world.requests.size() == 1);
    world.now += 1s;
    world.ask();
    CHECK(world.requests.size() == 2);
    world.grant("token-number-two");
    CHECK(world.last_token() == "token-number-two");
}

TEST_CASE("a token with a short life is renewed when a quarter is left") {
    World world;
    world.ask();
    world.grant("token-number-one", 60);
    world.now += 44s;
    world.ask();
    CHECK(world.requests.size() == 1);
    world.now += 1s;
    world.ask();
    CHECK(world.requests.size() == 2);
}

TEST_CASE("a renewal that fails leaves the old token in use while it is good") {
    World world;
    world.ask();
    world.grant("token-number-one");
    world.now += 56min;
    world.ask();
    world.answer(503, "");
    CHECK(world.last_token() == "token-number-one");
    world.now += 1s; // too soon for another login
    world.ask();
    CHECK(world.requests.size() == 2);
    CHECK(world.last_token() == "token-number-one");
    world.now += 5min;
    world.ask();
    world.answer(503, "");
    CHECK(world.last_token() == "none");
}

TEST_CASE("a token that would be more than one header is not used") {
    World world;
    world.ask();
    world.answer(200, R"({"access_token":"abc\r\nX-Injected: yes"})");
    REQUIRE(world.answers.size() == 1);
    REQUIRE_FALSE(world.answers[0]);
    CHECK(world.answers[0].error().failure == engine::Failure::Protocol);
    CHECK(world.answers[0].error().message.find("line break") != std::string::npos);
    CHECK(world.answers[0].error().message.find("Injected") == std::string::npos);
}

TEST_CASE("a token that the server refused is not used again") {
    World world;
    world.ask();
    world.grant("token-number-one");
    const SecretPtr first = *world.answers.back();
    world.source.refused(first);
    world.ask();
    CHECK(world.requests.size() == 2);
    world.grant("token-number-two");
    world.source.refused(first); // said late, of a token that is gone already
    world.ask();
    CHECK(world.requests.size() == 2);
    CHECK(world.last_token() == "token-number-two");
}

TEST_CASE("a refused secret is a login failure that says what the server said, without the secret") {
    World world;
    world.ask();
    world.answer(400, R"({"error":"invalid_request","error_description":"Invalid secret the secret&=%"})");
    REQUIRE(world.answers.size() == 1);
    REQUIRE_FALSE(world.answers[0]);
    CHECK(world.answers[0].error().failure == engine::Failure::Login);
    CHECK(world.answers[0].error().message ==
          "The server refused the client id or secret (Invalid secret <client-secret-1>). Check both; they were sent "
          "to https://h/oauth2/token.");
}

TEST_CASE("after a failed login the next waits for five seconds") {
    World world;
    world.ask();
    world.answer(400, "{}");
    world.ask();
    CHECK(world.requests.size() == 1);
    CHECK(world.answers.size() == 2);
    world.now += 5s;
    world.ask();
    CHECK(world.requests.size() == 2);
}

TEST_CASE("an answer that is no token is told apart") {
    World world;
    world.ask();
    const auto failure = [&](std::uint16_t status, const char* body) {
        world.answer(status, body);
        REQUIRE_FALSE(world.answers.back());
        return world.answers.back().error();
    };
    SECTION("a page") {
        const NetError error = failure(200, "<html>welcome</html>");
        CHECK(error.failure == engine::Failure::Protocol);
        CHECK(error.message.find("not JSON") != std::string::npos);
    }
    SECTION("JSON without a token") { CHECK(failure(200, R"({"login":"x"})").failure == engine::Failure::Protocol); }
    SECTION("an array") { CHECK(failure(200, "[]").failure == engine::Failure::Protocol); }
    SECTION("a number for a token") {
        CHECK(failure(200, R"({"access_token":7})").failure == engine::Failure::Protocol);
    }
    SECTION("no such place") {
        const NetError error = failure(404, "");
        CHECK(error.failure == engine::Failure::Protocol);
        CHECK(error.message.find("--token-url") != std::string::npos);
    }
    SECTION("too many requests are no reason to give up") {
        const NetError error =
            failure(429, R"({"resourceType":"OperationOutcome","issue":[{"details":{"text":"Too Many Requests"}}]})");
        CHECK(error.failure == engine::Failure::Unreachable);
        CHECK(error.message.find("Too Many Requests") != std::string::npos);
    }
}

TEST_CASE("strange lifetimes do not make a token good for ever, or never") {
    World world;
    world.ask();
    SECTION("missing") { world.answer(200, R"({"access_token":"token-number-one"})"); }
    SECTION("negative") { world.grant("token-number-one", -5); }
    SECTION("a text") { world.answer(200, R"({"access_token":"token-number-one","expires_in":"soon"})"); }
    world.now += 54min;
    world.ask();
    CHECK(world.requests.size() == 1);
    world.now += 2min;
    world.ask();
    CHECK(world.requests.size() == 2);
}

TEST_CASE("without a client id there is no login, and a token from elsewhere is used as it is") {
    World open({parse_url("https://h/oauth2/token").value(), "", nullptr, nullptr, 15s});
    open.ask();
    REQUIRE(open.answers.size() == 1);
    CHECK(open.answers[0].value() == nullptr);
    World given({parse_url("https://h/oauth2/token").value(), "", nullptr, make_secret("given-token"), 15s});
    given.ask();
    CHECK(given.last_token() == "given-token");
    CHECK(given.requests.empty());
    CHECK(given.vault.redact("given-token") == "<access-token-1>");
}

} // namespace fhirscope::runtime
