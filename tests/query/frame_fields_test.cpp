// What a filter sees of a frame.

#include "query/frame_fields.hpp"

#include "query/query.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::query;

namespace {

struct OneFrame {
    engine::FrameRow frame;
    engine::Snapshot snapshot;
    OneFrame() {
        snapshot.subscriptions.resize(1);
        snapshot.subscriptions[0].name = "Task in progress";
        frame.subscription = 0;
        frame.kind = engine::FrameKind::Event;
        frame.socket = 4;
        frame.size = 1400;
        frame.text = std::make_shared<const std::string>(R"({"resourceType":"Bundle","id":"3e92b7d0"})");
    }
    bool matches(std::string_view text) {
        snapshot.frames = engine::Log<engine::FrameRow, 256>::View::of({frame});
        const auto query = Query::parse(text, frame_fields());
        INFO(text);
        REQUIRE(query.has_value());
        return query->matches(FrameFacts(snapshot).at(0));
    }
};

} // namespace

TEST_CASE("a frame is found by words of its kind, subscription and text") {
    OneFrame one;
    CHECK(one.matches("event \"in progress\" 3E92B7D0"));
    CHECK_FALSE(one.matches("heartbeat"));
    one.frame.text = nullptr; // given up for the memory bound
    one.frame.subscription = engine::no_subscription;
    CHECK_FALSE(one.matches("3e92b7d0"));
    CHECK(one.matches("text = \"\" & subscription = \"\""));
}

TEST_CASE("a frame is asked by its fields") {
    OneFrame one;
    CHECK(one.matches("kind:event & direction:in & size > 1kB & socket = 4 & number = 0"));
    CHECK(one.matches("subscription:progress & text:Bundle"));
    CHECK_FALSE(one.matches("direction:out | size < 1kB"));
    one.frame.kind = engine::FrameKind::Bad; // the last of them
    one.frame.outgoing = true;
    CHECK(one.matches("kind:unreadable & direction:out"));
}
