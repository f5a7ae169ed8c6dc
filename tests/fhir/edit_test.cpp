#include "fhir/edit.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

// Of a type of which only what is there is known, unless the text says otherwise.
Result<std::string> edited(std::string_view text, std::vector<FieldEdit> edits) {
    Result<std::string> result = apply_edits(*samples::resource(text), edits);
    if (result) CHECK(parse_resource(*result).has_value());
    return result;
}

std::string error_of(const Result<std::string>& result) {
    return result ? "no error: " + *result
                  : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

std::string error_of(std::string_view text, std::string path, std::string value) {
    return error_of(edited(text, {{std::move(path), std::move(value)}}));
}

std::string typed(std::string_view text, std::string_view path, std::string_view value) {
    const Result<std::string> result = to_json(*samples::resource(text), path, value);
    return result ? *result : std::string(to_string(result.error().code)) + ": " + result.error().message;
}

std::string type_at(std::string_view text, std::string_view path) {
    const Result<FieldRule> rule = rule_for(*samples::resource(text), path);
    return rule ? std::string(to_string(rule->type))
                : std::string(fhirscope::to_string(rule.error().code)) + ": " + rule.error().message;
}

constexpr const char* edited_task = R"({"resourceType":"Task","id":"t1","status":"requested","intent":"order"})";
constexpr const char* patient = R"({"resourceType":"Patient","id":"p1"})";

} // namespace

TEST_CASE("an edit replaces one value and leaves the rest of the text, digit by digit") {
    CHECK(edited(R"({"resourceType":"Task","status":"requested","x":1.500,"y":{ "z" : 1e2 }})",
                 {{"status", R"("accepted")"}, {"priority", R"("stat")"}}) ==
          R"({"resourceType":"Task","status":"accepted","x":1.500,"y":{ "z" : 1e2 },"priority":"stat"})");
}

TEST_CASE("no edits change nothing") { CHECK(edited(R"({ "a" : 1 })", {}) == R"({ "a" : 1 })"); }

TEST_CASE("what is on the way to a known element is made") {
    CHECK(edited(R"({"resourceType":"Task"})", {{"restriction.period.end", R"("2026-02-10")"}}) ==
          R"({"resourceType":"Task","restriction":{"period":{"end":"2026-02-10"}}})");
    CHECK(edited(R"({"resourceType":"Task"})", {{"note[+].text", R"("a")"}, {"note[+].text", R"("b")"}}) ==
          R"({"resourceType":"Task","note":[{"text":"a"},{"text":"b"}]})");
    CHECK(edited(R"({"resourceType":"Patient"})", {{"name[+].given[+]", R"("Ana")"}}) ==
          R"({"resourceType":"Patient","name":[{"given":["Ana"]}]})");
}

TEST_CASE("what an edit leaves empty goes with the value") {
    CHECK(edited(R"({"resourceType":"Task","restriction":{"period":{"end":"2026"}}})",
                 {{"restriction.period.end", ""}}) == R"({"resourceType":"Task"})");
    CHECK(edited(R"({"resourceType":"Task","restriction":{"repetitions":1,"period":{"end":"2026"}}})",
                 {{"restriction.period.end", ""}}) == R"({"resourceType":"Task","restriction":{"repetitions":1}})");
    CHECK(edited(R"({"resourceType":"Task","note":[{"text":"a"},{"text":"b"}]})", {{"note[0].text", ""}}) ==
          R"({"resourceType":"Task","note":[{"text":"b"}]})");
}

TEST_CASE("removing what is not there changes nothing") {
    CHECK(edited(edited_task, {{"restriction.period.end", ""}, {"note[+].text", ""}, {"priority", ""}}) == edited_task);
}

TEST_CASE("all indexes of a batch mean the resource as it was") {
    CHECK(edited(R"({"resourceType":"Task","note":[{"text":"a"},{"text":"b"},{"text":"c"}]})",
                 {{"note[0].text", ""}, {"note[2].text", R"("C")"}, {"note[+].text", R"("d")"}}) ==
          R"({"resourceType":"Task","note":[{"text":"b"},{"text":"C"},{"text":"d"}]})");
}

TEST_CASE("of two edits of one field the later one counts") {
    CHECK(edited(
              edited_task,
              {{"priority", R"("stat")"}, {"priority", R"("asap")"}, {"description", R"("x")"}, {"description", ""}}) ==
          R"({"resourceType":"Task","id":"t1","status":"requested","intent":"order","priority":"asap"})");
}

TEST_CASE("an element of a list is named by its index or by what identifies it") {
    constexpr const char* text =
        R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"home","value":"1"},{"system":"email","value":"a"}]})";
    CHECK(
        edited(text, {{"telecom[1].value", R"("b")"}, {"telecom[system=phone,use=home].value", R"("2")"}}) ==
        R"({"resourceType":"Patient","telecom":[{"system":"phone","use":"home","value":"2"},{"system":"email","value":"b"}]})");
    CHECK(error_of(text, "telecom[system=fax].value", R"("2")") ==
          "path: Patient.telecom has not exactly one element with system=fax");
}

TEST_CASE("a list and its companion stay aligned") {
    constexpr const char* text =
        R"({"resourceType":"Patient","name":[{"given":["a","b"],"_given":[null,{"id":"x"}]}]})";
    CHECK(edited(text, {{"name[0].given[+]", R"("c")"}}) ==
          R"({"resourceType":"Patient","name":[{"given":["a","b","c"],"_given":[null,{"id":"x"},null]}]})");
    CHECK(edited(text, {{"name[0].given[0]", ""}}) ==
          R"({"resourceType":"Patient","name":[{"given":["b"],"_given":[{"id":"x"}]}]})");
    CHECK(edited(text, {{"name[0].given[1]", ""}}) == R"({"resourceType":"Patient","name":[{"given":["a"]}]})");
    // An object where a list should be is nobody's companion.
    CHECK(edited(R"({"resourceType":"Patient","name":[{"given":["a"],"_given":{"id":"x"}}]})",
                 {{"name[0].given[+]", R"("c")"}}) ==
          R"({"resourceType":"Patient","name":[{"given":["a","c"],"_given":{"id":"x"}}]})");
}

TEST_CASE("an element is removed with its extensions") {
    CHECK(edited(R"({"resourceType":"Patient","birthDate":"2026","_birthDate":{"id":"x"},"active":true})",
                 {{"birthDate", ""}}) == R"({"resourceType":"Patient","active":true})");
}

TEST_CASE("a choice element has one type: setting one removes the other") {
    CHECK(edited(R"({"resourceType":"Patient","deceasedBoolean":true,"_deceasedBoolean":{"id":"x"}})",
                 {{"deceasedDateTime", R"("2026-02-10")"}}) ==
          R"({"resourceType":"Patient","deceasedDateTime":"2026-02-10"})");
    // Two types in one resource are an error of its author; edits of both do not make it worse.
    CHECK(edited(R"({"valueString":"a","valueCodeableConcept":{"coding":[{"code":"b"}]}})",
                 {{"valueString", R"("x")"}, {"valueCodeableConcept.coding[0].code", R"("c")"}}) ==
          R"({"valueCodeableConcept":{"coding":[{"code":"c"}]}})");
}

TEST_CASE("what a reference says of its target goes with it") {
    constexpr const char* text =
        R"({"resourceType":"Task","owner":{"reference":"Practitioner/1","type":"Practitioner","display":"A. Berg"}})";
    CHECK(edited(text, {{"owner.reference", R"("Practitioner/2")"}}) ==
          R"({"resourceType":"Task","owner":{"reference":"Practitioner/2"}})");
    CHECK(edited(text, {{"owner.reference", R"("Practitioner/2")"}, {"owner.display", R"("C. Dahl")"}}) ==
          R"({"resourceType":"Task","owner":{"reference":"Practitioner/2","display":"C. Dahl"}})");
    CHECK(edited(text, {{"owner.display", R"("A. Berg-Dahl")"}, {"owner.reference", R"("Practitioner/2")"}}) ==
          R"({"resourceType":"Task","owner":{"reference":"Practitioner/2","display":"A. Berg-Dahl"}})");
    CHECK(edited(text, {{"owner.reference", R"("Practitioner/1")"}}) == text);
}

TEST_CASE("which resource and which version this is cannot be edited") {
    for (const char* path : {"id", "resourceType", "meta.versionId", "meta.tag[0].code", "contained[0].resourceType"})
        CHECK(error_of(edited_task, path, R"("x")") ==
              "path: Task." + std::string(path) +
                  " cannot be edited: it says which resource and which version this is");
}

TEST_CASE("only single values are edited, and unknown ones only where they are") {
    constexpr const char* text =
        R"({"resourceType":"Task","owner":{"reference":"P/1"},"note":[{"text":"a"}],"status":"ready","x":{"y":1},"z":[1]})";
    CHECK(error_of(text, "owner", R"("x")") ==
          "path: Task.owner has parts: edit one of them, such as Task.owner.reference");
    CHECK(error_of(text, "restriction", R"("x")") ==
          "path: Task.restriction has parts: edit one of them, such as Task.restriction.repetitions");
    CHECK(error_of(text, "x", "1") == "path: Task.x has parts: edit one of them");
    CHECK(error_of(text, "note.text", R"("x")") ==
          "path: Task.note is a list: write note[0] for its first element, note[+] for a new one");
    CHECK(error_of(text, "status[0]", R"("x")") == "path: Task.status is no list: write it without brackets");
    CHECK(error_of(text, "status.x", R"("x")") == "path: Task.status has no parts: it is a single value");
    CHECK(error_of(text, "note[3].text", R"("x")") ==
          "path: Task.note has 1 elements, and none with the index 3 (note[+] is a new one)");
    CHECK(error_of(text, "foo", R"("x")") ==
          "path: Task.foo: nothing is there, and it is no element that can be made here");
    CHECK(error_of(text, "x.q", R"("x")") ==
          "path: Task.x.q: nothing is there, and it is no element that can be made here");
    CHECK(error_of(text, "foo[0].bar", R"("x")") ==
          "path: Task.foo: nothing is there, and it is no element that can be made here");
    CHECK(error_of(text, "foo.bar", R"("x")") ==
          "path: Task.foo: nothing is there, and it is no element that can be made here");
    CHECK(error_of(text, "z[+]", "1") == "path: Task.z is no element that is known here: nothing can be added to it");
    CHECK(
        edited(text, {{"x.y", "2"}, {"z[0]", "3"}}) ==
        R"({"resourceType":"Task","owner":{"reference":"P/1"},"note":[{"text":"a"}],"status":"ready","x":{"y":2},"z":[3]})");
}

TEST_CASE("a path that is none is an error that shows what paths look like") {
    for (const char* path : {"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[0", "a[0]b", "[0]", "a[-1]",
                             "given[0..2]", "a[99999999999999999999999]"})
        CHECK(error_of(edited_task, path, R"("x")") ==
              "path: \"" + std::string(path) +
                  "\" is no path of a field, such as status, note[0].text or note[+].text");
}

TEST_CASE("rules of elements that are known hold where nothing is") {
    CHECK(type_at(edited_task, "status") == "code");
    CHECK(type_at(edited_task, "restriction.period.end") == "dateTime");
    CHECK(type_at(edited_task, "note[+].text") == "markdown");
    CHECK(type_at(edited_task, "owner.reference") == "Reference");
    CHECK(type_at(edited_task, "businessStatus.text") == "string");
    CHECK(type_at(edited_task, "restriction.repetitions") == "integer");
    CHECK(type_at(patient, "birthDate") == "date");
    CHECK(type_at(patient, "active") == "boolean");
    CHECK(type_at(patient, "name[+].given[+]") == "string");
    CHECK(type_at(patient, "identifier[+].system") == "uri");
    const auto rule = rule_for(*samples::resource(edited_task), "status");
    REQUIRE(rule.has_value());
    CHECK(rule->codes.size() == 12);
    CHECK(rule->required);
    CHECK_FALSE(rule_for(*samples::resource(edited_task), "priority")->required);
}

TEST_CASE("elsewhere the type is that of the present value") {
    constexpr const char* text =
        R"({"resourceType":"Other","day":"2026-02-10","time":"2026-02-10T10:30:00Z","text":"2026","is":true,"n":1.50,
            "subject":{"reference":"Patient/1"},"valueDate":"2026","effectiveInstant":"x","valueString":"2026-02-10"})";
    CHECK(type_at(text, "day") == "date");
    CHECK(type_at(text, "time") == "dateTime");
    CHECK(type_at(text, "text") == "string");
    CHECK(type_at(text, "is") == "boolean");
    CHECK(type_at(text, "n") == "decimal");
    CHECK(type_at(text, "subject.reference") == "Reference");
    CHECK(type_at(text, "valueDate") == "date");
    CHECK(type_at(text, "effectiveInstant") == "instant");
    CHECK(type_at(text, "valueString") == "string");
}

TEST_CASE("what was typed becomes JSON") {
    CHECK(typed(edited_task, "status", " completed ") == R"("completed")");
    CHECK(typed(edited_task, "note[+].text", "He said \"no\".\nTwice. ") == R"("He said \"no\".\nTwice. ")");
    CHECK(typed(edited_task, "restriction.repetitions", "3") == "3");
    CHECK(typed(patient, "active", "false") == "false");
    CHECK(typed(R"({"n":1})", "n", "1.50") == "1.50");
    CHECK(typed(R"({"n":1})", "n", "-2.5e+3") == "-2.5e+3");
    CHECK(typed(patient, "birthDate", "2026-02") == R"("2026-02")");
    CHECK(typed(edited_task, "priority", "  ") == "");
}

TEST_CASE("a value that a field cannot have is refused with what is expected") {
    CHECK(typed(edited_task, "status", "done") ==
          "value: Task.status cannot be \"done\": one of draft, requested, received, accepted, rejected, ready, "
          "cancelled, in-progress, on-hold, failed, completed, entered-in-error");
    CHECK(typed(edited_task, "status", "") == "value: Task.status cannot be removed: it is required");
    CHECK(typed(patient, "active", "yes") == "value: Patient.active cannot be \"yes\": true or false");
    CHECK(typed(patient, "birthDate", "2026-02-30") ==
          "value: Patient.birthDate cannot be \"2026-02-30\": February 2026 has the days 1 to 28");
    CHECK(typed(patient, "birthDate", "2026-13-01") ==
          "value: Patient.birthDate cannot be \"2026-13-01\": there is no month 13");
    CHECK(typed(patient, "birthDate", "0000") == "value: Patient.birthDate cannot be \"0000\": there is no year 0000");
    CHECK(typed(patient, "birthDate", "10.2.2026") ==
          "value: Patient.birthDate cannot be \"10.2.2026\": a date is written 2026, 2026-02 or 2026-02-10");
    CHECK(typed(edited_task, "authoredOn", "2026-02-10T10:30:00") ==
          "value: Task.authoredOn cannot be \"2026-02-10T10:30:00\": a time needs a zone, such as 2026-02-10T10:30:00Z "
          "or "
          "2026-02-10T10:30:00+01:00");
    CHECK(typed(edited_task, "authoredOn", "2026-02-10T25:30:00Z") ==
          "value: Task.authoredOn cannot be \"2026-02-10T25:30:00Z\": there is no time 25:30:00");
    CHECK(typed(edited_task, "authoredOn", "2026-02-10T10:30Z") ==
          "value: Task.authoredOn cannot be \"2026-02-10T10:30Z\": an instant is written 2026-02-10T10:30:00Z or "
          "2026-02-10T10:30:00.5+01:00");
    CHECK(typed(edited_task, "authoredOn", "2026-02-10T10:30:00+15:00") ==
          "value: Task.authoredOn cannot be \"2026-02-10T10:30:00+15:00\": a zone is written Z, +01:00 or -05:00, up "
          "to 14:00");
    CHECK(typed(edited_task, "restriction.repetitions", "1.5")
              .starts_with("value: Task.restriction.repetitions cannot be \"1.5\": a whole number"));
    CHECK(typed(edited_task, "restriction.repetitions", "2147483648").starts_with("value: "));
    CHECK(typed(edited_task, "owner.reference", "Dr. Who")
              .starts_with("value: Task.owner.reference cannot be \"Dr. Who\": a reference is written Patient/123"));
    CHECK(typed(edited_task, "code.coding[+].code", "a  b") ==
          "value: Task.code.coding[+].code cannot be \"a  b\": a code has no white space but single spaces inside");
    CHECK(typed(edited_task, "description",
                "a\x01"
                "b") ==
          "value: Task.description cannot be \"a\x01"
          "b\": a text has no control characters but tabs and line ends");
    CHECK(typed(edited_task, "description", "a\xff") == "value: Task.description cannot be \"a\xff\": it is not UTF-8");
    for (const char* number : {"1,5", "+1", ".5", "1.", "01", "1e", "-", "NaN", "1 2"})
        CHECK(typed(R"({"n":1})", "n", number) ==
              "value: n cannot be \"" + std::string(number) + "\": a number is written 1, -1.50 or 2.5e3");
}

TEST_CASE("dates are those of the calendar") {
    for (const char* date : {"2026", "2026-12", "2024-02-29", "2000-02-29", "2026-12-31"})
        CHECK(typed(patient, "birthDate", date) == '"' + std::string(date) + '"');
    for (const char* date : {"2023-02-29", "1900-02-29", "2026-04-31", "2026-00", "2026-01-00", "26-01-01", "2026-1-1",
                             "2026-01-01T10:00:00Z"})
        CHECK(typed(patient, "birthDate", date).starts_with("value: "));
    for (const char* time :
         {"2026", "2026-02", "2026-02-10", "2026-02-10T23:59:60Z", "2026-02-10T10:30:00.123456+14:00"})
        CHECK(typed(edited_task, "authoredOn", time) == '"' + std::string(time) + '"');
    for (const char* time : {"2026-02-10T24:00:00Z", "2026-02-10T10", "2026-02-10T10:30:00.Z", "2026-02-30T10:30:00Z",
                             "T10:30:00Z", "2026-02T10:30:00Z", "2026-02-10T10:30:00+14:30"})
        CHECK(typed(edited_task, "authoredOn", time).starts_with("value: "));
}

TEST_CASE("references are those of FHIR") {
    for (const char* reference : {"Patient/1", "Patient/1/_history/2", "https://a/fhir/Patient/1",
                                  "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "#a"})
        CHECK(typed(edited_task, "owner.reference", reference) == '"' + std::string(reference) + '"');
    for (const char* reference : {"Patient", "patient/1", "Patient/", "Patient/a b", "Patient/1/2", "https://", "#"})
        CHECK(typed(edited_task, "owner.reference", reference).starts_with("value: "));
}

TEST_CASE("a note's text goes only with the whole note") {
    constexpr const char* text = R"({"resourceType":"Task","note":[{"text":"a","time":"2026"},{"text":"b"}]})";
    CHECK(error_of(text, "note[0].text", "") == "value: Task.note[0].text cannot be removed: it is required");
    CHECK(edited(text, {{"note[1].text", ""}}) == R"({"resourceType":"Task","note":[{"text":"a","time":"2026"}]})");
}

TEST_CASE("edits whose JSON is not of the field's type are refused, and then all") {
    CHECK(error_of(edited_task, "status", "accepted") ==
          "value: Task.status cannot be accepted: a code is a JSON string");
    CHECK(error_of(edited_task, "status", "null") == "value: Task.status cannot be null: a code is a JSON string");
    CHECK(error_of(edited_task, "status", R"({"a":1})") ==
          R"(value: Task.status cannot be {"a":1}: a code is a JSON string)");
    CHECK(error_of(edited_task, "status", R"("accepted)") ==
          R"(value: Task.status cannot be "accepted: a code is a JSON string)");
    CHECK(error_of(edited_task, "description", R"("")") ==
          R"(value: Task.description cannot be empty: "" in place of the JSON text removes it)");
    CHECK(error_of(patient, "active", R"("true")") ==
          R"(value: Patient.active cannot be "true": a boolean is written in JSON without quotes)");
    CHECK(error_of(patient, "active", R"(true,"x":1)").starts_with("value: "));
    CHECK(error_of(edited(edited_task, {{"priority", R"("stat")"}, {"status", R"("done")"}}))
              .starts_with("value: Task.status"));
}

TEST_CASE("an escape is checked for what it says and kept as it was written") {
    CHECK(edited(edited_task, {{"status", R"("accept\u0065d")"}}) ==
          R"({"resourceType":"Task","id":"t1","status":"accept\u0065d","intent":"order"})");
    CHECK(error_of(edited_task, "description", R"("\u0001")").starts_with("value: Task.description cannot be"));
}
