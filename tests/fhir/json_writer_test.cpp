#include "fhir/json_writer.hpp"

#include "fhir/json.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

using namespace fhirscope::fhir;

TEST_CASE("objects, arrays and values come out in the order in which they were written") {
    JsonWriter json;
    json.object().member("text", "a").member("yes", true).member("big", std::numeric_limits<std::uint64_t>::max());
    json.member("small", -1).null("nothing").member("none", std::optional<int>()).member("one", std::optional(1));
    json.array("list").value("b").raw("1.00").object().end().array().end().end();
    json.decimal("ms", 1.25, 3).decimal("endless", std::numeric_limits<double>::infinity(), 1).end();
    CHECK(json.take() ==
          R"({"text":"a","yes":true,"big":18446744073709551615,"small":-1,"nothing":null,"none":null,"one":1,)"
          R"("list":["b",1.00,{},[]],"ms":1.250,"endless":null})");
}

TEST_CASE("every control character is escaped, however long the string is") {
    for (const std::size_t before : {0, 1, 15, 16, 17, 40, 70}) {
        for (int c = 0; c < 0x20; ++c) {
            const std::string text = std::string(before, 'x') + static_cast<char>(c) + std::string(40, 'y');
            JsonWriter json;
            json.object().member(text, text).end();
            for (const std::string& written : {quote(text), json.take(), to_text(*parse_json(quote(text)))}) {
                INFO(before << " characters before " << c);
                CHECK(written.find(static_cast<char>(c)) == std::string::npos);
                CHECK(parse_json(written).has_value());
            }
        }
    }
}

TEST_CASE("escapes are JSON's short ones where there are any") {
    CHECK(quote("\b\t\n\v\f\r\x1b\"\\/") == R"("\b\t\n\u000B\f\r\u001B\"\\/")");
}

TEST_CASE("bytes that are not UTF-8 are replaced") {
    CHECK(quote("a\xff\xf0\x9f") == "\"a\uFFFD\uFFFD\uFFFD\"");
    JsonWriter json;
    json.array().value("\xf0\x9f\x98").end();
    CHECK(parse_json(json.take()).has_value());
}

TEST_CASE("what is kept stays byte for byte") {
    const std::string kept = "{\"a\" : 1.00,\"b\\u0041\":\"\\/é\u202E\"}";
    JsonWriter json;
    json.object().raw("kept", kept).object("more").members_of(kept).member("c", 1).end().end();
    CHECK(json.take() == "{\"kept\":" + kept + ",\"more\":{\"a\":1.00,\"b\\u0041\":\"\\/é\u202E\",\"c\":1}}");
}

TEST_CASE("the size counts the bytes so far") {
    JsonWriter json;
    json.object().member("a", 1);
    const std::size_t size = json.size();
    json.member("b", 2).end();
    CHECK(json.take().substr(size) == ",\"b\":2}");
}
