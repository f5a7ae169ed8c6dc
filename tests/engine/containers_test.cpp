// What a snapshot holds never changes under it, and what did not change is shared.

#include "engine/chunked.hpp"
#include "engine/metrics.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope::engine;

TEST_CASE("a published sequence keeps its content while the engine writes on") {
    Chunked<int, 4> numbers;
    for (int i = 0; i < 10; ++i) numbers.push_back(i);
    const auto before = numbers.publish();
    numbers.set(5, 500);
    numbers.push_back(10);
    CHECK(before.size() == 10);
    CHECK(before[5] == 5);
    const auto after = numbers.publish();
    CHECK(after.size() == 11);
    CHECK(after[5] == 500);
    CHECK(after[10] == 10);
}

TEST_CASE("chunks that did not change are the same in two publications") {
    Chunked<int, 4> numbers;
    for (int i = 0; i < 12; ++i) numbers.push_back(i);
    const auto before = numbers.publish();
    numbers.set(5, 500);
    const auto after = numbers.publish();
    CHECK(before.chunk_identity(0) == after.chunk_identity(0));
    CHECK(before.chunk_identity(1) != after.chunk_identity(1));
    CHECK(before.chunk_identity(2) == after.chunk_identity(2));
}

TEST_CASE("a log keeps at least its bound, numbers its entries for good, and views outlive what leaves") {
    Log<int, 4> log(8);
    for (int i = 0; i < 10; ++i) log.push_back(i);
    const auto view = log.publish();
    for (int i = 10; i < 40; ++i) log.push_back(i);
    CHECK(log.size() >= 8);
    CHECK(log.size() <= 12);
    CHECK(log.end() == 40);
    CHECK(log[log.first()] == static_cast<int>(log.first()));
    CHECK(log.back() == 39);
    CHECK(view.end() == 10);
    CHECK(view[view.first()] == static_cast<int>(view.first()));
    CHECK(view[9] == 9);
}

TEST_CASE("a histogram's percentiles are right to three percent") {
    Histogram h;
    for (int i = 1; i <= 100'000; ++i) h.record(i);
    CHECK(h.count() == 100'000);
    CHECK(h.max() == 100'000);
    for (const double q : {0.01, 0.5, 0.9, 0.99}) {
        const double exact = q * 100'000, got = static_cast<double>(h.percentile(q));
        INFO("q " << q << " got " << got);
        CHECK(got >= exact * 0.999);
        CHECK(got <= exact * 1.035);
    }
    CHECK(h.percentile(1.0) == 100'000);
    CHECK(Histogram().percentile(0.5) == 0);
}

TEST_CASE("a value that is taken back from a histogram leaves no trace") {
    Histogram h, without;
    for (const std::int64_t micros : {12, 900, 45'000, 900}) h.record(micros);
    for (const std::int64_t micros : {12, 900}) without.record(micros);
    h.remove(45'000);
    h.remove(900);
    h.set_max(900);
    CHECK(h.counts() == without.counts());
    CHECK(h.count() == without.count());
    CHECK(h.mean() == without.mean());
    CHECK(h.max() == without.max());
    h.remove(12);
    h.remove(900);
    CHECK(h.max() == 0);
}

TEST_CASE("each value lies between the edges of its bucket") {
    for (std::uint64_t v = 0; v < (1ull << 30); v = v * 3 / 2 + 1) {
        const auto bucket = Histogram::bucket_of(v);
        INFO("value " << v);
        CHECK(Histogram::lower_edge(bucket) <= v);
        CHECK(v <= Histogram::upper_edge(bucket));
    }
    Histogram h;
    h.record(-5); // a clock that is off must not wrap around
    CHECK(h.max() == 0);
}

TEST_CASE("the levels of the heat map begin where they say") {
    for (std::size_t level = 1; level < SecondBucket::levels; ++level) {
        CHECK(SecondBucket::level_of(SecondBucket::level_begin(level)) == level);
        CHECK(SecondBucket::level_of(SecondBucket::level_begin(level) - 1) == level - 1);
    }
    CHECK(SecondBucket::level_of(0) == 0);
}
