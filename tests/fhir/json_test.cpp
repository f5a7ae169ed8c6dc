#include "fhir/json.hpp"

#include "fhir/number.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

// ---- the tree ----

TEST_CASE("a tree is built from valid text and written back") {
    const auto tree = parse_json(R"( {"a":[1,2.5,-3],"b":"é\u00e9","c":null} )");
    REQUIRE(tree.has_value());
    CHECK(to_text(*tree) == R"({"a":[1,2.5,-3],"b":"éé","c":null})");
    CHECK(string_at(*tree, "b") == "éé");
    CHECK(string_at(*tree, "a").empty());
    CHECK(string_at(*tree, "missing").empty());
    CHECK(string_at((*tree)["a"], "x").empty());
}

TEST_CASE("a tree is refused with code and offset") {
    const auto [given, code, offset] = GENERATE(table<std::string, ErrorCode, std::size_t>({
        {"", ErrorCode::Malformed, 0},
        {"{\"a\":}", ErrorCode::Malformed, 5},
        {"{} {}", ErrorCode::Malformed, 3},
        {std::string("{}\0{}", 5), ErrorCode::Malformed, 2},
        {"\xEF\xBB\xBF{}", ErrorCode::Malformed, 0},
        {"\"\xFF\"", ErrorCode::Malformed, 1},
        {samples::nested_arrays(65), ErrorCode::TooDeep, 65},
        {std::string(100'000, '['), ErrorCode::TooDeep, 65},
        {std::string((4u << 20) + 1, ' '), ErrorCode::TooLarge, 4u << 20},
    }));
    const auto tree = parse_json(given);
    INFO(given.substr(0, 80));
    REQUIRE_FALSE(tree.has_value());
    CHECK(tree.error().code == code);
    CHECK(tree.error().offset == offset);
}

TEST_CASE("an escape that is half of a surrogate pair is refused") {
    CHECK_FALSE(parse_json("\"\\udc00\"").has_value());
    CHECK_FALSE(parse_json("\"\\ud800\"").has_value());
    CHECK(parse_json("\"\\ud83d\\ude00\"").has_value());
}

TEST_CASE("pretty text keeps numbers and escapes as they were written") {
    CHECK(pretty(R"({"a":1.00,"b":["x\u0041",{"c":{}},[]],"d":true})") == R"({
  "a": 1.00,
  "b": [
    "x\u0041",
    {
      "c": {}
    },
    []
  ],
  "d": true
})");
    CHECK(pretty("7") == "7");
    CHECK(pretty("{ }") == "{}");
    CHECK(pretty("not JSON {") == "not JSON {");
}

TEST_CASE("quoted text reads back as it was") {
    const std::string text = "a \"b\" \\ \n \x01 é";
    const auto tree = parse_json(quote(text));
    REQUIRE(tree.has_value());
    CHECK(std::string(tree->GetString(), tree->GetStringLength()) == text);
}

// ---- slices ----

TEST_CASE("a slice walks members and elements as they stand") {
    const Slice slice(R"({"a" : [1, "x, ] \" }" , {"b":null}], "c":true})");
    CHECK(slice.member("c").text() == "true");
    std::vector<std::string> elements;
    slice.member("a").each_element([&](Slice element) { elements.emplace_back(element.text()); });
    CHECK(elements == std::vector<std::string>{"1", R"("x, ] \" }")", R"({"b":null})"});
    CHECK_FALSE(slice.member("b").exists());
    CHECK(slice.member("b").kind() == Slice::Kind::None);
}

TEST_CASE("a slice undoes escapes where a string is asked for") {
    CHECK(Slice(R"("a\nb\u00e9\ud83d\ude00\/\"")").string() == "a\nbé\xF0\x9F\x98\x80/\"");
    CHECK(Slice(R"("\u0061")").is_string("a"));
    CHECK(Slice(R"({"\u0061":1})").member("a").text() == "1");
}

TEST_CASE("a slice of text that is not JSON is harmless") {
    for (const char* given :
         {"{", "{\"a", "{\"a\":", "[1", "[\"", "\"", "{]", "[}", "{\"a\"}", "[,]", "\\", "{\"\\", "[[[["}) {
        INFO(given);
        const Slice slice(given);
        std::size_t visited = 0;
        slice.each_element([&](Slice) { ++visited; });
        slice.each_member([&](std::string_view, Slice) { ++visited; });
        CHECK(visited <= 4);
        CHECK(slice.string().size() <= 4);
    }
}

// ---- numbers ----

TEST_CASE("numbers are read exactly, and what no number can hold is refused") {
    const auto read = [](const std::string& text) {
        auto json = parse_json("[" + text + "]");
        REQUIRE(json);
        return std::move(*json);
    };
    CHECK(read("18446744073709551615")[0].GetUint64() == UINT64_MAX);
    CHECK(read("-9223372036854775808")[0].GetInt64() == INT64_MIN);
    CHECK(read("-1")[0].GetInt() == -1);
    CHECK(read("37.2")[0].GetDouble() == 37.2);
    CHECK(to_text(read("37.2")) == "[37.2]");
    CHECK(read("0E99")[0].GetDouble() == 0);
    CHECK(read("-0E99")[0].GetDouble() == 0);
    CHECK(read("18446744073709551616")[0].GetDouble() == 18446744073709551616.0);
    CHECK(read("1e-400")[0].GetDouble() == 0);
    const auto huge = parse_json("[1e400]");
    REQUIRE_FALSE(huge);
    CHECK(huge.error().code == ErrorCode::Malformed);
    CHECK(huge.error().message.find("too big") != std::string::npos);
}

TEST_CASE("numbers are equal by value, exactly") {
    const auto [a, b, same] = GENERATE(table<const char*, const char*, bool>({
        {"1.0", "1.00", true},
        {"10", "1e1", true},
        {"10e-1", "1", true},
        {"0", "-0.0", true},
        {"0.5", "5E-1", true},
        {"-2.50", "-2.5", true},
        {"1", "-1", false},
        {"1", "10", false},
        {"0.1", "0.10000000000000001", false}, // one double, two decimals
        {"9007199254740993", "9007199254740992", false},
        {"1e400", "1e401", false},
    }));
    INFO(a << " and " << b);
    CHECK(is_same_number(a, b) == same);
    CHECK(is_same_number(b, a) == same);
}

// ---- references ----

TEST_CASE("a reference is reduced to type and id") {
    CHECK(local_reference("Task/1") == "Task/1");
    CHECK(local_reference("https://h/fhir/R4/Task/1") == "Task/1");
    CHECK(local_reference("https://h/fhir/R4/Task/1/_history/2") == "Task/1");
    for (const char* other : {"", "Task", "Task/", "/Task", "task/1", "#1", "urn:uuid:1", "Task?x=1", "Task/a b", "/1"})
        CHECK(local_reference(other).empty());
    CHECK(reference_id("Subscription/s1") == "s1");
    CHECK(reference_id("s1") == "s1");
    CHECK(reference_id("a b").empty());
    CHECK(is_reference("Task/1"));
    for (const char* other : {"", "Task", "https://host/fhir/R4/Task/1", "Task/1/_history/2", "task/1"})
        CHECK_FALSE(is_reference(other));
    CHECK(type_part("Task/1") == "Task");
    CHECK(id_part("Task/1") == "1");
}

// ---- text ----

TEST_CASE("lower case and folding know the letters of names") {
    CHECK(to_lower("MARÍA Ñandú ŁÓDŹ ΑΘΗΝΑ Ёлка Ÿ ẞ") == "maría ñandú łódź αθηνα ёлка ÿ ß");
    CHECK(fold("MARÍA Ñandú Łódź Straße Čapek Ægir Ωμέγα Ё") == "maria nandu lodz strasse capek aegir ωμεγα е");
    CHECK(fold("e\xCC\x81") == "e"); // a combining accent
    CHECK(fold("Øyvind ĦŊŦ Þór İstanbul ﬁ ŉ") == "oyvind hnt thor istanbul fi ʼn");
    CHECK(fold("ΣΊΣΥΦΟΣ ς") == "σισυφοσ σ");
    CHECK(fold("ԱՐԱՄ Ⴀ Ⅷ") == "արամ ⴀ ⅷ");                 // letters of any script
    CHECK(fold("한국 がぎ कि ไทย") == "한국 がぎ कि ไทย"); // whose marks are no accents
    CHECK(fold("A\xFF\xC3"
               "É") ==
          "a\xFF\xC3"
          "e");
    CHECK(to_lower("日本") == "日本");
    CHECK(to_lower("\xFF\x41") == "\xFF\x61"); // a stray byte is passed on
}

TEST_CASE("UTF-8 is checked wherever the bad byte stands") {
    for (const std::size_t before : {0u, 1u, 7u, 8u, 31u, 63u, 64u, 65u, 130u})
        for (const std::size_t after : {0u, 1u, 8u, 70u}) {
            const std::string good = std::string(before, 'a') + "é" + std::string(after, 'b');
            CHECK(find_invalid_utf8(good) == std::string::npos);
            CHECK(find_invalid_utf8(std::string(before, 'a') + '\xFF' + std::string(after, 'b')) == before);
        }
}
