#include "runtime/vault.hpp"

#include "fhir/json.hpp"
#include "session/redact.hpp"
#include "support/secret_forms.hpp"
#include "support/wild_task.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>
#include <vector>

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
    const std::string text =
        vault.redact(R"({"parameter": [{"valueString":"op\u0061que\/\"token","n\u0061me":"token"}]})");
    CHECK(text == R"({"parameter": [{"valueString":"<binding-token-1>","n\u0061me":"token"}]})");
    const auto frame = fhir::parse_json(vault.reveal(R"({"token":"<binding-token-1>"})"));
    REQUIRE(frame);
    CHECK(fhir::string_at(*frame, "token") == R"(opaque/"token)");
    CHECK(vault.reveal("bind-with-token <binding-token-1>") == R"(bind-with-token opaque/"token)");
}

TEST_CASE("a binding token that is spelled like an alias is sent as the server gave it") {
    Vault vault;
    CHECK(vault.redact(token_answer("<binding-token-7>")) == token_answer("<=binding-token-7>"));
    CHECK(vault.reveal(R"({"token":"<=binding-token-7>"})") == R"({"token":"<binding-token-7>"})");
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
    REQUIRE(vault.protect("client-secret", Secret("very-secret-value")));
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
    REQUIRE(vault.protect("client-secret", Secret("s3cr3t-value")));
    REQUIRE(vault.protect("client-secret", Secret("Task")));
    CHECK(vault.redact("Invalid secret s3cr3t-value for Task (s3cr3t-value)") ==
          "Invalid secret <client-secret-1> for Task (<client-secret-1>)");
}

TEST_CASE("a protected JWT keeps the alias of its kind") {
    Vault vault;
    REQUIRE(vault.protect("access-token", Secret(jwt_1)));
    CHECK(vault.redact("x " + jwt_1) == "x <access-token-1>");
}

TEST_CASE("no token is forgotten within a session, and more than can be kept are refused") {
    Vault vault;
    REQUIRE(vault.protect("client-secret", Secret("very-secret-value")));
    constexpr std::size_t most = session::SecretFinder::max_values;
    for (std::size_t i = 0; i < most; ++i)
        REQUIRE(vault.protect("access-token", Secret("rotating-" + std::to_string(i))));
    CHECK_FALSE(vault.protect("access-token", Secret("one-too-many")));
    for (std::size_t i = 0; i < most; ++i)
        static_cast<void>(vault.redact(token_answer("binding-" + std::to_string(i))));
    CHECK(vault.reveal("<binding-token-1>") == "binding-0");
    CHECK(vault.redact("very-secret-value rotating-0 binding-0") ==
          "<client-secret-1> <access-token-1> <binding-token-1>");
}

TEST_CASE("what a server sent can be had again to the byte, whatever it was") {
    const std::string opaque = "opaque/token+7f3a9c1d55e0";
    Vault vault;
    REQUIRE(vault.protect("access-token", Secret(opaque)));
    std::vector<std::string> forms;
    for (const auto& form : tests::forms_of(opaque)) forms.push_back(form.text);
    tests::WildTasks tasks(11, forms);
    for (int i = 0; i < 3'000; ++i) {
        const std::string text = tasks.next("a").text("1", "2026-02-10T10:30:00.000Z", "requested");
        const std::string seen = vault.redact(text);
        INFO(text << "\n" << seen);
        REQUIRE(fhir::parse_json(seen));
        REQUIRE(tests::form_in(seen, opaque) == "");
        REQUIRE(seen.find(tests::wild_jwt) == std::string::npos);
        REQUIRE(vault.restore(seen, Vault::Place::Json) == text);
        REQUIRE(session::Redactor().apply(seen) == std::nullopt); // so a recording holds what the engine saw
    }
}

TEST_CASE("what is no JSON can be had again to the byte, too") {
    std::mt19937_64 random(12);
    static const std::vector<std::string> parts{"\\",
                                                "\\u",
                                                "003c",
                                                "<",
                                                "=",
                                                "jwt",
                                                "-",
                                                "1>",
                                                "<jwt-1>",
                                                "\"",
                                                "\\u003c",
                                                "<=",
                                                "\\u12",
                                                jwt_1,
                                                "secret-12345678",
                                                "%3C",
                                                "access_token="};
    Vault vault;
    REQUIRE(vault.protect("client-secret", Secret("secret-12345678")));
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t n = 1 + random() % 12; n > 0; --n) text += parts[random() % parts.size()];
        const std::string seen = vault.redact(text);
        INFO(text << "\n" << seen);
        REQUIRE(vault.restore(seen, Vault::Place::Json) == text);
        REQUIRE(seen.find("secret-12345678") == std::string::npos);
    }
}

TEST_CASE("what a server writes like an alias stands for itself, and for no hidden text") {
    Vault vault;
    REQUIRE(vault.protect("client-secret", Secret("very-secret-value")));
    static_cast<void>(vault.redact("a link " + jwt_1));
    const std::string planted = R"({"a":"<jwt-1> <client-secret-1>","b":"\u003cjwt-1>"})";
    const std::string seen = vault.redact(planted);
    CHECK(seen == R"({"a":"<=jwt-1> <=client-secret-1>","b":"\u003c=jwt-1>"})");
    // Also when a person has edited the field, and its escapes are gone.
    CHECK(vault.restore(R"({"b":"<=jwt-1>"})", Vault::Place::Json) == R"({"b":"<jwt-1>"})");
}

TEST_CASE("our own secret is put back only where a server has sent it") {
    Vault vault;
    REQUIRE(vault.protect("client-secret", Secret("very-secret-value")));
    CHECK_FALSE(vault.restore("<client-secret-1>", Vault::Place::Json));
    CHECK(vault.redact_message("invalid secret very-secret-value") == "invalid secret <client-secret-1>");
    CHECK_FALSE(vault.restore("<client-secret-1>", Vault::Place::Json));
    CHECK(vault.redact(R"({"note":"very-secret-value"})") == R"({"note":"<client-secret-1>"})");
    CHECK(vault.restore("<client-secret-1>", Vault::Place::Json) == "very-secret-value");
}

TEST_CASE("an alias that stands for nothing known cannot be put back") {
    Vault vault;
    const auto restored = vault.restore(R"({"a":"<jwt-1>"})", Vault::Place::Json);
    REQUIRE_FALSE(restored);
    CHECK(restored.error().code == ErrorCode::Hidden);
    CHECK(restored.error().message.find("<jwt-1>") != std::string::npos);
}

TEST_CASE("aliases of an earlier session are not given out again") {
    Vault vault;
    vault.continue_after(std::string("\0\1", 2) + R"({"a":"<jwt-41> <=jwt-99>"})");
    CHECK(vault.redact(jwt_1) == "<jwt-42>");
    CHECK_FALSE(vault.restore("<jwt-41>", Vault::Place::Json));
}

TEST_CASE("hidden texts are forgotten when they become too many, and are not mistaken for others") {
    Vault vault;
    const auto link = [](int i) {
        return "eyJhbGciOiJFUzI1NiJ9." + std::to_string(100'000 + i) + "." + std::string(1u << 20, 'x');
    };
    for (int i = 0; i < 70; ++i) static_cast<void>(vault.redact(link(i)));
    CHECK_FALSE(vault.restore("<jwt-1>", Vault::Place::Json));
    CHECK(vault.restore("<jwt-70>", Vault::Place::Json) == link(69));
    CHECK(vault.redact(link(0)) == "<jwt-71>");
}

TEST_CASE("in a header or an address a hidden text stands as it reads") {
    Vault vault;
    CHECK(vault.redact(R"({"access_token":"a\/b\u0063"})") == R"({"access_token":"<access-token-1>"})");
    CHECK(vault.restore("W/\"<access-token-1>\"", Vault::Place::Plain) == "W/\"a/bc\"");
    CHECK(vault.restore("<access-token-1>", Vault::Place::Json) == R"(a\/b\u0063)");
}

TEST_CASE("what a person types is hidden, and names only what the resource itself has") {
    Vault vault;
    static_cast<void>(vault.redact(jwt_1 + " " + jwt_2));
    const std::vector<std::string_view> own{R"({"note":"<jwt-2>"})"};
    const std::string typed = vault.redact_typed(R"("new <jwt-2> and )" + jwt_1 + R"( <=jwt-1>")", own);
    CHECK(typed == R"("new <jwt-2> and <jwt-1> <=jwt-1>")");
    CHECK(vault.restore(typed, Vault::Place::Json) == R"("new )" + jwt_2 + " and " + jwt_1 + R"( <jwt-1>")");
    CHECK(vault.redact_typed(R"("<jwt-1> \u003cjwt-1>")", own) == R"("<foreign-1> <foreign-1>")");
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
