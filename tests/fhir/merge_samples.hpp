#pragma once
// What the tests of merge() share.

#include "fhir/content.hpp"
#include "fhir/merge.hpp"
#include "fhir/slice.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>

namespace fhirscope::fhir::samples {

inline Merge merged(std::string_view base, std::string_view local, std::string_view server, const Decide& decide = {}) {
    Merge merge = fhir::merge(*resource(base), *resource(local), *resource(server), decide);
    const Result<ResourcePtr> parsed = parse_resource(merge.text);
    INFO(merge.text);
    REQUIRE(parsed.has_value());
    return merge;
}

// "path: base | local | server => side", with "!" before an overlap and "(group)" behind the path.
inline std::vector<std::string> rows(const Merge& merge) {
    std::vector<std::string> lines;
    for (const MergeField& field : merge.fields) {
        const char* side = field.choice == Side::Base ? "base" : field.choice == Side::Local ? "local" : "server";
        lines.push_back((field.overlap ? "! " : "") + field.path +
                        (field.group.empty() ? "" : " (" + field.group + ")") + ": " + field.base + " | " +
                        field.local + " | " + field.server + " => " + (field.decided ? side : "?"));
    }
    return lines;
}

using Rows = std::vector<std::string>;

struct MergeCase {
    const char* base;
    const char* local;
    const char* server;
    const char* expected; // the merged text
    Rows expected_rows;
};

// Each must also come out the same with the sides exchanged, where nothing overlaps.
inline void check_merges(const std::vector<MergeCase>& cases) {
    for (const MergeCase& c : cases) {
        INFO(c.base << "\n" << c.local << "\n" << c.server);
        const Merge merge = merged(c.base, c.local, c.server);
        CHECK(merge.text == c.expected);
        CHECK(rows(merge) == c.expected_rows);
        bool is_overlapping = false;
        for (const MergeField& field : merge.fields) is_overlapping |= field.overlap;
        if (is_overlapping) continue;
        CHECK(content_of(Slice(merged(c.base, c.server, c.local).text)) == content_of(Slice(merge.text)));
    }
}

inline Decide always(Side side) {
    return [side](const MergeField&) { return side; };
}

} // namespace fhirscope::fhir::samples
