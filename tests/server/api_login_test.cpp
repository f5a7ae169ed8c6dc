#include "bench.hpp"
#include "fhir/base64.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

std::string base64(std::string_view text) {
    auto encoded = fhir::encode_base64(text, fhir::Base64::Url);
    while (encoded.size() % 4 != 0) encoded += '=';
    return encoded;
}

} // namespace

TEST_CASE("A client gets a Bearer token for an hour, a JWT with the claims that clients read") {
    Bench bench;
    auto answer = bench.form(
        "grant_type=client_credentials&client_id=0b1c0000-0000-4000-8000-000000000001&client_secret=not-a-real-secret");
    REQUIRE(answer.status == 200);
    CHECK(answer.header("Content-Type") == "application/json; charset=utf-8");
    CHECK(at(answer.body, "/token_type") == "Bearer");
    CHECK(at(answer.body, "/expires_in") == "3600");
    CHECK(at(answer.body, "/scope") == "openid");
    CHECK(at(answer.body, "/profile/reference") == "ClientApplication/0b1c0000-0000-4000-8000-000000000001");
    CHECK(at(answer.body, "/refresh_token").empty());
    auto token = at(answer.body, "/access_token");
    auto payload = token.substr(token.find('.') + 1);
    payload = payload.substr(0, payload.find('.'));
    auto claims = fhir::decode_base64(payload);
    REQUIRE(claims);
    CHECK(at(*claims, "/client_id") == "0b1c0000-0000-4000-8000-000000000001");
    CHECK(at(*claims, "/exp") == "1770723000");
    CHECK(at(*claims, "/iat") == "1770719400");
}

TEST_CASE("HTTP Basic serves at the token endpoint and at the FHIR base") {
    Bench bench;
    auto basic = "Basic " + base64("0b1c0000-0000-4000-8000-000000000001:not-a-real-secret");
    CHECK(bench.form("grant_type=client_credentials", {{"Authorization", basic}}).status == 200);
    CHECK(bench.world.api.handle({"GET", "/fhir/R4/Patient", {{"Authorization", basic}}, "", "127.0.0.1"}).status ==
          200);
    auto wrong = "Basic " + base64("0b1c0000-0000-4000-8000-000000000001:other");
    CHECK(bench.world.api.handle({"GET", "/fhir/R4/Patient", {{"Authorization", wrong}}, "", "127.0.0.1"}).status ==
          401);
}

TEST_CASE("Bad credentials are 400, never 401, and say which part was bad") {
    Bench bench;
    auto description = [&](std::string_view body) {
        auto answer = bench.form(body);
        CHECK(answer.status == 400);
        CHECK(at(answer.body, "/error") == "invalid_request");
        return at(answer.body, "/error_description");
    };
    const std::string id = "client_id=0b1c0000-0000-4000-8000-000000000001";
    CHECK(description("") == "Missing grant_type");
    CHECK(description("grant_type=nonsense") == "Unsupported grant_type");
    CHECK(description("grant_type=client_credentials") == "Missing client_id");
    CHECK(description("grant_type=client_credentials&" + id) == "Missing client_secret");
    CHECK(description("grant_type=client_credentials&client_id=not-a-uuid&client_secret=x") == "Invalid client");
    CHECK(description("grant_type=client_credentials&" + id + "&client_secret=wrong") == "Invalid secret");
}

TEST_CASE("A JSON body at the token endpoint is 400 in plain text") {
    Bench bench;
    auto answer = bench.world.api.handle({"POST",
                                          "/oauth2/token",
                                          {{"Content-Type", "application/json"}},
                                          R"({"grant_type":"client_credentials"})",
                                          "127.0.0.1"});
    CHECK(answer.status == 400);
    CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("Without a token, with garbage, an altered or an expired one: 401 with the login outcome") {
    Bench bench;
    auto with = [&](std::string authorization) {
        auto answer = bench.world.api.handle(
            {"GET", "/fhir/R4/Patient", {{"Authorization", std::move(authorization)}}, "", "127.0.0.1"});
        CHECK(at(answer.body, "/id") == "unauthorized");
        CHECK(at(answer.body, issue_code) == "login");
        CHECK(at(answer.body, issue_text) == "Unauthorized");
        CHECK(answer.header("WWW-Authenticate").empty());
        return answer.status;
    };
    CHECK(with("") == 401);
    CHECK(with("Bearer garbage") == 401);
    auto altered = bench.token;
    altered[altered.find('.') + 3] ^= 1;
    CHECK(with("Bearer " + altered) == 401);
    auto unsigned_token =
        fhir::encode_base64(R"({"alg":"none"})", fhir::Base64::Url) + bench.token.substr(bench.token.find('.'));
    CHECK(with("Bearer " + unsigned_token.substr(0, unsigned_token.rfind('.') + 1)) == 401);
    CHECK(bench.get("Patient").status == 200);
    bench.pass(hours(1));
    CHECK(with("Bearer " + bench.token) == 401);
}

TEST_CASE("Ending the logins makes their tokens worthless") {
    Bench bench;
    bench.world.tokens.end_all_logins();
    CHECK(bench.get("Patient").status == 401);
    bench.token = bench.log_in();
    CHECK(bench.get("Patient").status == 200);
}

TEST_CASE("/auth/me tells a client who it is") {
    Bench bench;
    auto answer =
        bench.world.api.handle({"GET", "/auth/me", {{"Authorization", "Bearer " + bench.token}}, "", "127.0.0.1"});
    CHECK(answer.status == 200);
    CHECK(at(answer.body, "/profile/resourceType") == "ClientApplication");
    CHECK(at(answer.body, "/user").empty());
    CHECK(bench.world.api.handle({"GET", "/auth/me", {}, "", "127.0.0.1"}).status == 401);
}

TEST_CASE("Discovery needs no token") {
    Bench bench;
    auto plain = [&](const char* path) { return bench.world.api.handle({"GET", path, {}, "", "127.0.0.1"}); };
    CHECK(at(plain("/fhir/R4/metadata").body, "/resourceType") == "CapabilityStatement");
    CHECK(at(plain("/fhir/R4/metadata").body, "/fhirVersion") == "4.0.1");
    CHECK(at(plain("/.well-known/smart-configuration").body, "/token_endpoint") == "http://sim.test/oauth2/token");
    CHECK(at(plain("/fhir/R4/.well-known/smart-configuration").body, "/issuer") == "http://sim.test/");
    CHECK(at(plain("/healthcheck").body, "/ok") == "true");
    CHECK(plain("/").body == "OK");
    CHECK(plain("/nope").status == 404);
    CHECK(plain("/nope").header("Content-Type") == "text/html; charset=utf-8");
    CHECK(plain("/ws/subscriptions-r4").status == 404);
}

TEST_CASE("Answers say what is left of the limits, and beyond the quota everything is 429, a batch's entries too") {
    auto options = empty_server();
    options.interaction_quota = 1000;
    Bench bench(options);
    auto first = bench.get("Patient?_count=1");
    CHECK(std::string(first.header("RateLimit")).find("\"fhirInteractions\";r=980;t=60") != std::string::npos);
    for (int i = 0; i < 9; ++i) CHECK(bench.call("POST", "Patient", R"({"resourceType":"Patient"})").status == 201);
    auto refused = bench.call("POST", "Patient", R"({"resourceType":"Patient"})");
    CHECK(refused.status == 429);
    CHECK(at(refused.body, "/id") == "too-many-requests");
    CHECK(at(at(refused.body, "/issue/0/diagnostics"), "/limit") == "1000");
    CHECK(at(at(refused.body, "/issue/0/diagnostics"), "/_remainingPoints") == "0");
    CHECK(std::string(refused.header("RateLimit")).find("\"fhirInteractions\";r=0") != std::string::npos);
    auto batch = bench.call(
        "POST", "",
        R"({"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient"}}]})");
    CHECK(batch.status == 200);
    CHECK(at(batch.body, "/entry/0/response/status") == "429");
    bench.pass(minutes(1));
    CHECK(bench.get("Patient").status == 200);
}

TEST_CASE("Requests a minute and address are limited before anything else") {
    auto options = empty_server();
    options.request_quota = 3; // the log-in is one
    Bench bench(options);
    CHECK(bench.get("Patient").status == 200);
    CHECK(bench.get("Patient").status == 200);
    auto refused = bench.get("Patient");
    CHECK(refused.status == 429);
    CHECK(refused.header("Content-Type") == "application/json; charset=utf-8");
    CHECK(bench.world.api.handle({"GET", "/healthcheck", {}, "", "192.0.2.7"}).status == 200);
}
