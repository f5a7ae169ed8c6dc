#include "engine/alias.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope;

namespace {

// "jwt 3 ==" for each.
std::string aliases_in(const std::string& text) {
    std::string all;
    engine::AliasScanner scanner(text);
    while (const auto alias = scanner.next())
        all += (all.empty() ? "" : ", ") + std::string(alias->kind) + " " + std::to_string(alias->number) +
               (alias->equal_signs > 0 ? " " + std::string(alias->equal_signs, '=') : "");
    return all;
}

} // namespace

TEST_CASE("the names of hidden texts are found, as themselves and as JSON escapes") {
    CHECK(aliases_in("a <jwt-1> b<binding-token-23><=access-token-4>") == "jwt 1, binding-token 23, access-token 4 =");
    CHECK(aliases_in(R"(\u003cjwt-1> \u003C=jwt\u002d2\u003e <\u003d\u003djwt-3>)") == "jwt 1, jwt 2 =, jwt 3 ==");
    CHECK(aliases_in(R"(<<jwt-1><jwt-2)") == "jwt 1");
}

TEST_CASE("what only resembles the name of a hidden text is none") {
    for (const char* text : {"",
                             "<",
                             "<jwt->",
                             "<jwt-0>",
                             "<jwt-01>",
                             "<jwt 1>",
                             "<Jwt-1>",
                             "<jwt-1",
                             "jwt-1>",
                             "<jwt-1234567890123456>",
                             "<other-1>",
                             "<h-1>",
                             "<=>",
                             "<-1>",
                             "<jwt--1>",
                             R"(\\u003cjwt-1>)",
                             R"(\<jwt-1>)",
                             R"(<jwt\n-1>)",
                             R"(\u003)",
                             R"(\u00)",
                             R"(\)",
                             "< jwt-1>",
                             "<access-token-binding-1>"}) {
        INFO(text);
        CHECK(aliases_in(text).empty());
    }
    CHECK(engine::is_alias("<jwt-1>"));
    for (const char* text : {"<=jwt-1>", "<jwt-1> ", " <jwt-1>", R"(\u003cjwt-1>)"})
        CHECK_FALSE(engine::is_alias(text));
}

TEST_CASE("a text full of beginnings is read in one pass") {
    std::string text;
    while (text.size() < (4u << 20)) text += R"(\u003cjwt-1\\<=====)";
    CHECK(aliases_in(text).empty());
    text.clear();
    while (text.size() < (4u << 20)) text += R"(\u003c=jwt-1>)";
    engine::AliasScanner scanner(text);
    std::size_t count = 0;
    while (scanner.next()) ++count;
    CHECK(count == text.size() / std::string(R"(\u003c=jwt-1>)").size());
}
