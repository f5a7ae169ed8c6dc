#include "fhir/result.hpp"

#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace fhirscope;

TEST_CASE("each error code is one word of its own, which the documentation lists, and it lists no other") {
    std::set<std::string> words;
    for (std::size_t i = 0; i < error_codes; ++i)
        REQUIRE(words.insert(std::string(to_string(static_cast<ErrorCode>(i)))).second);
    CHECK(to_string(ErrorCode::Malformed) == "malformed");
    CHECK(to_string(ErrorCode::NoServer) == "no-server");
    CHECK(to_string(ErrorCode::Failed) == "failed");

    std::ifstream file(std::string(tests::assets) + "/../docs/json.md");
    const std::string page(std::istreambuf_iterator<char>(file), {});
    std::set<std::string> listed;
    std::size_t at = page.find("## Codes");
    REQUIRE(at != std::string::npos);
    while ((at = page.find("\n| `", at)) != std::string::npos) {
        at += 4;
        listed.insert(page.substr(at, page.find('`', at) - at));
    }
    listed.erase("code"); // the head of the table
    CHECK(listed == words);
}
