#include "fhir/harmless.hpp"

#include "fhir/json.hpp"
#include "fhir/utf8.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>
#include <string>

using namespace fhirscope::fhir;

namespace {

std::string any_bytes(std::mt19937& random, std::size_t size) {
    std::string text;
    while (text.size() < size)
        if (random() % 2 == 0)
            append_utf8(text, random() % 0x3000);
        else
            text.push_back(static_cast<char>(random() % 256));
    return text;
}

bool has_harm(std::string_view text) {
    while (!text.empty()) {
        const Character character = first_character(text);
        if (!character.valid || is_harmful(character.code_point)) return true;
        text.remove_prefix(character.size);
    }
    return false;
}

} // namespace

TEST_CASE("what a terminal acts on is written as an escape, the rest stays") {
    const auto [given, wanted] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"Åsa Müller 日本語 😀 \\ \"", "Åsa Müller 日本語 😀 \\ \""},
        {"\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"},
        {"a\r\nfhirscope: fake", "a\\r\\nfhirscope: fake"},
        {std::string("a\0b\tc\x7f", 6), "a\\x00b\\tc\\x7f"},
        {"\u0085\u009b31m", "\\u0085\\u009b31m"},
        {"\u202Egpj.exe\u2066\u200f\u061c", "\\u202egpj.exe\\u2066\\u200f\\u061c"},
        {"one\u2028two\u2029", "one\\u2028two\\u2029"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, // half of a surrogate pair
    }));
    CHECK(harmless(given) == wanted);
    CHECK(harmless(wanted) == wanted);
}

TEST_CASE("whatever the bytes are, what comes out is harmless UTF-8") {
    std::mt19937 random(4711);
    for (int i = 0; i < 2000; ++i) {
        const std::string text = any_bytes(random, random() % 60);
        INFO(quote(text));
        CHECK_FALSE(has_harm(harmless(text)));
        CHECK_FALSE(has_harm(quote(text)));
        const auto read = parse_json(quote(text));
        REQUIRE(read);
        if (find_invalid_utf8(text) == std::string::npos)
            CHECK(std::string_view(read->GetString(), read->GetStringLength()) == text);
    }
}

TEST_CASE("JSON keeps its value where it is made harmless") {
    const std::string json = "{\n\t\"a\u202E\": [\"x\u0085\x7f\", 1.00, \"\\u001b\"]\r\n}";
    const std::string shown = harmless_json(json);
    CHECK(shown == "{\n\t\"a\\u202e\": [\"x\\u0085\\u007f\", 1.00, \"\\u001b\"]\r\n}");
    CHECK(*parse_json(shown) == *parse_json(json));
    CHECK(harmless_json("\"\xff\"") == "\"\uFFFD\"");
}

TEST_CASE("a text for people takes its lines from the layout only") {
    const std::string name = "Anna\nfhirscope: fake\x1b[31m";
    const char* const word = name.empty() ? "none" : "some";
    Text text;
    text << "name  " << name << "\n" << word << " " << 3U << " " << -4 << "\n";
    CHECK(text.str() == "name  Anna\\nfhirscope: fake\\x1b[31m\nsome 3 -4\n");
    Text table;
    table << "a\n" << std::string_view("Åsa");
    table.pad_to(6) << "x";
    table.pad_to(2) << "y";
    table.pad_to(20);
    CHECK(table.trim().str() == "a\nÅsa   x y");
    Text whole;
    whole << table << "\n" << table;
    CHECK(whole.str() == table.str() + "\n" + table.str());
}
