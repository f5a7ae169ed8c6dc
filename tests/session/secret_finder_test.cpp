#include "session/secret_finder.hpp"

#include "support/secret_forms.hpp"
#include "support/wild_task.hpp"

#include <catch2/catch_all.hpp>

#include <random>
#include <string>

using namespace fhirscope;
using namespace fhirscope::tests;
using session::FoundSecret;
using session::SecretFinder;

namespace {

const std::string opaque = "opaque/token+7f3a9c1d55e0~A";

std::string without(SecretFinder& finder, const std::string& text) {
    std::string out;
    std::size_t done = 0;
    for (const FoundSecret& secret : finder.find(text)) {
        REQUIRE(secret.begin >= done);
        REQUIRE(secret.end <= text.size());
        REQUIRE(secret.end > secret.begin);
        out.append(text, done, secret.begin - done).append("#");
        done = secret.end;
    }
    return out.append(text, done);
}

std::string random_secret(std::mt19937_64& random) {
    static constexpr std::string_view characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=!$ ";
    std::string secret;
    for (std::size_t i = 8 + random() % 120; i > 0; --i) secret += characters[random() % characters.size()];
    return secret;
}

} // namespace

TEST_CASE("a secret that was told is found in every form in which it can come back") {
    SecretFinder finder;
    REQUIRE(finder.tell("client-secret", opaque));
    for (const SecretForm& form : forms_of(opaque)) {
        INFO(form.name << ": " << form.text);
        for (const std::string around : {"", " ", "x", "\\n", "=", "/", "aGVsbG8", "%20"}) {
            INFO(around);
            const std::string text = R"({"a":")" + around + form.text + around + R"(","b":"c"})";
            const std::string clean = without(finder, text);
            CHECK(form_in(clean, opaque) == "");
            CHECK(clean.find('#') != clean.npos);
            CHECK(clean.starts_with(R"({"a":")"));
            CHECK(clean.ends_with(R"(","b":"c"})"));
        }
    }
}

TEST_CASE("any secret is found at any place, among thousands of others") {
    std::mt19937_64 random(7);
    SecretFinder finder;
    std::vector<std::string> secrets;
    for (int i = 0; i < 2'000; ++i) {
        secrets.push_back(random_secret(random));
        REQUIRE(finder.tell("access-token", secrets.back()));
    }
    WildTasks tasks(8);
    for (const std::string& secret : secrets) {
        const auto forms = forms_of(secret);
        // Those that are cut short are tried with longer secrets.
        const SecretForm& form = forms[random() % (forms.size() - 2)];
        INFO(secret << " " << form.name << ": " << form.text);
        const std::string text = tasks.characters() + form.text + tasks.characters();
        bool found = false;
        for (const FoundSecret& one : finder.find(text)) found |= one.value != 0;
        CHECK(found);
        CHECK(without(finder, text).find(form.text) == std::string::npos);
    }
}

TEST_CASE("ordinary resources have no secrets in them") {
    std::mt19937_64 random(9);
    SecretFinder finder;
    for (int i = 0; i < 500; ++i) REQUIRE(finder.tell("access-token", random_secret(random)));
    for (const std::string text :
         {R"({"resourceType":"Task","id":"1","note":"the access_token is secret"})",
          R"({"secret":true,"id_token":null})", R"({"secrets":"plain","no_secret_token":"x"})", "eyJ",
          "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9.abc", "eyJhbGciOiJFUzI1NiJ9..x", R"({"access_token":""})",
          R"({"access_token":)", R"({"access_token")", "", R"({"name":"tokens","valueString":"x"})",
          R"({"name":"token","valueCode":"x"})", R"({"note":"access_token: ","a":"b"})",
          R"({"client_secret":"<client-secret:main>","access_token":"<access-token-1>"})"}) {
        INFO(text);
        CHECK(finder.find(text).empty());
    }
}

TEST_CASE("a value that is named for a secret ends with its string, however that is escaped") {
    SecretFinder finder;
    for (const auto& [text, clean] : std::vector<std::pair<std::string, std::string>>{
             {R"({"secret":"a\"b","c":"d"})", R"({"secret":"#","c":"d"})"},
             {R"({"secret":"ab\\","c":"d"})", R"({"secret":"#","c":"d"})"},
             {R"({"x":"{\"secret\":\"a\\\"b\",\"c\":1}","d":"e"})", R"({"x":"{\"secret\":\"#\",\"c\":1}","d":"e"})"},
             {R"({"x":"{\"secret\":\"ab\\","d":"e"})", R"({"x":"{\"secret\":\"#","d":"e"})"},
             {R"({"x":"{\"secret\":\"","d":"e"})", R"({"x":"{\"secret\":\"","d":"e"})"},
             {R"({"x":"{\"secret\":","d":"e"})", R"({"x":"{\"secret\":","d":"e"})"},
             {R"({"x":"access_token=abc","d":"e"})", R"({"x":"access_token=#","d":"e"})"},
             {R"({"x":"access_token=","d":"e"})", R"({"x":"access_token=","d":"e"})"},
             {R"({"x":"%22secret%22%3A%22abc%22","d":"e"})", R"({"x":"%22secret%22%3A%22#%22","d":"e"})"}}) {
        INFO(text);
        CHECK(without(finder, text) == clean);
    }
}

TEST_CASE("only the answer that gives a binding token says what is one") {
    SecretFinder finder;
    finder.follow_binding_tokens();
    CHECK(without(finder, R"({"resourceType":"Task","input":[{"name":"token","valueString":"in-progress"}]})") ==
          R"({"resourceType":"Task","input":[{"name":"token","valueString":"in-progress"}]})");
    CHECK(without(finder, R"({"parameter":[{"name":"x","part":[{"valueString":"binding-one","name":"token"}]}]})") ==
          R"({"parameter":[{"name":"x","part":[{"valueString":"#","name":"token"}]}]})");
    CHECK(without(finder, R"({"entry":[{"resource":{"parameter":[{"name":"token","valueString":"binding-two"}]}}]})") ==
          R"({"entry":[{"resource":{"parameter":[{"name":"token","valueString":"#"}]}}]})");
    CHECK(without(finder, "binding-one in-progress binding-two") == "# in-progress #");
}

TEST_CASE("no escape is cut in two") {
    SecretFinder finder;
    REQUIRE(finder.tell("client-secret", "nopaque-1234567"));
    REQUIRE(finder.tell("client-secret", "0061secret-bytes"));
    CHECK(without(finder, R"("a\nopaque-1234567")") == R"("a#")");
    CHECK(without(finder, R"("\u0061secret-bytes")") == R"("#")");
}

TEST_CASE("nothing that was told is ever forgotten, and what would be too much is refused") {
    SecretFinder finder;
    REQUIRE(finder.tell("client-secret", opaque));
    for (std::size_t i = 0; i < SecretFinder::max_values; ++i)
        REQUIRE(finder.tell("access-token", "rotating-token-" + std::to_string(100'000 + i)));
    CHECK_FALSE(finder.tell("access-token", "one-token-more"));
    CHECK(finder.tell("access-token", "rotating-token-100000")); // it is known
    CHECK(finder.tell("refresh-token", "of-another-kind"));
    CHECK_FALSE(finder.tell("id-token", std::string(session::SecretIndex::max_size + 1, 'x')));
    CHECK(without(finder, "a " + opaque + " b rotating-token-100000 c") == "a # b # c");
}

TEST_CASE("a text that was made to be slow to search is hidden whole") {
    SecretFinder finder;
    for (int i = 0; i < 200; ++i)
        REQUIRE(finder.tell("binding-token",
                            std::string(4'000 + static_cast<std::size_t>(i), 'a') + std::string(4'200, 'b')));
    std::string text;
    while (text.size() < (1u << 20)) text += std::string(3'990, 'a') + "c";
    const auto found = finder.find(text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == "hidden");
    CHECK(found[0].begin == 0);
    CHECK(found[0].end == text.size());
}

TEST_CASE("a text full of names of secrets is read in one pass") {
    SecretFinder finder;
    for (const std::string part :
         {"client_secret=", R"("secret":")", R"(\"secret\":\")", "eyJaaaaaaa.", "&#47", "%2", "\\\\"}) {
        std::string text;
        while (text.size() < (1u << 20)) text += part;
        CHECK(finder.find(text).size() < text.size());
    }
}
