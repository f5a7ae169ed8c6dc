#include "fhir/edit.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

std::string patch(std::string_view before, std::string_view after) {
    return make_patch(*samples::resource(before), *samples::resource(after));
}

} // namespace

TEST_CASE("a patch changes single members and is guarded by the version") {
    CHECK(
        patch(
            R"({"id":"1","meta":{"versionId":"v\"1"},"status":"requested","a":1,"owner":{"reference":"P/1","display":"A"}})",
            R"({"id":"1","meta":{"versionId":"v2"},"status":"accepted","owner":{"reference":"P/2","display":"A"},"b":2})") ==
        R"([{"op":"test","path":"/meta/versionId","value":"v\"1"},)"
        R"({"op":"replace","path":"/status","value":"accepted"},)"
        R"({"op":"remove","path":"/a"},)"
        R"({"op":"replace","path":"/owner/reference","value":"P/2"},)"
        R"({"op":"add","path":"/b","value":2}])");
}

TEST_CASE("lists are patched by index, by appending, or whole") {
    CHECK(patch(R"({"a":[{"b":1},{"b":2}]})", R"({"a":[{"b":1},{"b":3}]})") ==
          R"([{"op":"replace","path":"/a/1/b","value":3}])");
    CHECK(patch(R"({"a":[1]})", R"({"a":[1,2,3]})") ==
          R"([{"op":"add","path":"/a/-","value":2},{"op":"add","path":"/a/-","value":3}])");
    CHECK(patch(R"({"a":[1,2]})", R"({"a":[2]})") == R"([{"op":"replace","path":"/a","value":[2]}])");
    CHECK(patch(R"({"a":[1]})", R"({"a":[2,3]})") == R"([{"op":"replace","path":"/a","value":[2,3]}])");
}

TEST_CASE("names are escaped in pointers") {
    CHECK(patch(R"({"a/b~c\"d":1})", R"({"a/b~c\"d":2})") == R"([{"op":"replace","path":"/a~1b~0c\"d","value":2}])");
}

TEST_CASE("digits and addresses are patched as they are") {
    CHECK(patch(R"({"n":1.5})", R"({"n":1.50})") == R"([{"op":"replace","path":"/n","value":1.50}])");
    CHECK(patch(R"({"a":{"contentType":"x","url":"u?1"}})", R"({"a":{"contentType":"x","url":"u?2"}})") ==
          R"([{"op":"replace","path":"/a/url","value":"u?2"}])");
}

TEST_CASE("where nothing differs there is no patch") {
    CHECK(patch(R"({"meta":{"versionId":"1"},"a":1,"b":"x"})", R"({ "b" : "\u0078", "a" : 1 })").empty());
    CHECK(patch(R"({"id":"1","resourceType":"A"})", R"({"id":"2","resourceType":"B"})").empty());
}

TEST_CASE("of meta only the labels are patched") {
    CHECK(
        patch(R"({"meta":{"versionId":"1","lastUpdated":"x","project":"p","tag":[{"code":"a"}]}})",
              R"({"meta":{"versionId":"2","tag":[{"code":"a"},{"code":"b"}],"author":"q"}})") ==
        R"([{"op":"test","path":"/meta/versionId","value":"1"},{"op":"add","path":"/meta/tag/-","value":{"code":"b"}}])");
    CHECK(patch("{}", R"({"meta":{"versionId":"2","tag":[{"code":"b"}]}})") ==
          R"([{"op":"add","path":"/meta","value":{"tag":[{"code":"b"}]}}])");
}
