// What cannot be stops the engine with what and where.

#include "fhir/assert.hpp"

#include "engine/chunked.hpp"
#include "engine/figures.hpp"
#include "engine/store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace fhirscope;
using namespace fhirscope::engine;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("what cannot be says what must hold, in which file and line, and not where the checkout lies") {
    const auto impossible = [] { FHIRSCOPE_ASSERT(1 + 1 == 3); };
    CHECK_THROWS_MATCHES(impossible(), Impossible,
                         MessageMatches(ContainsSubstring("1 + 1 == 3") && ContainsSubstring("assert_test.cpp:") &&
                                        !ContainsSubstring("(/")));
    CHECK_NOTHROW([] { FHIRSCOPE_ASSERT(1 + 1 == 2); }());
}

TEST_CASE("what is not there is not read: entries that have left, records that never were, versions without one") {
    Log<int, 4> log(4);
    for (int i = 0; i < 12; ++i) log.push_back(i);
    REQUIRE(log.first() > 0);
    CHECK(log[log.first()] == static_cast<int>(log.first()));
    CHECK_THROWS_AS(log[log.first() - 1], Impossible);
    CHECK_THROWS_AS(log.publish()[log.end()], Impossible);

    Chunked<int> items;
    items.push_back(1);
    CHECK_THROWS_AS(items[1], Impossible);
    CHECK_THROWS_AS(items.set(1, 2), Impossible);
    CHECK_THROWS_AS(items.publish()[1], Impossible);

    Stores stores;
    Record record;
    record.reference = "Task/t1";
    CHECK_THROWS_AS(stores.put(std::nullopt, record, nullptr), Impossible);
    CHECK_THROWS_AS(stores.at({7, 0}), Impossible);
}

TEST_CASE("a histogram gives back only what it was given") {
    Histogram histogram;
    CHECK_THROWS_AS(histogram.remove(5), Impossible);
    histogram.record(5);
    CHECK_THROWS_AS(histogram.remove(50'000), Impossible);
    histogram.remove(5);
    CHECK(histogram.count() == 0);
}
