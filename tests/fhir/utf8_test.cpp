#include "fhir/utf8.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope::fhir;

TEST_CASE("a text is cut between characters, and says that it was") {
    const auto cut = [](std::string text, std::size_t most) {
        cut_utf8(text, most);
        return text;
    };
    CHECK(cut("short", 5) == "short");
    CHECK(cut("longer", 5) == "lo…");
    CHECK(cut("Müller-Lüdenscheid", 5) == "M…"); // not within the ü
    CHECK(cut("Müller-Lüdenscheid", 6) == "Mü…");
    CHECK(cut("longer", 2).empty());
    for (std::size_t most = 0; most < 30; ++most) {
        const std::string result = cut("日本語のテキスト", most);
        CHECK(result.size() <= most);
        CHECK(find_invalid_utf8(result) == std::string_view::npos);
    }
}
