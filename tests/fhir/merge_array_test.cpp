#include "fhir/merge.hpp"
#include "merge_samples.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;
using samples::always;
using samples::check_merges;
using samples::merged;
using samples::rows;
using samples::Rows;

TEST_CASE("elements with an identity are merged each, wherever they stand") {
    check_merges({
        {R"({"telecom":[{"system":"phone","use":"home","value":"1"},{"system":"email","value":"a"}]})",
         R"({"telecom":[{"system":"phone","use":"home","value":"2"},{"system":"email","value":"a"}]})",
         R"({"telecom":[{"system":"email","value":"b"},{"system":"phone","use":"home","value":"1"}]})",
         R"({"telecom":[{"system":"email","value":"b"},{"system":"phone","use":"home","value":"2"}]})",
         {R"(telecom[system=email].value (telecom[system=email]): "a" | "a" | "b" => server)",
          R"(telecom[system=phone,use=home].value (telecom[system=phone,use=home]): "1" | "2" | "1" => local)"}},
    });
}

TEST_CASE("an added element keeps its predecessor") {
    check_merges({
        {R"({"c":[{"id":"a"},{"id":"b"}]})",
         R"({"c":[{"id":"a"},{"id":"l"},{"id":"b"}]})",
         R"({"c":[{"id":"s"},{"id":"a"},{"id":"b"}]})",
         R"({"c":[{"id":"s"},{"id":"a"},{"id":"l"},{"id":"b"}]})",
         {R"(c[id=s].id:  |  | "s" => server)", R"(c[id=l].id:  | "l" |  => local)"}},
        // its predecessor was removed
        {R"({"c":[{"id":"a"},{"id":"b"},{"id":"c"}]})",
         R"({"c":[{"id":"a"},{"id":"b"},{"id":"l"},{"id":"c"}]})",
         R"({"c":[{"id":"a"},{"id":"c"}]})",
         R"({"c":[{"id":"a"},{"id":"l"},{"id":"c"}]})",
         {R"(c[id=b].id: "b" | "b" |  => server)", R"(c[id=l].id:  | "l" |  => local)"}},
        // both added at one place: by their text
        {R"({"c":[{"id":"a"}]})",
         R"({"c":[{"id":"a"},{"id":"z"}]})",
         R"({"c":[{"id":"a"},{"id":"y"}]})",
         R"({"c":[{"id":"a"},{"id":"y"},{"id":"z"}]})",
         {R"(c[id=y].id:  |  | "y" => server)", R"(c[id=z].id:  | "z" |  => local)"}},
    });
}

TEST_CASE("both sides added an element of one identity: one element, which overlaps where they differ") {
    check_merges({{R"({"a":1})",
                   R"({"a":1,"c":[{"id":"x","p":1,"q":3}]})",
                   R"({"a":1,"c":[{"id":"x","p":2,"r":4}]})",
                   R"({"a":1,"c":[{"id":"x","p":2,"r":4,"q":3}]})",
                   {R"(c[id=x].id:  | "x" | "x" => server)", "! c[id=x].p:  | 1 | 2 => ?",
                    "c[id=x].r:  |  | 4 => server", "c[id=x].q:  | 3 |  => local"}}});
}

TEST_CASE("an element removed by one side and changed by the other overlaps") {
    check_merges({{R"({"c":[{"id":"a","v":1},{"id":"b"}]})",
                   R"({"c":[{"id":"b"}]})",
                   R"({"c":[{"id":"a","v":2},{"id":"b"}]})",
                   R"({"c":[{"id":"a","v":2},{"id":"b"}]})",
                   {R"(! c[id=a]: {"id":"a","v":1} |  | {"id":"a","v":2} => ?)"}}});
}

TEST_CASE("the order is that of the side that changed it") {
    check_merges({{R"({"c":[{"id":"a"},{"id":"b"},{"id":"c"}]})",
                   R"({"c":[{"id":"c"},{"id":"a"},{"id":"b"}]})",
                   R"({"c":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"s"}]})",
                   R"({"c":[{"id":"c"},{"id":"s"},{"id":"a"},{"id":"b"}]})",
                   {R"(c[id=s].id:  |  | "s" => server)"}}});
}

TEST_CASE("two orders, or one element replaced by both sides, overlap as the whole array") {
    const Merge orders =
        merged(R"({"c":[{"id":"a"},{"id":"b"},{"id":"c"}]})", R"({"c":[{"id":"b"},{"id":"a"},{"id":"c"}]})",
               R"({"c":[{"id":"a"},{"id":"c"},{"id":"b"}]})");
    CHECK(orders.text == R"({"c":[{"id":"a"},{"id":"c"},{"id":"b"}]})");
    REQUIRE(orders.fields.size() == 1);
    CHECK(orders.fields[0].path == "c");
    CHECK(orders.open());

    check_merges(
        {{R"({"code":{"coding":[{"system":"s","code":"a"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"b"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"c"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"c"}]}})",
          {R"(! code.coding: [{"system":"s","code":"a"}] | [{"system":"s","code":"b"}] | [{"system":"s","code":"c"}] => ?)"}},
         // one replaced it, one added
         {R"({"code":{"coding":[{"system":"s","code":"a"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"b"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"a"},{"system":"s","code":"c"}]}})",
          R"({"code":{"coding":[{"system":"s","code":"b"},{"system":"s","code":"c"}]}})",
          {R"(code.coding[system=s,code=b]:  | {"system":"s","code":"b"} |  => local)",
           R"(code.coding[system=s,code=a]: {"system":"s","code":"a"} |  | {"system":"s","code":"a"} => local)",
           R"(code.coding[system=s,code=c]:  |  | {"system":"s","code":"c"} => server)"}}});
}

TEST_CASE("a missing array is an empty one") {
    check_merges({{R"({"a":1,"c":[{"id":"x"}]})",
                   R"({"a":1})",
                   R"({"a":1,"c":[{"id":"x"},{"id":"y"}]})",
                   R"({"a":1,"c":[{"id":"y"}]})",
                   {R"(c[id=x].id: "x" |  | "x" => local)", R"(c[id=y].id:  |  | "y" => server)"}},
                  {R"({"a":1,"note":[{"text":"x"}]})",
                   R"({"a":1})",
                   R"({"a":1,"note":[{"text":"x"}]})",
                   R"({"a":1})",
                   {R"(note: [{"text":"x"}] |  | [{"text":"x"}] => local)"}}});
}

TEST_CASE("elements without identity are a sequence: edits at different places are merged") {
    check_merges({{R"({"note":[{"text":"a"},{"text":"b"},{"text":"c"}]})",
                   R"({"note":[{"text":"a"},{"text":"B"},{"text":"c"}]})",
                   R"({"note":[{"text":"0"},{"text":"a"},{"text":"b"}]})",
                   R"({"note":[{"text":"0"},{"text":"a"},{"text":"B"}]})",
                   {R"(note[0].text:  |  | "0" => server)", R"(note[2].text: "b" | "B" | "b" => local)",
                    R"(note[3].text: "c" | "c" |  => server)"}},
                  {R"({"given":["a","b"]})",
                   R"({"given":["x","b"]})",
                   R"({"given":["a","y"]})",
                   R"({"given":["x","y"]})",
                   {R"(given[0]: "a" | "x" | "a" => local)", R"(given[1]: "b" | "b" | "y" => server)"}}});
}

TEST_CASE("notes that both sides appended are both kept, and one that both appended once") {
    check_merges({{R"({"note":[{"text":"a"}]})",
                   R"({"note":[{"text":"a"},{"text":"l"}]})",
                   R"({"note":[{"text":"a"},{"text":"s"}]})",
                   R"({"note":[{"text":"a"},{"text":"l"},{"text":"s"}]})",
                   {R"(note[1].text:  | "l" |  => local)", R"(note[2].text:  |  | "s" => server)"}},
                  {R"({"note":[{"text":"a"}]})",
                   R"({"note":[{"text":"a"},{"text":"n"},{"text":"l"}]})",
                   R"({"note":[{"text":"a"},{"text":"s"},{"text":"n"}]})",
                   R"({"note":[{"text":"a"},{"text":"s"},{"text":"n"},{"text":"l"}]})",
                   {R"(note[1].text:  |  | "s" => server)", R"(note[2].text:  | "n" | "n" => server)",
                    R"(note[3].text:  | "l" |  => local)"}}});
}

TEST_CASE("an element that both changed is merged inside, where it is clear which one it is") {
    check_merges(
        {{R"({"note":[{"text":"a"},{"text":"b","time":"2026"}]})",
          R"({"note":[{"text":"a"},{"text":"B","time":"2026"}]})",
          R"({"note":[{"text":"a"},{"text":"b","time":"2027"}]})",
          R"({"note":[{"text":"a"},{"text":"B","time":"2027"}]})",
          {R"(note[1].text: "b" | "B" | "b" => local)", R"(note[1].time: "2026" | "2026" | "2027" => server)"}},
         {R"({"note":[{"text":"b"}]})",
          R"({"note":[{"text":"B"}]})",
          R"({"note":[{"text":"C"}]})",
          R"({"note":[{"text":"C"}]})",
          {R"(! note[0].text: "b" | "B" | "C" => ?)"}}});
}

TEST_CASE("a run of elements that both changed overlaps as one") {
    check_merges({{R"({"given":["a","b","c"]})",
                   R"({"given":["a","x"]})",
                   R"({"given":["a","y","z"]})",
                   R"({"given":["a","y","z"]})",
                   {R"(! given[1..2]: ["b","c"] | "x" | ["y","z"] => ?)"}},
                  {R"({"given":["a"]})",
                   R"({"given":["a","x"]})",
                   R"({"given":["a","y"]})",
                   R"({"given":["a","y"]})",
                   {R"(! given[1]:  | "x" | "y" => ?)"}}});
    CHECK(merged(R"({"given":["a","b","c"]})", R"({"given":["a", "x"]})", R"({"given":["a","y","z"]})",
                 always(Side::Local))
              .text == R"({"given":["a","x"]})");
    CHECK(merged(R"({"given":["a","b","c"]})", R"({"given":["a", "x"]})", R"({"given":["a","y","z"]})",
                 always(Side::Base))
              .text == R"({"given":["a","b","c"]})");
}

TEST_CASE("an array and its companion are one unit") {
    check_merges({{R"({"given":["a",null],"_given":[null,{"id":"x"}]})",
                   R"({"given":["b",null],"_given":[null,{"id":"x"}]})",
                   R"({"given":["a",null,"c"],"_given":[null,{"id":"x"},null]})",
                   R"({"given":["a",null,"c"],"_given":[null,{"id":"x"},null]})",
                   {R"(! given (given): ["a",null] | ["b",null] | ["a",null,"c"] => ?)",
                    R"(! _given (given): [null,{"id":"x"}] | [null,{"id":"x"}] | [null,{"id":"x"},null] => ?)"}}});
}

TEST_CASE("arrays longer than can be compared are one unit, but not where only a short part differs") {
    const auto array = [](int first, int count) {
        std::string text = R"({"a":[)";
        for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + std::to_string(first + i);
        return text + "]}";
    };
    const Merge whole = merged(array(0, 1000), array(2000, 1000), array(4000, 1000));
    REQUIRE(whole.fields.size() == 1);
    CHECK(whole.fields[0].path == "a");
    CHECK(whole.text == array(4000, 1000));

    const Merge ends = merged(array(10, 1000), array(10, 1001), array(9, 1001));
    CHECK(ends.text == array(9, 1002));
    CHECK(rows(ends) == Rows{"a[0]:  |  | 9 => server", "a[1001]:  | 1010 |  => local"});
}

TEST_CASE("an element that one side moved and the other moved, changed or removed overlaps as the whole array") {
    const std::string base = R"({"given":["a","b","c"]})";
    for (const char* server : {R"({"given":["b","a","c"]})", R"({"given":["A","b","c"]})", R"({"given":["b","c"]})"}) {
        const Merge merge = merged(base, R"({"given":["b","c","a"]})", server);
        INFO(server);
        CHECK(merge.text == server);
        REQUIRE(merge.fields.size() == 1);
        CHECK(merge.fields[0].path == "given");
        CHECK(merge.open());
    }
    CHECK(merged(base, R"({"given":["b","c","a"]})", R"({"given":["a","b","c","d"]})").text ==
          R"({"given":["b","c","d"]})");
}
