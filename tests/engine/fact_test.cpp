#include "engine/fact.hpp"

#include "engine/digest.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope::engine;

namespace {

Fact refusal(std::size_t own_words) {
    const Fact cause{.code = FactCode::Said, .words = std::string(300, 's'), .detail = std::string(own_words, 'c')};
    return Fact{.code = FactCode::EditInvalid, .about = "Task/a", .detail = std::string(own_words, 'o')}.because(cause);
}

std::uint64_t hash_of(Fact fact) {
    ArchiveHasher hasher;
    hasher(fact);
    return hasher.value();
}

} // namespace

TEST_CASE("how long our own words are changes nothing that is hashed or counted") {
    Fact terse = refusal(1), wordy = refusal(5'000);
    CHECK(hash_of(terse) == hash_of(wordy));
    CHECK(terse.text_bytes() == wordy.text_bytes());
    cut_texts(terse, 200);
    cut_texts(wordy, 200);
    CHECK(terse.causes.front().words.size() == 194); // what "Task/a" left
    CHECK(hash_of(terse) == hash_of(wordy));
    CHECK(wordy.detail.size() <= 200);
}
