// Outcomes as text, JSON and JUnit.

#include "checks/report.hpp"

#include "fhir/json.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace fhirscope;
using namespace fhirscope::checks;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<Outcomes> three_outcomes() {
    Outcomes outcomes;
    outcomes.path = "ward.expect.json";
    outcomes.first = LocalTime(std::chrono::seconds(1773309600));
    outcomes.last = outcomes.first + std::chrono::seconds(90);
    outcomes.inputs = 7;
    outcomes.all.resize(3);
    outcomes.all[0].name = "fine";
    outcomes.all[0].verdict = Verdict::Passed;
    outcomes.all[1].name = "unknown";
    outcomes.all[1].measured = "nothing of it changed";
    outcomes.all[2].name = "a <b> & \"c\" \x1b[31m";
    outcomes.all[2].verdict = Verdict::Failed;
    outcomes.all[2].at = outcomes.first + std::chrono::milliseconds(83'512);
    outcomes.all[2].wanted = "status = completed";
    outcomes.all[2].measured = "late ]]> \n";
    outcomes.all[2].instead = "status = \xff";
    return {outcomes};
}

} // namespace

TEST_CASE("the text has what failed first, with the moment") {
    const std::string text = to_text(three_outcomes(), "run.fhirscope").str();
    CHECK_THAT(text, ContainsSubstring("1 of 3 expectations passed, 1 failed, 1 undecided: run.fhirscope"));
    CHECK_THAT(text, ContainsSubstring("at 1:23.512 (2026-03-12T10:01:23.512Z)"));
    CHECK(text.find("FAILED") < text.find("UNDECIDED"));
    CHECK(text.find("UNDECIDED") < text.find("passed     fine"));
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(offset_text(LocalTime(std::chrono::milliseconds(3'723'004)), LocalTime{}) == "1:02:03.004");
}

TEST_CASE("JUnit counts its cases, and holds nothing that XML does not") {
    const std::string xml = to_junit(three_outcomes(), "run.fhirscope");
    CHECK_THAT(
        xml,
        ContainsSubstring(
            R"(<testsuite name="ward.expect.json" tests="3" failures="1" errors="1" skipped="0" time="90.000" timestamp="2026-03-12T10:00:00">)"));
    CHECK_THAT(xml, ContainsSubstring(R"(<testcase classname="ward.expect.json" name="fine" time="90.000"/>)"));
    CHECK_THAT(xml, ContainsSubstring("a &lt;b&gt; &amp; &quot;c&quot; \\x1b[31m"));
    CHECK_THAT(xml, ContainsSubstring("late ]]&gt; \\n") && ContainsSubstring("status = \\xff"));
    for (const char c : xml) CHECK((c == '\n' || (c >= ' ' && c < 0x7f)));
}

TEST_CASE("the JSON has every outcome with what was measured") {
    fhir::JsonWriter writer;
    writer.object();
    write_members(writer, three_outcomes());
    const auto json = fhir::parse_json(writer.end().take());
    REQUIRE(json);
    CHECK((*json)["failed"].GetUint() == 1);
    CHECK((*json)["undecided"].GetUint() == 1);
    const auto& all = (*json)["files"][0]["expectations"];
    REQUIRE(all.Size() == 3);
    CHECK(all[2]["verdict"] == "failed");
    CHECK(all[2]["at"] == "2026-03-12T10:01:23.512Z");
    CHECK(all[2]["incident"].IsNull());
    CHECK(all[0]["at"].IsNull());
    CHECK_FALSE(all_passed(three_outcomes()));
}
