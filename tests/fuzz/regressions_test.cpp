// Inputs that once broke something, and a few that are odd on purpose, through every target that they belong to.
#include "support/paths.hpp"
#include "targets.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

using namespace fhirscope;

namespace {

constexpr std::pair<const char*, void (*)(std::string_view)> targets[] = {
    {"frame", fuzz::frame},       {"validation", fuzz::validation},
    {"criteria", fuzz::criteria}, {"fhirpath", fuzz::fhirpath},
    {"session", fuzz::session},   {"transcript", fuzz::transcript},
    {"lines", fuzz::lines},       {"edit", fuzz::edit},
    {"vault", fuzz::vault}};

} // namespace

TEST_CASE("what fuzzing found stays harmless") {
    const std::filesystem::path folder = std::filesystem::path(tests::fixtures).parent_path() / "fuzz/regressions";
    std::size_t inputs = 0;
    for (const auto& [name, run] : targets) {
        if (!std::filesystem::is_directory(folder / name)) continue;
        for (const auto& entry : std::filesystem::directory_iterator(folder / name)) {
            INFO(entry.path().string());
            std::ostringstream bytes;
            bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
            REQUIRE_NOTHROW(run(bytes.str()));
            ++inputs;
        }
    }
    CHECK(inputs > 0);
}

TEST_CASE("every target takes nothing, one byte and a lot of the same") {
    for (const auto& [name, run] : targets) {
        INFO(name);
        for (const std::string& bytes :
             {std::string(), std::string(1, '\0'), std::string("F"), std::string(100'000, '['),
              std::string(100'000, '\n'), std::string(100'000, '\xff')})
            REQUIRE_NOTHROW(run(bytes));
    }
}
