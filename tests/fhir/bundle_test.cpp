#include "fhir/bundle.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

Error bundle_error(std::string_view text) {
    const auto parsed = parse_bundle(text);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

} // namespace

TEST_CASE("a search page has its resources, its total and the way on") {
    const auto page = parse_bundle(
        R"({"resourceType":"Bundle","type":"searchset","total":41,"link":[{"relation":"self","url":"https://h/Task?x"},)"
        R"({"url":"https://h/Task?_cursor=2-1&_count=20","relation":"next"}],"entry":[)"
        R"({"fullUrl":"https://h/Task/1","search":{"mode":"match"},"resource":{"resourceType":"Task","id":"1"}},)"
        R"({"fullUrl":"https://h/Patient/2","search":{"mode":"include"},"resource":{"resourceType":"Patient","id":"2"}}]})");
    REQUIRE(page.has_value());
    CHECK(page->type == "searchset");
    CHECK(page->total == 41u);
    CHECK(page->next == "https://h/Task?_cursor=2-1&_count=20");
    REQUIRE(page->entries.size() == 2);
    CHECK(page->entries[0].resource->reference() == "Task/1");
    CHECK(page->entries[0].full_url == "https://h/Task/1");
    CHECK(page->entries[0].search_mode == "match");
    CHECK(page->entries[1].search_mode == "include");
}

TEST_CASE("the last page has no way on, and a page may be empty") {
    const auto page =
        parse_bundle(R"({"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"u"}]})");
    REQUIRE(page.has_value());
    CHECK(page->next.empty());
    CHECK_FALSE(page->total.has_value());
    CHECK(page->entries.empty());
}

TEST_CASE("a deletion in a history has a status and no resource") {
    const auto page = parse_bundle(
        R"({"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"https://h/Task/1","request":{"method":"DELETE",)"
        R"("url":"Task/1"},"response":{"status":"410"}},{"resource":{"resourceType":"Task","id":"1"},)"
        R"("request":{"method":"PUT"},"response":{"status":"200"}}]})");
    REQUIRE(page.has_value());
    REQUIRE(page->entries.size() == 2);
    CHECK(page->entries[0].resource == nullptr);
    CHECK(page->entries[0].status == "410");
    CHECK(page->entries[0].method == "DELETE");
    CHECK(page->entries[1].resource != nullptr);
    CHECK(page->entries[1].method == "PUT");
}

TEST_CASE("what is not a Bundle is refused, and the message shows what came") {
    const auto [given, expected] = GENERATE(table<const char*, const char*>({
        {"", "empty"},
        {"<!DOCTYPE html><html><head><title>Sign in</title>", "<!DOCTYPE html>"},
        {"Service Unavailable", "Service Unavailable"},
        {R"({"resourceType":"OperationOutcome","issue":[]})", "OperationOutcome"},
        {R"({"error":"invalid_request"})", "invalid_request"},
        {"[]", "[]"},
    }));
    INFO(given);
    const Error error = bundle_error(given);
    CHECK(error.code == ErrorCode::NotABundle);
    CHECK(error.message.find(expected) != std::string::npos);
}

TEST_CASE("the quoted beginning of a foreign answer is short and printable") {
    const Error error = bundle_error("<p>\r\n\x1b[31m\xC3\xA9" + std::string(10'000, 'x'));
    CHECK(error.message.size() < 200);
    CHECK(error.message.find('\x1b') == std::string::npos);
    CHECK(error.message.find('\n') == std::string::npos);
}

TEST_CASE("an element that cannot be read is named, and the rest of the page is used") {
    const std::string deep = "{\"a\":" + std::string(70, '[') + std::string(70, ']') + "}";
    const std::string entry = GENERATE_COPY(
        std::string(R"({"resource":"text"})"), std::string(R"({"resource":[]})"), std::string(R"({"resource":7})"),
        std::string(R"({"resource":null})"), std::string("\"text\""), std::string("[]"), std::string("null"),
        std::string(R"({"resource":{"resourceType":"Task","id":"x","description":"\ud83d"}})"),
        std::string(R"({"resource":{"resourceType":"Task","id":"x","description":"\q"}})"),
        "{\"resource\":{\"resourceType\":\"Task\",\"id\":\"x\",\"a\":\"\xFF\"}}",
        R"({"resource":{"resourceType":"Task","id":"x","d":)" + deep + "}}");
    INFO(entry);
    const auto page =
        parse_bundle(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Task","id":"1"}},)" + entry +
                     R"(,{"resource":{"resourceType":"Task","id":"3"}}],)"
                     R"("link":[{"relation":"next","url":"n"}]})");
    REQUIRE(page.has_value());
    CHECK(page->next == "n");
    REQUIRE(page->unreadable.size() == 1);
    CHECK(page->unreadable[0].place.starts_with("entry[1]"));
    CHECK_FALSE(page->unreadable[0].reason.empty());
    CHECK(page->unreadable[0].text == entry);
    if (entry.find("\"x\"") != std::string::npos) CHECK(page->unreadable[0].reference() == "Task/x");
    std::vector<std::string> read;
    for (const BundleEntry& one : page->entries)
        if (one.resource) read.push_back(one.resource->reference());
    CHECK(read == std::vector<std::string>{"Task/1", "Task/3"});
}

TEST_CASE("a page whose entry is not a list is no page") {
    const char* const entry = GENERATE(R"({"resource":{"resourceType":"Task","id":"1"}})", "\"text\"", "7", "true");
    CHECK(bundle_error(R"({"resourceType":"Bundle","entry":)" + std::string(entry) + "}").message.find("not a list") !=
          std::string::npos);
}

TEST_CASE("a deletion is known by its request, with or without fullUrl and content, and by the stub that is left") {
    const std::string entry =
        GENERATE(R"({"fullUrl":"https://h/Task/1","request":{"method":"DELETE"}})",
                 R"({"request":{"method":"DELETE","url":"Task/1"}})",
                 R"({"resource":{"resourceType":"Task","id":"1"},"request":{"method":"DELETE","url":"Task/1"}})",
                 R"({"resource":{"resourceType":"Task","id":"1","meta":{"deleted":true}}})");
    const auto page = parse_bundle(R"({"resourceType":"Bundle","type":"history","entry":[)" + entry + "]}");
    REQUIRE(page.has_value());
    CHECK(page->entries[0].is_deletion());
    CHECK(page->entries[0].reference() == "Task/1");
}

TEST_CASE("a truncated page is an error with the offset of its end") {
    const std::string text = R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Task","id":"1"}})";
    const Error error = bundle_error(text);
    CHECK(error.code == ErrorCode::Malformed);
    CHECK(error.offset == text.size());
}

TEST_CASE("a Bundle that says something twice is refused") {
    CHECK(bundle_error(R"({"resourceType":"Bundle","entry":[],"entry":[]})").code == ErrorCode::Malformed);
}

TEST_CASE("a page may be larger than one resource may be") {
    std::string text = R"({"resourceType":"Bundle","type":"searchset","entry":[)";
    for (int i = 0; i < 1000; ++i)
        text += (i == 0 ? "" : ",") + std::string(R"({"resource":{"resourceType":"Task","id":")") + std::to_string(i) +
                R"(","description":")" + std::string(5000, 'x') + "\"}}";
    text += "]}";
    REQUIRE(text.size() > Limits{}.max_bytes);
    const auto page = parse_bundle(text);
    REQUIRE(page.has_value());
    CHECK(page->entries.size() == 1000);
}

TEST_CASE("a page with too many entries is refused") {
    const auto page_of = [](int entries) {
        std::string text = R"({"resourceType":"Bundle","entry":[{})";
        for (int i = 1; i < entries; ++i) text += ",{}";
        return text + "]}";
    };
    Limits limits;
    limits.max_entries = 3;
    CHECK(parse_bundle(page_of(3), limits)->entries.size() == 3);
    CHECK(parse_bundle(page_of(4), limits).error().code == ErrorCode::TooLarge);
    // One entry that says "resource" again and again is isolated.
    const auto page = parse_bundle(
        R"({"resourceType":"Bundle","entry":[{"resource":{},"resource":{},"resource":{},"resource":{}}]})", limits);
    REQUIRE(page.has_value());
    CHECK(page->unreadable.size() == 1);
}

TEST_CASE("the searches and histories of the real transcripts are read") {
    int pages = 0;
    int resources = 0;
    for (const char* name : samples::fixture_files)
        for (const samples::Line& line : samples::transcript(name)) {
            if (line.direction != "http-response" || line.body.find("\"resourceType\":\"Bundle\"") == std::string::npos)
                continue;
            if (line.body.find(R"("entry":"<)") != std::string::npos) continue; // shortened where it was recorded
            const auto page = parse_bundle(line.body);
            INFO(line.url);
            REQUIRE(page.has_value());
            ++pages;
            for (const BundleEntry& entry : page->entries) resources += entry.resource != nullptr ? 1 : 0;
        }
    CHECK(pages >= 50);
    CHECK(resources > 70);
}

// ---- OperationOutcome ----

TEST_CASE("an OperationOutcome is read from its first issue") {
    const auto outcome = parse_outcome(
        R"({"resourceType":"OperationOutcome","id":"precondition-failed","issue":[{"severity":"error","code":"processing",)"
        R"("details":{"text":"Precondition Failed"},"diagnostics":"more"},{"code":"other"}]})");
    REQUIRE(outcome.has_value());
    CHECK(outcome->id == "precondition-failed");
    CHECK(outcome->severity == "error");
    CHECK(outcome->code == "processing");
    CHECK(outcome->text == "Precondition Failed");
    CHECK(outcome->diagnostics == "more");
}

TEST_CASE("an outcome of odd shape gives what it has") {
    const char* const given = GENERATE(
        R"({"resourceType":"OperationOutcome"})", R"({"resourceType":"OperationOutcome","issue":{}})",
        R"({"resourceType":"OperationOutcome","issue":[]})", R"({"resourceType":"OperationOutcome","issue":["text"]})",
        R"({"resourceType":"OperationOutcome","issue":[{"details":"text","code":7}]})");
    const auto outcome = parse_outcome(given);
    REQUIRE(outcome.has_value());
    CHECK(outcome->text.empty());
    CHECK(outcome->code.empty());
}

TEST_CASE("other text is no outcome") {
    CHECK_FALSE(parse_outcome("<html>").has_value());
    CHECK_FALSE(parse_outcome(R"({"resourceType":"Task"})").has_value());
    CHECK_FALSE(parse_outcome("[]").has_value());
    CHECK_FALSE(parse_outcome("").has_value());
}

TEST_CASE("an outcome that is written reads back the same") {
    const Outcome given{"not-found", "error", "not-found", "Not found: \"x\"", "line\nbreak"};
    const auto read = parse_outcome(make_outcome(given));
    REQUIRE(read.has_value());
    CHECK(read->id == given.id);
    CHECK(read->severity == given.severity);
    CHECK(read->code == given.code);
    CHECK(read->text == given.text);
    CHECK(read->diagnostics == given.diagnostics);
}

TEST_CASE("the refusals of the real server are read") {
    int outcomes = 0;
    for (const samples::Line& line : samples::transcript("errors")) {
        if (line.direction != "http-response" || line.status < 400 ||
            line.body.find("\"OperationOutcome\"") == std::string::npos)
            continue;
        const auto outcome = parse_outcome(line.body);
        INFO(line.body);
        REQUIRE(outcome.has_value());
        CHECK_FALSE(outcome->code.empty());
        ++outcomes;
    }
    CHECK(outcomes > 10);
}
