#include "server/json_patch.hpp"

#include "fhir/json.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;

namespace {

std::string patched(std::string_view document, std::string_view patch) {
    auto target = fhir::parse_json(document);
    auto operations = fhir::parse_json(patch);
    REQUIRE(target);
    REQUIRE(operations);
    auto applied = server::apply_json_patch(*target, *operations);
    return applied ? fhir::to_text(*target)
                   : std::string(to_string(applied.error().code)) + ": " + applied.error().message;
}

} // namespace

TEST_CASE("JSON Patch adds members and array items, and replaces what is there") {
    CHECK(patched(R"({"a":1})", R"([{"op":"add","path":"/b","value":[2]}])") == R"({"a":1,"b":[2]})");
    CHECK(patched(R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])") == R"({"a":[1,2,3]})");
    CHECK(patched(R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])") == R"({"a":[1,2]})");
    CHECK(patched(R"({"a":1})", R"([{"op":"replace","path":"/a","value":{"b":2}}])") == R"({"a":{"b":2}})");
}

TEST_CASE("JSON Patch removes, moves and copies") {
    CHECK(patched(R"({"a":1,"b":2,"c":3})", R"([{"op":"remove","path":"/b"}])") == R"({"a":1,"c":3})");
    CHECK(patched(R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/0"}])") == R"({"a":[2,3]})");
    CHECK(patched(R"({"a":{"x":1}})", R"([{"op":"move","from":"/a/x","path":"/y"}])") == R"({"a":{},"y":1})");
    CHECK(patched(R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"}])") == R"({"a":{"x":1},"b":{"x":1}})");
}

TEST_CASE("JSON pointers unescape ~0 and ~1") {
    CHECK(patched(R"({"a/b":1,"c~d":2})",
                  R"([{"op":"replace","path":"/a~1b","value":3},{"op":"remove","path":"/c~0d"}])") == R"({"a/b":3})");
}

TEST_CASE("A failing test says what was compared") {
    CHECK(patched(R"({"birthDate":"1990-01-03"})", R"([{"op":"test","path":"/birthDate","value":"1900-01-01"}])") ==
          "invalid: Test failed: 1990-01-03 != 1900-01-01");
    CHECK(patched(R"({"a":1})", R"([{"op":"test","path":"/a","value":1}])") == R"({"a":1})");
}

TEST_CASE("A patch that cannot be applied names the path") {
    CHECK(patched(R"({"a":1})", R"([{"op":"remove","path":"/b"}])") == "invalid: Path does not exist: /b");
    CHECK(patched(R"({"a":1})", R"([{"op":"replace","path":"/b/c","value":1}])") ==
          "invalid: Path does not exist: /b/c");
    CHECK(patched(R"({"a":[1]})", R"([{"op":"add","path":"/a/7","value":1}])") == "invalid: Path does not exist: /a/7");
    CHECK(patched(R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])") ==
          "invalid: Cannot move /a into itself");
    CHECK(patched(R"({"a":1})", R"([{"op":"frobnicate","path":"/a"}])") == "invalid: Invalid operation: frobnicate");
    CHECK(patched(R"({"a":1})", R"({"op":"remove","path":"/a"})").starts_with("invalid: "));
    CHECK(patched(R"({"a":1})", R"([7])").starts_with("invalid: "));
}
