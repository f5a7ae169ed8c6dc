#include "fhir/path.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

using Values = std::vector<std::string>;

const std::string patient_text =
    R"({"resourceType":"Patient","id":"p1","active":true,"name":[{"use":"usual","given":["Annie"]},)"
    R"({"use":"official","family":"O\u0027Neil","given":["Ana","María"],"text":"Ana M. O'Neil"}],)"
    R"("deceasedBoolean":false,"multipleBirthInteger":2,"telecom":[{"system":"phone","value":"1","rank":2},)"
    R"({"system":"email","value":"a@x"},{"system":"phone","value":"2","rank":1}],"birthDate":"1980-02-29",)"
    R"("maritalStatus":{"coding":[{"system":"s","code":"M"}]},"extension":[{"url":"bed","valueString":"3B-12"},)"
    R"({"url":"weight","valueQuantity":{"value":7.50,"unit":"kg"}}],"contact":[{"name":{"family":"X"}},null]})";

Values evaluate(const std::string& path) {
    static const ResourcePtr patient = samples::resource(patient_text);
    const auto parsed = Path::parse(path);
    INFO(path);
    REQUIRE(parsed.has_value());
    return parsed->evaluate(*patient);
}

} // namespace

TEST_CASE("a path gives the values at its end, flattened") {
    const auto [path, expected] = GENERATE(table<const char*, Values>({
        {"id", {"p1"}},
        {"Patient.id", {"p1"}},
        {"active", {"true"}},
        {"name.family", {"O'Neil"}}, // unescaped
        {"name.given", {"Annie", "Ana", "María"}},
        {"name[0].given", {"Annie"}},
        {"name[1].given[1]", {"María"}},
        {"name.given[2]", {"María"}}, // an index counts over all names, as in FHIRPath
        {"name[2].given", {}},
        {"name.first().given", {"Annie"}},
        {"name.last().given.first()", {"Ana"}},
        {"name.given.last()", {"María"}},
        {"name.where(use = 'official').family", {"O'Neil"}},
        {"name.where(use='official').given.first()", {"Ana"}},
        {"name.where( use = 'old' ).family", {}},
        {"telecom.where(system = 'phone').value", {"1", "2"}},
        {"telecom.where(rank = 1).value", {"2"}},
        {"telecom.where(system = 'phone').where(rank = 2).value", {"1"}},
        {"maritalStatus.coding.code", {"M"}},
        {"name.where(given = 'Ana').use", {"official"}}, // any of several
        {"contact.where(name.family = 'X').name.family", {"X"}},
        {"contact.name.family", {"X"}},
        {"missing", {}},
        {"id.missing", {}},
        {"name.exists()", {"true"}},
        {"photo.exists()", {"false"}},
        {"name.where(use = 'old').exists()", {"false"}},
        {"maritalStatus", {R"({"coding":[{"system":"s","code":"M"}]})"}},
    }));
    INFO(path);
    CHECK(evaluate(path) == expected);
}

TEST_CASE("a choice element is found with its type and without") {
    CHECK(evaluate("deceased") == Values{"false"});
    CHECK(evaluate("deceasedBoolean") == Values{"false"});
    CHECK(evaluate("multipleBirth") == Values{"2"});
    CHECK(evaluate("extension.where(url = 'bed').value") == Values{"3B-12"});
    CHECK(evaluate("extension.where(url = 'bed').valueString") == Values{"3B-12"});
    CHECK(evaluate("extension.where(url = 'weight').value.unit") == Values{"kg"});
    CHECK(evaluate("extension.value.value") == Values{"7.50"}); // with its digits
}

TEST_CASE("the first alternative with a value counts") {
    CHECK(evaluate("name.where(use = 'official').text | name.first().family") == Values{"Ana M. O'Neil"});
    CHECK(evaluate("name.where(use = 'old').text|name.family") == Values{"O'Neil"});
    CHECK(evaluate("a | b | id") == Values{"p1"});
    CHECK(evaluate("a | b").empty());
}

TEST_CASE("text joins the values") {
    const auto path = Path::parse("name.given");
    CHECK(path->text(*samples::resource(patient_text)) == "Annie, Ana, María");
    CHECK(path->text(*samples::resource(R"({"resourceType":"Patient"})")).empty());
}

TEST_CASE("a literal may hold quotes, and brackets mean nothing in it") {
    const ResourcePtr resource = samples::resource(R"({"a":[{"b":"it's | (x) ]","c":1},{"b":"y","c":2}]})");
    CHECK(Path::parse(R"(a.where(b = 'it\'s | (x) ]').c)")->evaluate(*resource) == Values{"1"});
    CHECK(Path::parse("a.where(c = 2).b")->evaluate(*resource) == Values{"y"});
    CHECK(Path::parse("a.where(c = true).b")->evaluate(*resource).empty());
}

TEST_CASE("a path knows the members that it reads") {
    const auto path = Path::parse("Patient.name.where(use = 'official').text | name.family | deceased");
    REQUIRE(path.has_value());
    CHECK(path->members() == Values{"name", "deceased"});
    CHECK(path->source() == "Patient.name.where(use = 'official').text | name.family | deceased");
    CHECK(path->reads("name"));
    CHECK(path->reads("deceasedBoolean"));
    CHECK(path->reads("deceasedDateTime"));
    CHECK_FALSE(path->reads("nameless"));
    CHECK_FALSE(path->reads("text"));
}

TEST_CASE("a path that is not understood is refused where it stops making sense") {
    const auto [given, offset] = GENERATE(table<const char*, std::size_t>({
        {"", 0},
        {" ", 1},
        {".id", 0},
        {"Patient", 7},
        {"Patient.Name", 12},
        {"name.", 5},
        {"name..given", 5},
        {"name[", 5},
        {"name[x]", 5},
        {"name[-1]", 5},
        {"name[1", 6},
        {"name given", 5},
        {"name.given |", 12},
        {"| name", 0},
        {"name.where(use)", 14},
        {"name.where(use = official)", 17},
        {"name.where(use = 'official')x", 28},
        {"name.where(use = 'official'", 27},
        {"name.where(use = 'official", 26},
        {"name.where(= 'x')", 11},
        {"name.first(1)", 11},
        {"name.select(given)", 5},
        {"first()", 0},
        {"name + given", 5},
        {"näme", 1},
    }));
    INFO(given);
    const auto path = Path::parse(given);
    REQUIRE_FALSE(path.has_value());
    CHECK(path.error().code == ErrorCode::Path);
    CHECK(path.error().offset == offset);
}
