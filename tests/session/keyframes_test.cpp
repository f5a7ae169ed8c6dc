#include "engine/build.hpp"
#include "engine/engine.hpp"
#include "session/database.hpp"
#include "session/keyframe_writer.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

using namespace fhirscope;
using namespace fhirscope::tests;
using session::Keyframe, session::KeyframeWriter;

namespace {

// With keyframes before the inputs 5 and 10.
std::string with_keyframes(const std::string& name) {
    const std::string path = fresh_path(name);
    write_session(path, one_of_each());
    const auto writer = KeyframeWriter::open(path);
    REQUIRE(writer);
    REQUIRE(writer->add({5, std::string(1'000, 'a')}, at(5)));
    REQUIRE(writer->add({10, std::string(3'000, 'b')}, at(10)));
    return path;
}

void change_keyframes(const std::string& path, const char* sql) {
    auto database = session::Database::open(path, session::Database::Mode::Write);
    REQUIRE(database);
    REQUIRE(database->run(sql));
}

std::optional<std::uint64_t> nearest(const std::string& path, std::uint64_t from) {
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    const auto keyframe = reader->keyframe_before(from);
    return keyframe ? std::optional(keyframe->inputs) : std::nullopt;
}

} // namespace

TEST_CASE("the nearest keyframe at or before an input is found") {
    const std::string path = with_keyframes("keyframes.fhirscope");
    CHECK(nearest(path, 4) == std::nullopt);
    CHECK(nearest(path, 5) == 5);
    CHECK(nearest(path, 9) == 5);
    CHECK(nearest(path, 10) == 10);
    CHECK(nearest(path, UINT64_MAX) == 10);
    CHECK(session::Reader::open(path)->keyframe_before(10)->bytes == std::string(3'000, 'b'));
    CHECK(read_all(path).size() == one_of_each().size()); // and the session is as it was
    CHECK_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("a keyframe that is damaged, of another build or beyond the inputs is none") {
    const std::string path = with_keyframes("bad-keyframes.fhirscope");
    std::optional<std::uint64_t> found = 5;
    SECTION("bytes") { change_keyframes(path, "UPDATE keyframes SET data = x'00112233' WHERE before = 10"); }
    SECTION("place") { change_keyframes(path, "UPDATE keyframes SET before = 11 WHERE before = 10"); }
    SECTION("time") { change_keyframes(path, "UPDATE keyframes SET at = at + 1 WHERE before = 10"); }
    SECTION("size") { change_keyframes(path, "UPDATE keyframes SET size = 1 << 62 WHERE before = 10"); }
    SECTION("beyond") { change_keyframes(path, "UPDATE keyframes SET before = 1000 WHERE before = 10"); }
    SECTION("build") { change_keyframes(path, "UPDATE keyframes SET build = 'another' WHERE before = 10"); }
    SECTION("all") {
        change_keyframes(path, "DELETE FROM keyframes");
        found = std::nullopt;
    }
    CHECK(nearest(path, 12) == found);
    CHECK(read_all(path).size() == one_of_each().size());
}

TEST_CASE("a keyframe is not used where the bounds that it was made with are not allowed") {
    engine::Config config;
    config.store.max_resource_bytes = std::size_t{1} << 40;
    const std::string path = fresh_path("greedy-keyframe.fhirscope");
    write_session(path, {{at(1), engine::Start{config}}, {at(2), engine::Tick{}}});
    REQUIRE(KeyframeWriter::open(path)->add({1, "state"}, at(1)));
    auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK_FALSE(reader->keyframe_before(2));
    reader->bound_resources(std::size_t{1} << 40); // whoever opens it says so
    CHECK(reader->keyframe_before(2));
}

TEST_CASE("keyframes are written into whole sessions alone") {
    const std::string path = fresh_path("no-keyframes.fhirscope");
    CHECK_FALSE(KeyframeWriter::open(path));
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    (*recorder)->add(frame_input(1, "one"));
    CHECK_FALSE(KeyframeWriter::open(path));
    REQUIRE((*recorder)->close({}));
    CHECK_FALSE(KeyframeWriter::open(path)); // it has no end

    const std::string whole = with_keyframes("read-only.fhirscope");
    std::filesystem::permissions(whole, std::filesystem::perms::owner_read);
    if (::access(whole.c_str(), W_OK) == 0) SKIP("run by root, who may write everything");
    const auto writer = KeyframeWriter::open(whole);
    CHECK_FALSE((writer && writer->add({7, "c"}, at(7))));
}
