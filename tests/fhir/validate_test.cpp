#include "fhir/validate.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace fhirscope::fhir;

namespace {

std::vector<std::string> codes(std::string_view text) {
    std::vector<std::string> found;
    for (const Problem& problem : validate(*samples::resource(text)))
        found.push_back((problem.refused ? "refused:" : "") + problem.code);
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
        {R"({"id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {"refused:missing-type"}},
        {R"({"resourceType":5,"id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:bad-type", "number-as-text"}},
        {R"({"resourceType":"task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:bad-type"}},
        {R"({"resourceType":"T\u0061sk","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {}},
        {R"({"resourceType":"Task","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:missing-id"}},
        {R"({"resourceType":"Task","id":true,"meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:bad-id"}},
        {R"({"resourceType":"Task","id":"a b","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:bad-id"}},
        {R"({"resourceType":"Task","id":"../a","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"refused:bad-id"}},
        {R"({"resourceType":"Task","id":7,"meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"number-as-text"}},
        {R"({"resourceType":"Task","id":"a_b","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"odd-id"}},
        {R"({"resourceType":"Task","id":"\u0031","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"}})", {}},
        {R"({"resourceType":"Task","id":"1"})", {"missing-version", "missing-last-updated"}},
        {R"({"resourceType":"Task","id":"1","meta":"v"})", {"missing-version", "missing-last-updated"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":1,"lastUpdated":"2026-02-10T10:30:15Z"}})",
         {"number-as-text"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15"}})",
         {"no-zone"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":1770719415000}})",
         {"bad-last-updated", "number-as-text"}},
        {R"({"resourceType":"Task","id":"1","meta":{"versionId":"v","lastUpdated":"2026-02-10T10:30:15Z"},"status":"x"})",
         {"unknown-code"}},
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
         {"refused:duplicate-key"}},
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
    CHECK(codes(with(257, 3)) == Codes{"missing-version"});
    CHECK(codes(with(1, 1'000)) == Codes{"missing-last-updated"});
}

TEST_CASE("the headers of an answer stand in for what meta does not say") {
    const std::string text = R"({"resourceType":"Task","id":"1","status":"ready"})";
    const Headers headers{"W/\"7\"", "Tue, 10 Feb 2026 10:30:15 GMT"};
    const ResourcePtr read = parse_resource(text, {}, headers).value();
    CHECK(read->version_id() == "7");
    CHECK(read->last_updated() == parse_instant("2026-02-10T10:30:15Z"));
    CHECK(read->text() == text);
    const std::string flaws = flaws_of(*read);
    CHECK(flaws.find("the ETag of a read stands in") != std::string::npos);
    CHECK(flaws.find("the Last-Modified of a read stands in") != std::string::npos);
    // Read again from its text and these, it is the same.
    const ResourcePtr again = parse_resource(text, {}, stand_ins(*read)).value();
    CHECK(again->version_id() == "7");
    CHECK(again->last_updated() == read->last_updated());
    // What meta says counts.
    const ResourcePtr own =
        parse_resource(
            R"({"resourceType":"Task","id":"1","meta":{"versionId":"3","lastUpdated":"2026-02-10T10:30:15Z"}})", {},
            headers)
            .value();
    CHECK(own->version_id() == "3");
    CHECK(flaws_of(*own).empty());
}

TEST_CASE("ids that servers use beyond the standard's can be used, those that mean something in an address cannot") {
    for (const char* id : {"careplan_77_3", "a:b", "a~b", "a|b", "user@site", "1=2", "naïve", "患者1"})
        CHECK(is_usable_id(id));
    CHECK(is_usable_id(std::string(255, 'x')));
    for (const char* id :
         {"", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "a b", "a\nb", "a\"b", "\xFF", "\u202E"})
        CHECK_FALSE(is_usable_id(id));
    CHECK_FALSE(is_usable_id(std::string(256, 'x')));
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
