// A changed word of ours changes no hash: hashes are over codes, numbers and the words of others.

#include "engine/digest.hpp"
#include "support/virtual_world.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::test;
using namespace std::chrono_literals;

namespace {

// Something of each kind goes wrong.
std::vector<engine::Input> troubled_inputs() {
    VirtualWorld world({.seed = 7, .patients = 3, .tasks = 8, .rate = 20});
    world.run_for(5s);
    world.send_raw("{not json");
    world.send_raw(R"({"resourceType":"Bundle","type":"history"})");
    world.run_for(1s);
    world.fail_next_requests(3, 500);
    world.cut_socket();
    world.run_for(10s);
    world.set_reachable(false);
    world.run_for(5s);
    world.set_reachable(true);
    world.run_for(10s);
    return world.inputs();
}

// Our own words in the log of events.
std::set<std::string> details(engine::Engine& played) {
    std::set<std::string> found;
    const auto snapshot = played.publish();
    for (std::uint64_t n = snapshot->events.first(); n < snapshot->events.end(); ++n)
        if (const std::string& detail = snapshot->events[n].what.detail; !detail.empty()) found.insert(detail);
    return found;
}

void replace_all(std::string& bytes, const std::string& text, const std::string& by) {
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + by.size()))
        bytes.replace(at, text.size(), by);
}

} // namespace

TEST_CASE("a session goes on to the same hash when words of ours were changed in the middle of it") {
    const auto inputs = troubled_inputs();
    engine::Engine played;
    std::size_t half = 0;
    while (half < inputs.size() && details(played).empty()) played.step(inputs[half++]);
    REQUIRE(half < inputs.size());
    std::string keyframe = played.keyframe();
    for (const std::string& detail : details(played)) replace_all(keyframe, detail, std::string(detail.size(), 'X'));
    auto changed = engine::Engine::restore(keyframe);
    REQUIRE(changed);
    CHECK(details(*changed) != details(played));
    CHECK(changed->state_hash() == played.state_hash());
    for (std::size_t i = half; i < inputs.size(); ++i) {
        played.step(inputs[i]);
        changed->step(inputs[i]);
    }
    CHECK(changed->state_hash() == played.state_hash());
}

TEST_CASE("another table of sentences makes another log of the same hash") {
    const auto inputs = troubled_inputs();
    words::Sentences others;
    for (const auto& [code, sentence] : words::sentences()) others[code] = "otherwise";
    engine::Engine played, read_otherwise;
    std::size_t differing = 0;
    for (const auto& input : inputs) {
        played.step(input);
        read_otherwise.step(input);
        const auto snapshot = read_otherwise.publish();
        if (snapshot->events.size() == 0) continue;
        const engine::Event& last = snapshot->events[snapshot->events.end() - 1];
        differing += words::text(last, others) != words::text(last);
    }
    CHECK(differing > inputs.size() / 2);
    CHECK(played.state_hash() == read_otherwise.state_hash());
}

TEST_CASE("the words of others are part of the hash, and our own are not") {
    const auto hash = [](const engine::Fact& fact) {
        engine::Digest digest;
        digest.add_hash(fact);
        return digest.value();
    };
    const engine::Fact fact{.code = engine::FactCode::FrameUnreadable, .words = "theirs", .detail = "ours"};
    engine::Fact other = fact;
    other.detail = "in other words";
    CHECK(hash(other) == hash(fact));
    other.words = "of somebody else";
    CHECK(hash(other) != hash(fact));
}
