#include "session/content_digest.hpp"

#include "engine/engine.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using session::content_digest, session::content_digest_from, session::ContentDigest;

namespace {

struct Shown {
    const char* id = "t1";
    const char* version = "1";
    const char* status = "requested";
};

// What a client was shown of these, in this order.
ContentDigest digest_of(const std::vector<Shown>& all) {
    engine::Engine engine;
    engine::Config config;
    config.mode = engine::Mode::Observe;
    config.base_url = "http://h/";
    std::int64_t t = 1'770'719'400'000'000;
    const auto step = [&](engine::InputBody body) { engine.step({at(t++), std::move(body)}); };
    step(engine::Start{config});
    for (const Shown& shown : all) {
        const std::string id = shown.id;
        step(engine::Observed{
            "GET", "http://h/fhir/R4/Task/" + id, 200, nullptr,
            engine::make_text(R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + shown.version +
                              R"(","lastUpdated":"2026-02-10T10:30:00.000Z"},"status":")" + shown.status + R"("})")});
        step(engine::Drain{});
    }
    return content_digest(*engine.publish());
}

} // namespace

TEST_CASE("a content digest is that of what is shown, in whatever order it came") {
    const ContentDigest two = digest_of({{"t1"}, {"t2"}});
    CHECK(two.bytes);
    CHECK(two.matches(digest_of({{"t2"}, {"t1"}})));
    CHECK_FALSE(two.matches(digest_of({{"t1"}})));
    CHECK_FALSE(two.matches(digest_of({{"t1", "2"}, {"t2"}})));
    const ContentDigest other = digest_of({{"t1", "1", "completed"}, {"t2"}}); // of the same version
    CHECK(two.what == other.what);
    CHECK_FALSE(two.matches(other));
    CHECK(two.matches({two.what, {}})); // somebody had no room for the contents
    CHECK_FALSE(two.matches({two.what + 1, {}}));
}

TEST_CASE("a content digest comes back from its text") {
    for (const ContentDigest& digest : {ContentDigest{0x0123456789abcdef, 0xfedcba9876543210}, ContentDigest{7, {}}}) {
        const auto read = content_digest_from(to_text(digest));
        REQUIRE(read);
        CHECK(read->what == digest.what);
        CHECK(read->bytes == digest.bytes);
    }
    for (const char* const text :
         {"", "1", "0123456789abcdef-", "0123456789abcdef+0123456789abcdef", "0123456789abcdeg"})
        CHECK_FALSE(content_digest_from(text));
}
