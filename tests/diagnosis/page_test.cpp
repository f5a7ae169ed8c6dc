// docs/diagnosis.md names the causes that the program has.

#include "diagnosis/causes/table.hpp"
#include "diagnosis/report.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace fhirscope;

TEST_CASE("the page on diagnosis lists every cause with its id, name and severity, in order") {
    std::ifstream file(std::string(tests::assets) + "/../docs/diagnosis.md");
    const std::string page(std::istreambuf_iterator<char>(file), {});
    const auto begin = page.find("\n## Causes\n");
    REQUIRE(begin != std::string::npos);
    const std::string part = page.substr(begin, page.find("\n## ", begin + 1) - begin);
    std::vector<std::string> listed, known;
    for (std::size_t at = 0; (at = part.find("\n| D", at)) != std::string::npos;) {
        at += 3;
        listed.push_back(part.substr(at, part.find(" |", at) - at));
    }
    for (const diagnosis::CauseInfo& cause : diagnosis::all_causes())
        known.push_back(std::string(cause.id) + " `" + std::string(cause.name) + "` (" +
                        std::string(diagnosis::word(cause.severity)) + ")");
    CHECK(listed == known);
}
