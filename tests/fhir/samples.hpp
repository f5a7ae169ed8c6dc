#pragma once
// What the tests of this folder share: resources to ask about and the real frames of the fixtures.

#include "fhir/json.hpp"
#include "fhir/resource.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir::samples {

inline ResourcePtr resource(std::string_view text) {
    Result<ResourcePtr> parsed = parse_resource(text);
    INFO(text.substr(0, 200));
    INFO((parsed ? "" : parsed.error().message));
    REQUIRE(parsed.has_value());
    return *parsed;
}

inline Limits limits_of_depth(std::size_t depth) {
    Limits limits;
    limits.max_depth = depth;
    return limits;
}

inline std::string nested_arrays(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

inline constexpr const char* fixture_files[] = {"burst", "criteria", "errors", "happy", "poll", "reconnect"};

// One line of a wire transcript.
struct Line {
    std::string direction; // "ws-recv", "http-response", …
    std::string connection;
    std::string method, url;
    int status = 0;
    std::string body; // JSON text, or the text itself where it was not JSON
};

inline std::vector<Line> transcript(const std::string& name) {
    std::ifstream file(std::string(tests::fixtures) + "/medplum-5.0.10/" + name + ".jsonl");
    REQUIRE(file.good());
    std::vector<Line> lines;
    for (std::string text; std::getline(file, text);) {
        const Result<rapidjson::Document> parsed = parse_json(text);
        REQUIRE(parsed.has_value());
        Line line;
        line.direction = string_at(*parsed, "dir");
        line.connection = string_at(*parsed, "conn");
        line.method = string_at(*parsed, "method");
        line.url = string_at(*parsed, "url");
        if (parsed->HasMember("status")) line.status = (*parsed)["status"].GetInt();
        if (parsed->HasMember("body"))
            line.body =
                (*parsed)["body"].IsString() ? std::string(string_at(*parsed, "body")) : to_text((*parsed)["body"]);
        lines.push_back(std::move(line));
    }
    return lines;
}

inline std::vector<std::string> frames(const std::string& name) {
    std::vector<std::string> bodies;
    for (Line& line : transcript(name))
        if (line.direction == "ws-recv") bodies.push_back(std::move(line.body));
    return bodies;
}

inline std::vector<std::string> all_frames() {
    std::vector<std::string> bodies;
    for (const char* name : fixture_files)
        for (std::string& body : frames(name)) bodies.push_back(std::move(body));
    return bodies;
}

} // namespace fhirscope::fhir::samples
