// What was not edited keeps its bytes, whatever a server has written.

#include "fhir/diff.hpp"
#include "fhir/edit.hpp"
#include "fhir/merge.hpp"
#include "fhir/slice.hpp"
#include "samples.hpp"
#include "support/wild_task.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

constexpr const char* earlier = "2026-02-10T10:30:00.000Z";
constexpr const char* later = "2026-02-10T10:30:05.000Z";

ResourcePtr resource_of(const std::string& text) {
    const auto resource = parse_resource(text);
    INFO(text);
    REQUIRE(resource);
    return *resource;
}

// Without the space around it, which a resource's text does not have to have.
std::string trimmed(const std::string& text) { return std::string(value_in(text).text()); }

} // namespace

TEST_CASE("an edit changes the bytes of the edited value alone") {
    tests::WildTasks tasks(1);
    for (int i = 0; i < 2'000; ++i) {
        const tests::WildTask task = tasks.next("a");
        const auto edited = apply_edits(*resource_of(task.text("1", earlier, "requested")),
                                        std::vector<FieldEdit>{{"status", R"("accepted")"}});
        REQUIRE(edited);
        REQUIRE(*edited == trimmed(task.text("1", earlier, "accepted")));
    }
}

TEST_CASE("what is added and taken away again leaves every byte as it was") {
    tests::WildTasks tasks(2);
    for (int i = 0; i < 2'000; ++i) {
        const ResourcePtr task = resource_of(tasks.next("a").text("1", earlier, "requested"));
        const auto added = apply_edits(
            *task, std::vector<FieldEdit>{{"description", R"("new")"}, {"restriction.period.end", R"("2026-02-10")"}});
        REQUIRE(added);
        const auto back = apply_edits(*resource_of(*added),
                                      std::vector<FieldEdit>{{"description", ""}, {"restriction.period.end", ""}});
        REQUIRE(back);
        REQUIRE(*back == trimmed(std::string(task->text())));
    }
}

TEST_CASE("an edit made anew on a later version changes the bytes of the edited value alone") {
    tests::WildTasks tasks(3);
    for (int i = 0; i < 2'000; ++i) {
        const tests::WildTask task = tasks.next("a");
        const ResourcePtr base = resource_of(task.text("1", earlier, "requested"));
        const ResourcePtr local = resource_of(*apply_edits(*base, std::vector<FieldEdit>{{"status", R"("accepted")"}}));
        const ResourcePtr server = resource_of(task.text("2", later, "requested", "urgent"));
        const Merge merged = merge(*base, *local, *server);
        REQUIRE_FALSE(merged.open());
        REQUIRE(merged.text == trimmed(task.text("2", later, "accepted", "urgent")));
    }
}

TEST_CASE("elements that a merge adds to a list leave the others as the server wrote them") {
    const ResourcePtr base = resource_of(R"({"id":"a","note": [ {"text" : "one\/1"} ], "x":1.50})");
    const ResourcePtr local = resource_of(R"({"id":"a","note": [ {"text" : "one\/1"} ,{"text":"two"}], "x":1.50})");
    const ResourcePtr server = resource_of(R"({"id":"a","note": [ {"text" : "one\/1"} ], "x":1.50 , "y" : {"z":1e2}})");
    CHECK(merge(*base, *local, *server).text ==
          R"({"id":"a","note": [ {"text" : "one\/1"},{"text":"two"} ], "x":1.50 , "y" : {"z":1e2}})");
}

TEST_CASE("an exact comparison names digits, order and meta, which the other one leaves out") {
    const auto names = [](const char* before, const char* after) {
        const ResourcePtr one = resource_of(before), other = resource_of(after);
        CHECK(diff(*one, *other).empty());
        std::string paths;
        for (const FieldChange& change : exact_diff(*one, *other)) paths += change.path + " ";
        return paths;
    };
    CHECK(names(R"({"value":{"x":1.50}})", R"({"value":{"x":1.5}})") == "value.x ");
    CHECK(names(R"({"telecom":[{"system":"a","value":"1"},{"system":"b","value":"2"}]})",
                R"({"telecom":[{"system":"b","value":"2"},{"system":"a","value":"1"}]})") == "telecom ");
    CHECK(names(R"({"meta":{"source":"a"}})", R"({"meta":{"source":"b"}})") == "meta.source ");
    CHECK(names(R"({"meta":{"source":"a"}})", R"({})") == "meta.source ");
    CHECK(names(R"({"a":"\/","b":{ "c":1}})", R"({"b":{"c":1},"a":"/"})").empty()); // the same content
    CHECK(names(R"({"contentType":"x","url":"https://h/1?Signature=a"})",
                R"({"contentType":"x","url":"https://h/1?Signature=a"})")
              .empty());
}
