#include "fhir/json_place.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope::fhir;

TEST_CASE("a byte's line counts from 1") {
    CHECK(line_of("", 0) == 1);
    CHECK(line_of("a\nb\nc", 0) == 1);
    CHECK(line_of("a\nb\nc", 2) == 2);
    CHECK(line_of("a\nb\nc", 99) == 3);
}

TEST_CASE("a value is found by its path, else the nearest that there is") {
    const std::string text = "{\n \"a\": [\n  {\"b\": 1},\n  {\"b\": 2}\n ]\n}";
    const auto line = [&](std::initializer_list<std::string_view> path) {
        return line_of(text, offset_of(text, nearest(text, path).text()));
    };
    CHECK(nearest(text, {"a", "1", "b"}).text() == "2");
    CHECK(line({"a", "1", "b"}) == 4);
    CHECK(line({"a", "7"}) == 2);
    CHECK(line({"a", "x"}) == 2);
    CHECK(line({"z"}) == 1);
    CHECK(at_line("f.json", text, offset_of(text, nearest(text, {"a", "0"}).text())) == "f.json:3");
    CHECK(offset_of(text, std::string_view("elsewhere")) == 0);
}
