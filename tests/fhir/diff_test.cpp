#include "fhir/diff.hpp"

#include "fhir/notification.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <random>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

// "~ path: before -> after", "+ path: after", "- path: before"
std::vector<std::string> changes(std::string_view before, std::string_view after) {
    std::vector<std::string> lines;
    for (const FieldChange& change : diff(*samples::resource(before), *samples::resource(after))) {
        switch (change.kind) {
            case ChangeKind::Added:
                CHECK(change.before.empty());
                lines.push_back("+ " + change.path + ": " + change.after);
                break;
            case ChangeKind::Removed:
                CHECK(change.after.empty());
                lines.push_back("- " + change.path + ": " + change.before);
                break;
            case ChangeKind::Changed:
                lines.push_back("~ " + change.path + ": " + change.before + " -> " + change.after);
        }
    }
    return lines;
}

using Lines = std::vector<std::string>;

struct Case {
    const char* before;
    const char* after;
    Lines expected;
};

void check(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        INFO(c.before << "\n" << c.after);
        CHECK(changes(c.before, c.after) == c.expected);
    }
}

} // namespace

TEST_CASE("members are added, removed and changed") {
    check({{R"({"status":"requested","a":1})",
            R"({"status":"accepted","b":{"c":2}})",
            {"~ status: \"requested\" -> \"accepted\"", "- a: 1", "+ b: {\"c\":2}"}},
           {R"({"for":{"reference":"Patient/1","display":"A"}})",
            R"({"for":{"reference":"Patient/2","display":"A"}})",
            {"~ for.reference: \"Patient/1\" -> \"Patient/2\""}},
           {R"({"a":"1"})", R"({"a":1})", {"~ a: \"1\" -> 1"}},
           {R"({"a":[1]})", R"({"a":{"b":1}})", {"~ a: [1] -> {\"b\":1}"}},
           {R"({"a":true})", R"({"a":false})", {"~ a: true -> false"}}});
}

TEST_CASE("order of members, white space, escapes and digits are no change") {
    check({{R"({"a":1,"b":{"c":[1,2],"d":"x"}})", R"({ "b" : { "d":"x", "c" : [ 1, 2 ] }, "a":1 })", {}},
           {R"({"a":"é/"})", R"({"a":"\u00e9\/"})", {}},
           {R"({"a":1.0,"b":{"c":[10]}})", R"({"a":1.00,"b":{"c":[1e1]}})", {}},
           {R"({"a":1.0})", R"({"a":1.01})", {"~ a: 1.0 -> 1.01"}}});
}

TEST_CASE("elements of arrays are matched by what identifies them") {
    check({
        // telecom: system and use
        {R"({"telecom":[{"system":"phone","use":"home","value":"1"},{"system":"email","value":"a"}]})",
         R"({"telecom":[{"system":"email","value":"a"},{"system":"phone","use":"home","value":"2"}]})",
         {"~ telecom[system=phone,use=home].value: \"1\" -> \"2\""}},
        // identifier: system and value
        {R"({"identifier":[{"system":"s","value":"1","use":"usual"},{"system":"s","value":"2"}]})",
         R"({"identifier":[{"system":"s","value":"2"},{"system":"s","value":"1","use":"old"}]})",
         {"~ identifier[system=s,value=1].use: \"usual\" -> \"old\""}},
        {R"({"identifier":[{"system":"s","value":"1"}]})",
         R"({"identifier":[{"system":"s","value":"2"}]})",
         {R"(+ identifier[system=s,value=2]: {"system":"s","value":"2"})",
          R"(- identifier[system=s,value=1]: {"system":"s","value":"1"})"}},
        // coding: system and code
        {R"({"code":{"coding":[{"system":"s","code":"a","display":"A"},{"system":"s","code":"b"}]}})",
         R"({"code":{"coding":[{"system":"s","code":"b"},{"system":"s","code":"a","display":"AA"}]}})",
         {"~ code.coding[system=s,code=a].display: \"A\" -> \"AA\""}},
        // concepts by their first coding
        {R"({"category":[{"coding":[{"code":"a"}],"text":"1"},{"coding":[{"code":"b"}]}]})",
         R"({"category":[{"coding":[{"code":"b"}]},{"coding":[{"code":"a"}],"text":"2"}]})",
         {"~ category[code=a].text: \"1\" -> \"2\""}},
        // names and addresses: use
        {R"({"name":[{"use":"official","family":"A"},{"use":"usual","given":["B"]}]})",
         R"({"name":[{"use":"usual","given":["B"]},{"use":"official","family":"C"}]})",
         {"~ name[use=official].family: \"A\" -> \"C\""}},
        // extensions: url
        {R"({"extension":[{"url":"u","valueString":"1"},{"url":"v","valueString":"2"}]})",
         R"({"extension":[{"url":"v","valueString":"2"},{"url":"u","valueString":"3"}]})",
         {"~ extension[url=u].valueString: \"1\" -> \"3\""}},
        // references
        {R"({"basedOn":[{"reference":"A/1","display":"x"},{"reference":"A/2"}]})",
         R"({"basedOn":[{"reference":"A/2"},{"reference":"A/1","display":"y"}]})",
         {"~ basedOn[reference=A/1].display: \"x\" -> \"y\""}},
        // id before everything else
        {R"({"contact":[{"id":"1","use":"a","name":"x"},{"id":"2","use":"a"}]})",
         R"({"contact":[{"id":"2","use":"a"},{"id":"1","use":"b","name":"x"}]})",
         {"~ contact[id=1].use: \"a\" -> \"b\""}},
    });
}

TEST_CASE("of several elements with one identity the first is the first") {
    check({{R"({"telecom":[{"system":"phone","value":"1"},{"system":"phone","value":"2"}]})",
            R"({"telecom":[{"system":"phone","value":"1"},{"system":"phone","value":"3"}]})",
            {"~ telecom[1].value: \"2\" -> \"3\""}},
           {R"({"telecom":[{"system":"phone","value":"1"},{"system":"phone","value":"2"}]})",
            R"({"telecom":[{"system":"phone","value":"1"}]})",
            {R"(- telecom[1]: {"system":"phone","value":"2"})"}}});
}

TEST_CASE("elements without identity are matched by position") {
    check({{R"({"given":["Ana","B"]})",
            R"({"given":["Ana","C","D"]})",
            {"~ given[1]: \"B\" -> \"C\"", "+ given[2]: \"D\""}},
           {R"({"given":["A","B"]})",
            R"({"given":["B","A"]})",
            {"~ given[0]: \"A\" -> \"B\"", "~ given[1]: \"B\" -> \"A\""}},
           {R"({"note":[{"text":"a"},{"text":"b"}]})", R"({"note":[{"text":"a"}]})", {R"(- note[1]: {"text":"b"})"}},
           // One that gains an identity is the same one.
           {R"({"name":[{"family":"A"}]})",
            R"({"name":[{"use":"official","family":"A"}]})",
            {"+ name[use=official].use: \"official\""}}});
}

TEST_CASE("a value and its companion are one element") {
    check({
        {R"({"birthDate":"1980","_birthDate":{"extension":[{"url":"t","valueDateTime":"1"}]}})",
         R"({"birthDate":"1980","_birthDate":{"extension":[{"url":"t","valueDateTime":"2"}]}})",
         {"~ birthDate.extension[url=t].valueDateTime: \"1\" -> \"2\""}},
        {R"({"birthDate":"1980"})", R"({"birthDate":"1980","_birthDate":{"id":"b"}})", {"+ birthDate.id: \"b\""}},
        {R"({"name":[{"given":["A","B"]}]})",
         R"({"name":[{"given":["A","B"],"_given":[null,{"id":"g"}]}]})",
         {"+ name[0].given[1].id: \"g\""}},
        {R"({"name":[{"_given":[null,{"id":"g"}]}]})",
         R"({"name":[{"_given":[{"id":"g"},null]}]})",
         {"+ name[0].given[0].id: \"g\"", "- name[0].given[1].id: \"g\""}},
        {R"({"_birthDate":"odd"})", R"({"_birthDate":"other"})", {"~ birthDate: \"odd\" -> \"other\""}},
    });
}

TEST_CASE("of meta only what says something about the content is compared") {
    check(
        {{R"({"meta":{"versionId":"1","lastUpdated":"a","author":{"reference":"x"},"project":"p","compartment":[{"reference":"c"}],)"
          R"("account":{"reference":"a"},"accounts":[{"reference":"a"}],"tag":[{"system":"s","code":"t"}]}})",
          R"({"meta":{"versionId":"2","lastUpdated":"b","tag":[{"system":"s","code":"u"}],"profile":["q"]}})",
          {"~ meta.versionId: \"1\" -> \"2\"", "~ meta.lastUpdated: \"a\" -> \"b\"",
           R"(+ meta.tag[system=s,code=u]: {"system":"s","code":"u"})",
           R"(- meta.tag[system=s,code=t]: {"system":"s","code":"t"})", R"(+ meta.profile: ["q"])"}},
         {R"({"meta":{"project":"p"}})", R"({"id":"1"})", {"+ id: \"1\""}},
         {R"({"id":"1"})",
          R"({"id":"1","meta":{"versionId":"1","author":{"reference":"x"}}})",
          {"+ meta.versionId: \"1\""}}});
}

TEST_CASE("an attachment signed anew is the same attachment") {
    check({
        {R"({"photo":[{"contentType":"image/png","url":"https://h/Binary/1?Expires=1&Signature=a"}]})",
         R"({"photo":[{"contentType":"image/png","url":"https://h/Binary/1?Expires=2&Signature=b"}]})",
         {}},
        {R"({"photo":[{"url":"https://h/Binary/1?Signature=a"}]})",
         R"({"photo":[{"url":"https://h/Binary/1?Signature=b"}]})",
         {}},
        {R"({"photo":[{"contentType":"image/png","url":"https://h/Binary/1?x=1"}]})",
         R"({"photo":[{"contentType":"image/png","url":"https://h/Binary/2?x=1"}]})",
         {"~ photo[0].url: \"https://h/Binary/1?x=1\" -> \"https://h/Binary/2?x=1\""}},
        {R"({"photo":[{"contentType":"image/png","url":"https://h/Binary/1?x=1"}]})",
         R"({"photo":[{"contentType":"image/jpeg","url":"https://h/Binary/1?x=2"}]})",
         {"~ photo[0].contentType: \"image/png\" -> \"image/jpeg\""}},
        // Other addresses keep their query.
        {R"({"instantiatesUri":"http://h?a=1","x":{"url":"http://h?a=1"}})",
         R"({"instantiatesUri":"http://h?a=2","x":{"url":"http://h?a=2"}})",
         {"~ instantiatesUri: \"http://h?a=1\" -> \"http://h?a=2\"", "~ x.url: \"http://h?a=1\" -> \"http://h?a=2\""}},
    });
}

TEST_CASE("a reordered array of identified elements is no change") {
    CHECK(changes(R"({"telecom":[{"system":"phone","value":"1"},{"system":"email","value":"2"}]})",
                  R"({"telecom":[{"system":"email","value":"2"},{"system":"phone","value":"1"}]})")
              .empty());
}

TEST_CASE("long arrays are compared without comparing each with each") {
    std::string before = R"({"extension":[)";
    std::string after = before;
    for (int i = 0; i < 20'000; ++i) {
        const auto element = [](int n) { return R"({"url":"u)" + std::to_string(n) + R"(","valueInteger":1})"; };
        before += (i == 0 ? "" : ",") + element(i);
        after += (i == 0 ? "" : ",") + element(19'999 - i);
    }
    CHECK(changes(before + "]}", after + "]}").empty());
}

TEST_CASE("the changed members are named without a look inside") {
    const ResourcePtr before = samples::resource(
        R"({"id":"1","meta":{"versionId":"1"},"status":"a","owner":{"reference":"x"},"note":[1],"_birthDate":{"id":"1"}})");
    const ResourcePtr after = samples::resource(
        R"({"meta":{"versionId":"2"},"id":"1","status":"b","owner":{"reference":"x"},"focus":{},"birthDate":"1980"})");
    CHECK(changed_members(*before, *after) == std::vector<std::string_view>{"status", "note", "birthDate", "focus"});
    CHECK(changed_members(*before, *before).empty());
}

// ---- properties over the resources of a real server ----

namespace {

std::vector<ResourcePtr> real_resources() {
    std::vector<ResourcePtr> resources;
    for (const std::string& frame : samples::all_frames()) {
        const auto notification = decode_medplum_frame(frame);
        REQUIRE(notification.has_value());
        for (const NotificationEvent& event : notification->events) resources.push_back(event.resource);
    }
    return resources;
}

// The same content, written otherwise: members in another order, white space.
std::string rewritten(const rapidjson::Value& value, std::mt19937& random) {
    const auto space = [&] { return std::string(random() % 3, ' '); };
    if (value.IsArray()) {
        std::string text = "[";
        for (const auto& element : value.GetArray())
            text += (text.size() > 1 ? "," : "") + space() + rewritten(element, random);
        return text + space() + "]";
    }
    if (!value.IsObject()) return to_text(value);
    std::vector<std::string> members;
    for (const auto& member : value.GetObject())
        members.push_back(to_text(member.name) + space() + ":" + rewritten(member.value, random));
    std::shuffle(members.begin(), members.end(), random);
    std::string text = "{";
    for (const std::string& member : members) text += (text.size() > 1 ? "," : "") + space() + member;
    return text + "}";
}

// Changes one scalar somewhere below `value`.
void mutate(rapidjson::Value& value, rapidjson::Document::AllocatorType& allocator, std::mt19937& random) {
    if (value.IsObject() && value.MemberCount() > 0)
        mutate((value.MemberBegin() + random() % value.MemberCount())->value, allocator, random);
    else if (value.IsArray() && !value.Empty())
        mutate(value[static_cast<rapidjson::SizeType>(random() % value.Size())], allocator, random);
    else if (value.IsString())
        value.SetString((std::string(value.GetString()) + "~").c_str(), allocator);
    else if (value.IsBool())
        value.SetBool(!value.GetBool());
    else
        value.SetString("~", allocator);
}

} // namespace

TEST_CASE("a resource differs in nothing from itself, however it is written") {
    const auto seed = GENERATE(11u, 12u);
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (const ResourcePtr& resource : real_resources()) {
        CHECK(diff(*resource, *resource).empty());
        const std::string text = rewritten(*parse_json(resource->text()), random);
        INFO(text);
        CHECK(diff(*resource, *samples::resource(text)).empty());
    }
}

TEST_CASE("every changed member is reported under its name, in both directions") {
    const auto seed = GENERATE(21u, 22u, 23u);
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (const ResourcePtr& resource : real_resources()) {
        auto tree = parse_json(resource->text());
        REQUIRE(tree.has_value());
        const auto member = tree->MemberBegin() + random() % tree->MemberCount();
        const std::string name = member->name.GetString();
        if (name == "meta") // mostly not compared
            continue;
        mutate(member->value, tree->GetAllocator(), random);
        const std::string text = to_text(*tree);
        INFO(resource->text() << "\n" << text);
        const ResourcePtr changed = samples::resource(text);
        for (const auto& [from, to] : {std::pair(resource, changed), std::pair(changed, resource)}) {
            const std::vector<FieldChange> found = diff(*from, *to);
            REQUIRE_FALSE(found.empty());
            for (const FieldChange& change : found)
                CHECK(change.path.substr(0, change.path.find_first_of(".[")) == name);
            CHECK(changed_members(*from, *to) == std::vector<std::string_view>{name});
        }
    }
}
