// A copy of the engine's containers shares with what it was copied from, and neither sees what the other writes.

#include "engine/chunked.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope::engine;

TEST_CASE("two copies of a chunked sequence write to chunks of their own") {
    Chunked<std::string, 4> one;
    for (int i = 0; i < 10; ++i) one.push_back("one " + std::to_string(i));
    const auto before = one.publish();
    Chunked<std::string, 4> other(one);
    Chunked<std::string, 4> third(one);
    other.set(1, "other");
    other.push_back("other's last");
    one.set(1, "changed");
    third.set(9, "third");
    CHECK(before[1] == "one 1");
    CHECK(one[1] == "changed");
    CHECK(other[1] == "other");
    CHECK(third[1] == "one 1");
    CHECK(one[9] == "one 9");
    CHECK(third[9] == "third");
    CHECK(one.size() == 10);
    CHECK(other.size() == 11);
    // What nobody wrote to is shared.
    const auto a = one.publish(), b = other.publish();
    CHECK(a.chunk_identity(1) == b.chunk_identity(1));
    CHECK(a.chunk_identity(0) != b.chunk_identity(0));
}

TEST_CASE("a copy of a log goes on from its place, whatever the other one appends") {
    Log<int, 4> one;
    for (int i = 0; i < 6; ++i) one.push_back(i);
    Log<int, 4> other(one);
    one.push_back(60);
    other.push_back(600);
    Log<int, 4> third(other);
    third.push_back(7'000);
    other.push_back(700);
    one.push_back(70);
    CHECK(one[6] == 60);
    CHECK(other[6] == 600);
    CHECK(third[6] == 600);
    CHECK(one[7] == 70);
    CHECK(other[7] == 700);
    CHECK(third[7] == 7'000);
    for (const auto* log : {&one, &other, &third})
        for (int i = 0; i < 6; ++i) CHECK((*log)[static_cast<std::uint64_t>(i)] == i);
}
