// Where a rule keeps what both sides did.

#include "merge_samples.hpp"

using namespace fhirscope::fhir;
using namespace fhirscope::fhir::samples;

namespace {

std::string both(std::string_view base, std::string_view local, std::string_view server) {
    return merged(base, local, server, always(Side::Both)).text;
}

} // namespace

TEST_CASE("both keeps each side's own changes of fields that belong together") {
    CHECK(both(R"({"resourceType":"T","id":"1","period":{"start":"2026-01-01","end":"2026-02-01"}})",
               R"({"resourceType":"T","id":"1","period":{"start":"2026-01-05","end":"2026-02-01"}})",
               R"({"resourceType":"T","id":"1","period":{"start":"2026-01-01","end":"2026-02-20"}})") ==
          R"({"resourceType":"T","id":"1","period":{"start":"2026-01-05","end":"2026-02-20"}})");
}

TEST_CASE("both keeps the elements of both sides' lists, those of the server first") {
    CHECK(both(R"({"resourceType":"P","id":"1","line":["a"]})", R"({"resourceType":"P","id":"1","line":["a","mine"]})",
               R"({"resourceType":"P","id":"1","line":["a","theirs"]})") ==
          R"({"resourceType":"P","id":"1","line":["a","theirs","mine"]})");
    CHECK(both(R"({"resourceType":"P","id":"1","line":["a","b"]})",
               R"({"resourceType":"P","id":"1","line":["mine","b"]})",
               R"({"resourceType":"P","id":"1","line":["theirs","b"]})") ==
          R"({"resourceType":"P","id":"1","line":["theirs","mine","b"]})");
}

TEST_CASE("one value that both sides changed cannot be kept twice: it stays open") {
    const Merge merge =
        merged(R"({"resourceType":"T","id":"1","status":"a"})", R"({"resourceType":"T","id":"1","status":"b"})",
               R"({"resourceType":"T","id":"1","status":"c"})", always(Side::Both));
    CHECK(merge.open());
    CHECK(merge.text == R"({"resourceType":"T","id":"1","status":"c"})");
    CHECK(merged(R"({"resourceType":"T","id":"1","period":{"start":"2026"}})",
                 R"({"resourceType":"T","id":"1","period":{"start":"2025","end":"2026"}})",
                 R"({"resourceType":"T","id":"1","period":{"start":"2024"}})", always(Side::Both))
              .open());
}

TEST_CASE("both does not give an element twice that one side changed while the orders differ: it stays open") {
    const auto* base = R"({"resourceType":"P","id":"1","c":[{"id":"a","v":1},{"id":"b"},{"id":"c"}]})";
    const auto* server = R"({"resourceType":"P","id":"1","c":[{"id":"a","v":1},{"id":"c"},{"id":"b"}]})";
    const Merge merge = merged(base, R"({"resourceType":"P","id":"1","c":[{"id":"b"},{"id":"a","v":2},{"id":"c"}]})",
                               server, always(Side::Both));
    CHECK(merge.open());
    CHECK(merge.text == server);
}
