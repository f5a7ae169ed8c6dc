// What a snapshot holds never changes under it, and what did not change is shared.

#include "engine/chunked.hpp"
#include "engine/figures.hpp"

#include <catch2/catch_test_macros.hpp>

#include <vector>

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

TEST_CASE("two publications share what did not change, and tell what did") {
    constexpr int count = 4 * 64 * 3 + 2; // three blocks of chunks, and a part of a fourth
    Chunked<int, 4> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(i);
    using View = Chunked<int, 4>::View;
    const auto changed_since = [](const View& before, const View& now) {
        std::vector<std::size_t> chunks;
        now.for_each_changed_chunk(before, [&](std::size_t chunk) { chunks.push_back(chunk); });
        return chunks;
    };
    const auto before = numbers.publish();
    CHECK(changed_since(before, numbers.publish()).empty());
    numbers.set(5, 500);
    numbers.set(300, 3000);
    numbers.push_back(count);
    const auto after = numbers.publish();
    CHECK(changed_since(before, after) == std::vector<std::size_t>{1, 75, 192});
    CHECK(changed_since(after, before) == std::vector<std::size_t>{1, 75, 192});
    for (std::size_t chunk = 0; chunk <= after.chunk_count(); ++chunk)
        CHECK((before.chunk_identity(chunk) == after.chunk_identity(chunk)) ==
              (chunk != 1 && chunk != 75 && chunk != 192));
    for (int i = 0; i < count; ++i) {
        CHECK(before[static_cast<std::size_t>(i)] == i);
        CHECK(after[static_cast<std::size_t>(i)] == (i == 5 ? 500 : i == 300 ? 3000 : i));
    }
    CHECK(changed_since({}, after).size() == after.chunk_count());
    numbers.clear();
    CHECK(changed_since(after, numbers.publish()).empty());
    CHECK(after[5] == 500);
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
    for (std::uint64_t n = log.first(); n < log.end(); ++n) CHECK(log[n] == static_cast<int>(n));
    const auto later = log.publish();
    while (log.drop_chunk()) CHECK(log.first() % 4 == 0);
    CHECK(log.size() <= 4);
    CHECK(later[later.first()] == static_cast<int>(later.first()));
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
