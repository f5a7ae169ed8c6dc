#include "engine/core/hashed_log.hpp"
#include "engine/core/part.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope;
using namespace fhirscope::engine;

namespace {

std::uint64_t hash_of(HashedLog<std::uint64_t, 4>& log) {
    ArchiveHasher hasher;
    hasher(log);
    return hasher.value();
}

void append(HashedLog<std::uint64_t, 4>& log, std::uint64_t value) {
    log.digest.add(&value, sizeof value);
    log.push_back(value);
}

} // namespace

TEST_CASE("of two deadlines the first counts, and none is no deadline") {
    const LocalTime soon(std::chrono::seconds(1)), late(std::chrono::seconds(2));
    CHECK(earlier(soon, late) == soon);
    CHECK(earlier(late, soon) == soon);
    CHECK(earlier(never, late) == late);
    CHECK(earlier(late, never) == late);
    CHECK(earlier(never, never) == never);
}

TEST_CASE("a log's hash is of all that ever went in, and a keyframe has what is left of it") {
    HashedLog<std::uint64_t, 4> all, fewer{4};
    for (std::uint64_t i = 0; i < 40; ++i) append(all, i), append(fewer, i);
    REQUIRE(fewer.size() < all.size());
    CHECK(hash_of(all) == hash_of(fewer));

    const std::string bytes = to_bytes(fewer);
    HashedLog<std::uint64_t, 4> read{4};
    ArchiveReader reader(bytes);
    reader(read);
    REQUIRE(reader.ok());
    CHECK(reader.at_end());
    REQUIRE(read.first() == fewer.first());
    REQUIRE(read.end() == fewer.end());
    for (std::uint64_t i = read.first(); i < read.end(); ++i) CHECK(read[i] == i);
    append(read, 40);
    append(all, 40);
    CHECK(hash_of(read) == hash_of(all));
}
