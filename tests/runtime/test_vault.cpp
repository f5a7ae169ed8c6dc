#include "fhir/json.hpp"
#include "runtime/vault.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace fhirscope::runtime {
namespace {

const std::string jwt_1 = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl-1_";
const std::string jwt_2 = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZWYifQ.c2lnbmF0dXJl-2_";

std::string token_answer(const std::string& token) {
    return R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":")" + token +
           R"("},{"name":"expiration","valueDateTime":"2026-02-10T11:30:00.000Z"},)" +
           R"({"name":"websocket-url","valueUrl":"ws://127.0.0.1/ws/subscriptions-r4"}]})";
}

} // namespace

TEST_CASE("a binding token becomes an alias, and the rest of the answer stays") {
    Vault vault;
    const std::string text = vault.redact(token_answer(jwt_1));
    CHECK(text == token_answer("<binding-token-1>"));
}

TEST_CASE("a binding token that is no JWT becomes an alias too, however it is spelled") {
    Vault vault;
    const std::string text = vault.redact(R"({"parameter":[{"valueString":"op\u0061que\/\"token","name":"token"}]})");
    CHECK(text == R"({"parameter":[{"valueString":"<binding-token-1>","name":"token"}]})");
    CHECK(vault.reveal(R"({"token":"<binding-token-1>"})") == R"({"token":"opaque/\"token"})");
}

TEST_CASE("aliases are numbered in the order in which secrets are first seen, and a known one keeps its alias") {
    Vault vault;
    CHECK(vault.redact(token_answer(jwt_1)) == token_answer("<binding-token-1>"));
    CHECK(vault.redact(token_answer(jwt_2)) == token_answer("<binding-token-2>"));
    CHECK(vault.redact(token_answer(jwt_1)) == token_answer("<binding-token-1>"));
    CHECK(vault.redact("bad token " + jwt_2 + "!") == "bad token <binding-token-2>!");
}

TEST_CASE("a frame sent by the engine carries the token again") {
    Vault vault;
    static_cast<void>(vault.redact(token_answer(jwt_1)));
    static_cast<void>(vault.redact(token_answer(jwt_2)));
    CHECK(vault.reveal(R"({"type":"bind-with-token","payload":{"token":"<binding-token-2>"}})") ==
          R"({"type":"bind-with-token","payload":{"token":")" + jwt_2 + R"("}})");
    CHECK(vault.reveal("<binding-token-1><binding-token-2>") == jwt_1 + jwt_2);
}

TEST_CASE("an alias that was never given out, or is not of a binding token, is not replaced") {
    Vault vault;
    const Secret secret("very-secret-value");
    vault.protect("client-secret", secret);
    CHECK(vault.redact("very-secret-value") == "<client-secret-1>");
    for (const char* text : {"<client-secret-1>", "<binding-token-1>", "<binding-token-", "<binding-token->", "a < b"})
        CHECK(vault.reveal(text) == text);
}

TEST_CASE("members that hold credentials are replaced wherever they stand") {
    Vault vault;
    CHECK(
        vault.redact(
            R"({"access_token" : "opaque-a","x":{"refresh_token":"r\"q"},"id_token":"i","client_secret":"s","expires_in":3600})") ==
        R"({"access_token" : "<access-token-1>","x":{"refresh_token":"<refresh-token-1>"},"id_token":"<id-token-1>","client_secret":"<client-secret-1>","expires_in":3600})");
    CHECK(vault.redact(R"({"resourceType":"ClientApplication","secret":"s","retiringSecret":"t"})") ==
          R"({"resourceType":"ClientApplication","secret":"<client-secret-1>","retiringSecret":"<client-secret-2>"})");
}

TEST_CASE("what only looks a little like a secret stays as it is") {
    Vault vault;
    for (const char* text : {R"({"resourceType":"Task","id":"1","note":"the access_token is secret"})",
                             R"({"secret":true,"id_token":null})", R"({"secrets":"plain","no_secret_token":"x"})",
                             "eyJ", "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9.abc", "eyJhbGciOiJFUzI1NiJ9..x",
                             R"({"access_token":""})", R"({"access_token":)", R"({"access_token")", "",
                             R"({"name":"tokens","valueString":"x"})", R"({"name":"token","valueCode":"x"})"})
        CHECK(vault.redact(text) == text);
}

TEST_CASE("a JWT is replaced in any text, once for each") {
    Vault vault;
    CHECK(vault.redact("Bearer " + jwt_1 + ", then " + jwt_2 + " and " + jwt_1) ==
          "Bearer <jwt-1>, then <jwt-2> and <jwt-1>");
    CHECK(vault.redact("<html>" + jwt_1) == "<html><jwt-1>");
}

TEST_CASE("a protected value is replaced wherever it stands, unless it is too short to tell from a word") {
    Vault vault;
    vault.protect("client-secret", Secret("s3cr3t-value"));
    vault.protect("client-secret", Secret("Task"));
    CHECK(vault.redact("Invalid secret s3cr3t-value for Task (s3cr3t-value)") ==
          "Invalid secret <client-secret-1> for Task (<client-secret-1>)");
}

TEST_CASE("a protected JWT keeps the alias of its kind") {
    Vault vault;
    vault.protect("access-token", Secret(jwt_1));
    CHECK(vault.redact("x " + jwt_1) == "x <access-token-1>");
}

TEST_CASE("the vault forgets the oldest binding tokens, so that a server cannot fill the memory") {
    Vault vault;
    for (std::size_t i = 0; i <= Vault::max_binding_tokens; ++i)
        static_cast<void>(vault.redact(token_answer("token-" + std::to_string(i))));
    CHECK(vault.reveal("<binding-token-1>") == "<binding-token-1>");
    CHECK(vault.reveal("<binding-token-2>") == "token-1");
}

TEST_CASE("a binding token that is no JWT is found again where the server repeats it") {
    Vault vault;
    static_cast<void>(vault.redact(token_answer("opaque-token")));
    CHECK(vault.redact(R"({"text":"opaque-token failed to validate"})") ==
          R"({"text":"<binding-token-1> failed to validate"})");
}

TEST_CASE("a damaged token answer gives away neither the JWT in it nor crashes") {
    Vault vault;
    const std::string text = token_answer(jwt_1);
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK(vault.redact(text.substr(0, size)).find("c2lnbmF0dXJl-1_") == std::string::npos);
}

} // namespace fhirscope::runtime
