#include "fhir/binding_token.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope::fhir;

namespace {

// A JWT with these claims, in base64url.
std::string with_claims(const std::string& claims) { return "e30." + claims + ".c2ln"; }

std::string end_of(const std::string& token) {
    const auto end = token_end(token);
    return end ? format_instant(*end) : "unknown";
}

} // namespace

TEST_CASE("a binding token ends when it says so itself") {
    CHECK(end_of(with_claims("eyJleHAiOjE3NzA3MTk0MTUsInN1YiI6Ilx1MDBlND8-fiJ9")) == "2026-02-10T10:30:15.000Z");
    CHECK(end_of(with_claims("eyJleHAiOjE3NzA3MTk0MTUuMjV9")) == "2026-02-10T10:30:15.250Z");
}

TEST_CASE("of a token that is no JWT, or does not say its end, none is known") {
    const std::string without_end = "eyJzdWIiOiJ4In0", end_as_text = "eyJleHAiOiJzb29uIn0",
                      absurd_end = "eyJleHAiOjFlKzMwMH0";
    const std::string token =
        GENERATE_COPY(std::string(), std::string("550e8400-e29b-41d4-a716-446655440000"), std::string("a.b.c"),
                      std::string("."), std::string(".."), std::string("a.!!.c"), with_claims("W10"),
                      with_claims(without_end), with_claims(end_as_text), with_claims(absurd_end));
    INFO(token);
    CHECK(end_of(token) == "unknown");
}
