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

TEST_CASE("what one side changed is taken from it") {
    check_merges({{R"({"status":"requested","priority":"routine"})",
                   R"({"status":"requested","priority":"urgent"})",
                   R"({"status":"accepted","priority":"routine"})",
                   R"({"status":"accepted","priority":"urgent"})",
                   {R"(status: "requested" | "requested" | "accepted" => server)",
                    R"(priority: "routine" | "urgent" | "routine" => local)"}},
                  {R"({"a":1,"b":2,"c":3})",
                   R"({"b":2,"c":3,"l":4})",
                   R"({"a":1,"b":2,"s":5})",
                   R"({"b":2,"s":5,"l":4})",
                   {"a: 1 |  | 1 => local", "s:  |  | 5 => server", "c: 3 | 3 |  => server", "l:  | 4 |  => local"}}});
}

TEST_CASE("what both sides changed to the same is no overlap") {
    check_merges({{R"({"status":"requested"})",
                   R"({"status":"accepted"})",
                   R"({ "status" : "accept\u0065d" })",
                   R"({ "status" : "accept\u0065d" })",
                   {R"(status: "requested" | "accepted" | "accept\u0065d" => server)"}}});
}

TEST_CASE("what both sides changed differently overlaps, and has the server's value until somebody decides") {
    const auto* base = R"({"description":"a"})";
    const auto* local = R"({"description":"b"})";
    const auto* server = R"({"description":"c"})";
    const Merge open = merged(base, local, server);
    CHECK(open.open());
    CHECK(open.text == server);
    CHECK(rows(open) == Rows{R"(! description: "a" | "b" | "c" => ?)"});

    const Merge decided = merged(base, local, server, always(Side::Local));
    CHECK_FALSE(decided.open());
    CHECK(decided.text == local);
    CHECK(rows(decided) == Rows{R"(! description: "a" | "b" | "c" => local)"});
}

TEST_CASE("a value removed by one side and changed by the other overlaps") {
    check_merges({{R"({"owner":{"reference":"P/1","display":"A"}})",
                   R"({})",
                   R"({"owner":{"reference":"P/2","display":"B"}})",
                   R"({"owner":{"reference":"P/2","display":"B"}})",
                   {R"(! owner: {"reference":"P/1","display":"A"} |  | {"reference":"P/2","display":"B"} => ?)"}}});
}

TEST_CASE("objects are merged member by member, whichever side made them") {
    check_merges(
        {{R"({"restriction":{"repetitions":1,"period":{"end":"2026"}}})",
          R"({"restriction":{"repetitions":2,"period":{"end":"2026"}}})",
          R"({"restriction":{"repetitions":1,"period":{"end":"2027"}}})",
          R"({"restriction":{"repetitions":2,"period":{"end":"2027"}}})",
          {R"(restriction.repetitions: 1 | 2 | 1 => local)",
           R"(restriction.period.end: "2026" | "2026" | "2027" => server)"}},
         {R"({})",
          R"({"restriction":{"repetitions":2}})",
          R"({"restriction":{"period":{"end":"2027"}}})",
          R"({"restriction":{"period":{"end":"2027"},"repetitions":2}})",
          {R"(restriction.period.end:  |  | "2027" => server)", R"(restriction.repetitions:  | 2 |  => local)"}}});
}

TEST_CASE("an object whose members were removed one by one is gone") {
    check_merges({{R"({"status":"x","restriction":{"repetitions":1,"note":"a"}})",
                   R"({"status":"x","restriction":{"repetitions":1}})",
                   R"({"status":"x","restriction":{"note":"a"}})",
                   R"({"status":"x"})",
                   {R"(restriction.note: "a" |  | "a" => local)", R"(restriction.repetitions: 1 | 1 |  => server)"}}});
}

TEST_CASE("a value on one side only is one row, named by the chain of single members above it") {
    check_merges({{R"({"a":1})",
                   R"({"a":1,"restriction":{"period":{"end":"2026"}}})",
                   R"({"a":1})",
                   R"({"a":1,"restriction":{"period":{"end":"2026"}}})",
                   {R"(restriction.period.end:  | "2026" |  => local)"}},
                  {R"({"a":1})",
                   R"({"a":1,"owner":{"reference":"P/1","display":"A"}})",
                   R"({"a":1})",
                   R"({"a":1,"owner":{"reference":"P/1","display":"A"}})",
                   {R"(owner:  | {"reference":"P/1","display":"A"} |  => local)"}}});
}

TEST_CASE("numbers keep their digits") {
    check_merges({{R"({"a":1.50,"b":2,"c":0.10000000000000000001})",
                   R"({"a":1.50,"b":3,"c":0.10000000000000000001})",
                   R"({"a":1.500,"b":2,"c":0.10000000000000000001})",
                   R"({"a":1.500,"b":3,"c":0.10000000000000000001})",
                   {"a: 1.50 | 1.50 | 1.500 => server", "b: 2 | 3 | 2 => local"}}});
}

TEST_CASE("of one number written with more and with fewer digits by both sides, more digits are kept") {
    check_merges({{R"({"a":1,"b":7})",
                   R"({"a":2.50,"b":8})",
                   R"({"a":2.5,"b":8.0})",
                   R"({"a":2.50,"b":8.0})",
                   {"a: 1 | 2.50 | 2.5 => local", "b: 7 | 8 | 8.0 => server"}}});
}

TEST_CASE("fields that belong together are taken together") {
    check_merges({
        // value and unit
        {R"({"q":{"value":1,"unit":"g","note":"x"}})",
         R"({"q":{"value":1000,"unit":"g","note":"x"}})",
         R"({"q":{"value":1,"unit":"kg","note":"y"}})",
         R"({"q":{"value":1,"unit":"kg","note":"y"}})",
         {"! q.value (q): 1 | 1000 | 1 => ?", R"(! q.unit (q): "g" | "g" | "kg" => ?)",
          R"(q.note: "x" | "x" | "y" => server)"}},
        // reference and display
        {R"({"owner":{"reference":"P/1","display":"A"}})",
         R"({"owner":{"reference":"P/2","display":"A"}})",
         R"({"owner":{"reference":"P/1","display":"B"}})",
         R"({"owner":{"reference":"P/1","display":"B"}})",
         {R"(! owner.reference (owner): "P/1" | "P/2" | "P/1" => ?)",
          R"(! owner.display (owner): "A" | "A" | "B" => ?)"}},
        // start and end
        {R"({"period":{"start":"2026","end":"2027"}})",
         R"({"period":{"start":"2025","end":"2027"}})",
         R"({"period":{"start":"2026","end":"2028"}})",
         R"({"period":{"start":"2026","end":"2028"}})",
         {R"(! period.start (period): "2026" | "2025" | "2026" => ?)",
          R"(! period.end (period): "2027" | "2027" | "2028" => ?)"}},
        // status and its reason
        {R"({"status":"ready","statusReason":{"text":"a"}})",
         R"({"status":"ready","statusReason":{"text":"b"}})",
         R"({"status":"failed","statusReason":{"text":"a"}})",
         R"({"status":"failed","statusReason":{"text":"a"}})",
         {R"(! status (status): "ready" | "ready" | "failed" => ?)",
          R"(! statusReason.text (status): "a" | "b" | "a" => ?)"}},
        // the types of one choice
        {R"({"valueString":"a"})",
         R"({"valueInteger":1})",
         R"({"valueString":"b"})",
         R"({"valueString":"b"})",
         {R"(! valueString (value): "a" |  | "b" => ?)", "! valueInteger (value):  | 1 |  => ?"}},
        // an element and its extensions
        {R"({"birthDate":"2026","_birthDate":{"id":"a"}})",
         R"({"birthDate":"2025","_birthDate":{"id":"a"}})",
         R"({"birthDate":"2026","_birthDate":{"id":"b"}})",
         R"({"birthDate":"2026","_birthDate":{"id":"b"}})",
         {R"(! birthDate (birthDate): "2026" | "2025" | "2026" => ?)",
          R"(! birthDate.id (birthDate): "a" | "a" | "b" => ?)"}},
        // one side changed both
        {R"({"owner":{"reference":"P/1","display":"A"},"a":1})",
         R"({"owner":{"reference":"P/2","display":"B"},"a":1})",
         R"({"owner":{"reference":"P/1","display":"A"},"a":2})",
         R"({"owner":{"reference":"P/2","display":"B"},"a":2})",
         {R"(owner.reference (owner): "P/1" | "P/2" | "P/1" => local)",
          R"(owner.display (owner): "A" | "B" | "A" => local)", "a: 1 | 1 | 2 => server"}},
        // both changed both, to the same
        {R"({"q":{"value":1,"unit":"g"}})",
         R"({"q":{"value":2.50,"unit":"kg"}})",
         R"({"q":{"value":2.5,"unit":"kg"}})",
         R"({"q":{"value":2.50,"unit":"kg"}})",
         {"q.value (q): 1 | 2.50 | 2.5 => local", R"(q.unit (q): "g" | "kg" | "kg" => server)"}},
    });
}

TEST_CASE("members that only look like a group are apart") {
    check_merges({// Resources have no system and code; an array is no choice
                  {R"({"code":{"text":"a"},"version":"1","usedCode":[{"text":"a"}]})",
                   R"({"code":{"text":"b"},"version":"1","usedCode":[{"text":"a"}]})",
                   R"({"code":{"text":"a"},"version":"2","usedReference":[{"reference":"D/1"}]})",
                   R"({"code":{"text":"b"},"version":"2","usedReference":[{"reference":"D/1"}]})",
                   {R"(code.text: "a" | "b" | "a" => local)", R"(version: "1" | "1" | "2" => server)",
                    R"(usedReference:  |  | [{"reference":"D/1"}] => server)",
                    R"(usedCode: [{"text":"a"}] | [{"text":"a"}] |  => server)"}}});
}

TEST_CASE("a group is decided once, by its first field") {
    std::vector<std::string> asked;
    const Merge merge = merged(R"({"owner":{"reference":"P/1","display":"A"},"a":1})",
                               R"({"owner":{"reference":"P/2","display":"A"},"a":2})",
                               R"({"owner":{"reference":"P/1","display":"B"},"a":1})", [&](const MergeField& field) {
                                   asked.push_back(field.path);
                                   return field.group.empty() ? std::nullopt : std::optional(Side::Local);
                               });
    CHECK(asked == std::vector<std::string>{"owner.reference", "a"});
    CHECK_FALSE(merge.open());
    CHECK(merge.text == R"({"owner":{"reference":"P/2","display":"A"},"a":2})");
}

TEST_CASE("a decision also overrides what only one side changed") {
    const auto* base = R"({"a":1,"b":1,"q":{"value":1,"unit":"g"},"note":[{"text":"x"}]})";
    const auto* local = R"({"a":2,"b":1,"q":{"value":2,"unit":"kg"},"note":[{"text":"x"},{"text":"y"}]})";
    const auto* server = R"({"a":1,"c":3,"q":{"value":1,"unit":"g"},"note":[]})";
    CHECK(content_of(Slice(merged(base, local, server, always(Side::Base)).text)) == content_of(Slice(base)));
    CHECK(content_of(Slice(merged(base, local, server, always(Side::Local)).text)) == content_of(Slice(local)));
    CHECK(content_of(Slice(merged(base, local, server, always(Side::Server)).text)) == content_of(Slice(server)));
}

TEST_CASE("id, type and version are the server's and no rows; labels are merged, the rest of meta is not") {
    const Merge merge = merged(
        R"({"resourceType":"Task","id":"1","meta":{"versionId":"1","tag":[{"system":"s","code":"a"}],"project":"p"}})",
        R"({"resourceType":"X","id":"2","meta":{"versionId":"2","tag":[{"system":"s","code":"a"},{"system":"s","code":"b"}]}})",
        R"({"resourceType":"Task","id":"1","meta":{"versionId":"3","tag":[{"system":"s","code":"a"}],"project":"q"}})");
    CHECK(
        merge.text ==
        R"({"resourceType":"Task","id":"1","meta":{"versionId":"3","tag":[{"system":"s","code":"a"},{"system":"s","code":"b"}],"project":"q"}})");
    CHECK(rows(merge) == Rows{R"(meta.tag[system=s,code=b]:  | {"system":"s","code":"b"} |  => local)"});
    // A copy without meta has not removed anybody's version.
    CHECK(merged(R"({"meta":{"versionId":"1"}})", "{}", R"({"meta":{"versionId":"2"}})").text ==
          R"({"meta":{"versionId":"2"}})");
}

TEST_CASE("the address of an attachment counts without its signature") {
    check_merges({{R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=1"},"a":1})",
                   R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=1"},"a":2})",
                   R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=2"},"a":1})",
                   R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=2"},"a":2})",
                   {"a: 1 | 2 | 1 => local"}}});
    const Merge merge = merged(R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=1"}})",
                               R"({"photo":{"contentType":"image/jpeg","url":"https://a/1?Signature=1"}})",
                               R"({"photo":{"contentType":"image/png","url":"https://a/1?Signature=2"}})");
    CHECK(merge.text == R"({"photo":{"contentType":"image/jpeg","url":"https://a/1?Signature=2"}})");
    CHECK_FALSE(merge.open());
}
