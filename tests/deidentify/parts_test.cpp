// Ids, dates and inventions, each alone.

#include "deidentify/dates.hpp"
#include "deidentify/id_map.hpp"
#include "deidentify/invention.hpp"
#include "deidentify/replacer.hpp"
#include "fhir/random.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::deidentify;

TEST_CASE("ids keep their shape and their order, and two are never one") {
    const Invention invention("key");
    IdMap ids(invention);
    Random random(7);
    std::vector<std::vector<std::string>> shapes(3);
    for (int i = 0; i < 3'000; ++i) {
        shapes[0].push_back(random.uuid());
        shapes[1].push_back(std::to_string(1'000'000 + i));
        shapes[2].push_back("patient-" + random.uuid().substr(0, 6));
    }
    for (auto& shape : shapes) {
        std::map<std::string, std::string> mapped;
        for (const std::string& id : shape) mapped[id] = ids.map(id);
        std::set<std::string> distinct;
        std::string last;
        for (const auto& [id, to] : mapped) {
            CHECK(is_uuid(to) == is_uuid(id));
            CHECK(to != id);
            CHECK(ids.map(id) == to);
            CHECK(last < to);
            last = to;
            distinct.insert(to);
        }
        CHECK(distinct.size() == mapped.size());
    }
    CHECK(ids.out_of_order() == 0);
}

TEST_CASE("ids that come in order find room behind each other") {
    const Invention invention("key");
    IdMap ids(invention);
    std::string last;
    for (int i = 0; i < 100'000; ++i) {
        const std::string number = std::to_string(100'000 + i);
        const std::string to = ids.map("018f0000-0000-7000-8000-000000" + number);
        REQUIRE(last < to);
        last = to;
    }
    CHECK(ids.out_of_order() == 0);
}

TEST_CASE("dates move by whole days in the form that they had, and nobody becomes older than 89") {
    using std::chrono::days;
    const Days oldest = Days(std::chrono::year(1937) / 2 / 1);
    CHECK(shifted_date("2026-03-01", days(-1), oldest) == "2026-02-28");
    CHECK(shifted_date("2024-03-01T10:30:15.123+01:00", days(-1), oldest) == "2024-02-29T10:30:15.123+01:00");
    CHECK(shifted_date("2026-02", days(-20), oldest) == "2026-01");
    CHECK(shifted_date("2026", days(-200), oldest) == "2025");
    CHECK(shifted_date("1921-05-06", days(-3), oldest) == "1937-02-01");
    CHECK(shifted_date("1921", days(-3), oldest) == "1937");
    CHECK_FALSE(shifted_date("2026-02-30", days(-1), oldest));
    CHECK_FALSE(shifted_date("on 2026-02-03", days(-1), oldest));
    CHECK(shifted_http_date("Tue, 10 Feb 2026 10:30:15 GMT", days(-366)) == "Sun, 09 Feb 2025 10:30:15 GMT");
    CHECK_FALSE(shifted_http_date("yesterday", days(-1)));
}

TEST_CASE("one key invents the same for the same, another key something else, and all dates of one person move alike") {
    const Invention one("one"), same("one"), other("other");
    CHECK(one.words("Call her daughter") == same.words("Call her daughter"));
    CHECK(one.words("Call her daughter") != other.words("Call her daughter"));
    CHECK(one.words("Call her daughter") != one.words("Call his daughter"));
    CHECK(one.token("MRN-0042").starts_with(one.token("MRN-0042").substr(0, 3) + "-"));
    CHECK(one.number("-120.5e3").ends_with("e3"));
    CHECK(one.number("-120.5e3").starts_with("-"));
    for (const char* name : {"a", "b", "c", "d"}) {
        CHECK(one.shift_of(name) == same.shift_of(name));
        CHECK(one.shift_of(name) <= std::chrono::days(0));
        CHECK(one.shift_of(name) > std::chrono::days(-365));
    }
    std::set<std::chrono::days> shifts;
    for (int i = 0; i < 50; ++i) shifts.insert(one.shift_of("p" + std::to_string(i)));
    CHECK(shifts.size() > 30);
}

TEST_CASE("what is known to be harmless stays, and a reference stays one") {
    Replacer replacer("key", std::chrono::days(0));
    CHECK(replacer.value({.name = "status", .type = "Task"}, "in-progress") == "in-progress");
    CHECK(replacer.value({.name = "status", .type = "Task"}, "called-quintana") != "called-quintana");
    const std::string coding = R"({"system":"http://loinc.org","code":"8867-4"})";
    CHECK(replacer.value({.name = "code", .object = fhir::Slice(coding)}, "8867-4") == "8867-4");
    CHECK(replacer.value({.name = "system"}, "http://loinc.org") == "http://loinc.org");
    CHECK(replacer.number({.name = "value", .parent = "valueQuantity"}, "36.60") == "36.60");
    CHECK(replacer.number({.name = "value", .parent = "onsetAge"}, "93") == "90");
    CHECK(replacer.number({.name = "valueInteger", .parent = "extension"}, "5558675309") != "5558675309");
    CHECK(replacer.value({.name = "token"}, "<binding-token-1>") == "<binding-token-1>");
    const std::string id = "5ce7a210-0000-4000-8000-000000000001", to = replacer.id(id);
    CHECK(replacer.address("Task/" + id) == "Task/" + to);
    CHECK(replacer.address("http://127.0.0.1:8103/fhir/R4/Task/" + id + "/_history/3") ==
          "http://127.0.0.1:8103/fhir/R4/Task/" + to + "/_history/3");
    CHECK(replacer.address("Task?owner=Practitioner/" + id + "&status=requested,ready&_count=20") ==
          "Task?owner=Practitioner/" + to + "&status=requested,ready&_count=20");
    CHECK(replacer.address("urn:uuid:" + id) == "urn:uuid:" + to);
    CHECK(replacer.line("bound 123") == "bound " + replacer.id("123"));
    CHECK(replacer.etag("W/\"" + id + "\"") == "W/\"" + to + "\"");
    CHECK(replacer.message("no answer for 30 s") == "no answer for 30 s");
}
