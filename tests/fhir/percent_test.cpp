#include "fhir/percent.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope::fhir;

TEST_CASE("percent encoding is undone, and what is not an encoding is kept") {
    CHECK(percent_decode("a%20b+c") == "a b c");
    CHECK(percent_decode("%2B1") == "+1");
    CHECK(percent_decode("%c3%A9") == "é");
    CHECK(percent_decode("100%") == "100%");
    CHECK(percent_decode("%zz%4") == "%zz%4");
}

TEST_CASE("an encoded value reads back the same") {
    CHECK(percent_encode("Practitioner/1,http://x|y$z-~._", plain_in_search) == "Practitioner/1,http://x|y$z-~._");
    CHECK(percent_encode("a b+c&d=e%f?#\\\"é") == "a%20b%2Bc%26d%3De%25f%3F%23%5C%22%C3%A9");
    std::string all;
    for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
    CHECK(percent_decode(percent_encode(all)) == all);
    CHECK(percent_decode(percent_encode(all, plain_in_search, HexDigits::Lower)) == all);
    CHECK(percent_encode("a/b,c:d") == "a%2Fb%2Cc%3Ad");
    CHECK(percent_encode("/ü", "/", HexDigits::Lower) == "/%c3%bc");
}
