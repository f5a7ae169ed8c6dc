#include "query/completion.hpp"

#include "query/query.hpp"
#include "query/update_fields.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope::query;

namespace {

std::vector<std::string> known(std::string_view field) {
    return field == "type"           ? std::vector<std::string>{"Patient", "Task"}
           : field == "subscription" ? std::vector<std::string>{"Task requested", "Patient"}
                                     : std::vector<std::string>();
}

// The cursor is where the | is.
std::vector<Completion> at(std::string_view marked) {
    const std::size_t cursor = marked.find('|');
    std::string text(marked);
    text.erase(cursor, 1);
    return completions(text, cursor, update_fields(), known);
}

std::vector<std::string> inserts(std::string_view marked) {
    std::vector<std::string> out;
    for (const Completion& completion : at(marked)) out.push_back(completion.insert);
    return out;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("an empty filter offers every field with its usual comparison") {
    const auto all = inserts("|");
    CHECK(all.front() == "type:");
    CHECK(has(all, "latency > "));
    CHECK(has(all, "outcome:"));
    CHECK(has(all, "!"));
    CHECK(has(all, "("));
}

TEST_CASE("the beginning of a field offers it, and values of other fields that begin so") {
    CHECK(inserts("lat|") == Texts{"latency > "});
    CHECK(inserts("type:Task & outc|").front() == "outcome:");
    CHECK(has(inserts("conf|"), "outcome:conflict"));
    CHECK(has(inserts("tas|"), "type:Task"));
    CHECK(has(inserts("tas|"), "subscription:\"Task requested\""));
}

TEST_CASE("a whole field offers its comparisons") {
    CHECK(inserts("latency|").front() == ":");
    CHECK(has(inserts("latency|"), "> "));
    CHECK(has(inserts("latency |"), "> "));
    CHECK_FALSE(has(inserts("type |"), "> "));
    CHECK(has(inserts("type |"), "!= "));
}

TEST_CASE("behind a comparison stand the values of the field") {
    CHECK(has(inserts("outcome:|"), "conflict"));
    CHECK(inserts("outcome:re|") == Texts{"rejected"});
    CHECK(inserts("type:|") == Texts{"Patient", "Task"});
    CHECK(inserts("subscription:task|") == Texts{"\"Task requested\""});
    CHECK(inserts("deleted = |") == Texts{"yes", "no"});
    CHECK(inserts("latency > 35|") == Texts{"35ms", "35s", "35us", "35m"});
    CHECK(inserts("latency > |").front() == "200ms");
}

TEST_CASE("behind a term stand the signs, and the closing bracket where one is open") {
    CHECK(inserts("type:Task |") == Texts{"& ", "| "});
    CHECK(inserts("(type:Task |") == Texts{"& ", "| ", ")"});
    CHECK(inserts("(type:Task) |") == Texts{"& ", "| "});
}

TEST_CASE("a completion takes the place of the word that it touches") {
    const auto all = at("outcome:re|ject & type:Task");
    REQUIRE(all.size() == 1);
    const Completed done = complete("outcome:reject & type:Task", all[0]);
    CHECK(done.text == "outcome:rejected & type:Task");
    CHECK(done.cursor == 16);
}

TEST_CASE("within quotes a value is completed with its quotes") {
    const auto all = at("subscription:\"Task re|");
    REQUIRE(all.size() == 1);
    CHECK(complete("subscription:\"Task re", all[0]).text == "subscription:\"Task requested\"");
    CHECK(inserts("\"fre|e\"").empty());
}

TEST_CASE("every completion of a valid beginning can be gone on with") {
    // What is inserted is never itself the error: the filter is valid, or only its end is missing.
    for (const std::string text : {"", "type:Task ", "lat", "latency", "latency ", "outcome:", "(deleted:yes ", "!"}) {
        for (const Completion& completion : completions(text, text.size(), update_fields(), known)) {
            const Completed done = complete(text, completion);
            const auto query = Query::parse(done.text, update_fields());
            INFO(done.text);
            CHECK((query.has_value() || query.error().offset >= done.text.find_last_not_of(' ')));
        }
    }
}
