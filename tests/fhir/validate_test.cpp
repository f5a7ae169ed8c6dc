#include "fhir/validate.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace fhirscope::fhir;

namespace {

std::vector<std::string> codes(std::string_view text) {
    std::vector<std::string> found;
    for (const Problem& problem : validate(*samples::resource(text))) found.push_back(problem.code);
    return found;
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("a resource that keeps the rules has no problems") {
    CHECK(
        codes(
            R"({"resourceType":"Task","id":"a.b-1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15.123Z"}})")
            .empty());
}

TEST_CASE("an unknown resource type is no problem by itself") {
    CHECK(
        codes(R"({"resourceType":"Teleporter","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})")
            .empty());
}

TEST_CASE("each broken rule is named") {
    const auto [given, expected] = GENERATE(table<const char*, Codes>({
        {R"({"id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {"missing-type"}},
        {R"({"resourceType":5,"id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {"bad-type"}},
        {R"({"resourceType":"task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"bad-type"}},
        {R"({"resourceType":"T\u0061sk","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"bad-type"}},
        {R"({"resourceType":"Task","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {"missing-id"}},
        {R"({"resourceType":"Task","id":7,"meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {"bad-id"}},
        {R"({"resourceType":"Task","id":"a b","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"bad-id"}},
        {R"({"resourceType":"Task","id":"\u0031","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"bad-id"}},
        {R"({"resourceType":"Task","id":"1"})", {"missing-version", "missing-last-updated"}},
        {R"({"resourceType":"Task","id":"1","meta":"v"})", {"missing-version", "missing-last-updated"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":1,"lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"missing-version"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10"}})",
         {"bad-last-updated"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"x":null})",
         {"null-value"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"note":[]})",
         {"empty-value"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"for":{}})",
         {"empty-value"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"status":""})",
         {"empty-value"}},
        {R"({"resourceType":"Task","id":"1","id":"2","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"duplicate-key"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"a":"\u0007"})",
         {"control-char"}},
    }));
    INFO(given);
    CHECK(codes(given) == expected);
}

TEST_CASE("a version's name and time are short, whatever a server invents") {
    const auto with = [](std::size_t version, std::size_t fraction) {
        return R"({"resourceType":"Task","id":"1","meta":{"versionId":")" + std::string(version, 'v') +
               R"(","lastUpdated":"2026-02-10T10:30:15.)" + std::string(fraction, '0') + R"(Z"}})";
    };
    CHECK(codes(with(256, 3)).empty());
    CHECK(codes(with(257, 3)) == Codes{"bad-version"});
    CHECK(codes(with(1, 1'000)) == Codes{"bad-last-updated"});
}

TEST_CASE("a message says where the JSON rule is broken") {
    const auto problems = validate(*samples::resource(
        R"({"resourceType":"Patient","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},)"
        R"("name":[{"family":"A"},{"given":["B",""]}]})"));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message.find("name[1].given[1]") != std::string::npos);
}

TEST_CASE("nulls that align the two arrays of a repeating primitive are legal") {
    CHECK(codes(R"({"resourceType":"Patient","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},)"
                R"("name":[{"given":["Ana",null],"_given":[null,{"id":"g2"}]}]})")
              .empty());
}

TEST_CASE("an id is 1 to 64 letters, digits, dashes and dots") {
    CHECK(is_valid_id("8d0c7a52-5b1e-4e0c-9a53-3f0f6f0d1a11"));
    CHECK(is_valid_id("A.b-9"));
    CHECK(is_valid_id(std::string(64, 'x')));
    CHECK_FALSE(is_valid_id(std::string(65, 'x')));
    CHECK_FALSE(is_valid_id(""));
    CHECK_FALSE(is_valid_id("a_b"));
    CHECK_FALSE(is_valid_id("a/b"));
    CHECK_FALSE(is_valid_id("é"));
}

TEST_CASE("a type name is a capital and further letters") {
    CHECK(is_valid_type("Task"));
    CHECK(is_valid_type("SubscriptionStatus"));
    CHECK_FALSE(is_valid_type(""));
    CHECK_FALSE(is_valid_type("T"));
    CHECK_FALSE(is_valid_type("task"));
    CHECK_FALSE(is_valid_type("Task2"));
}
