#include "runtime/inbox.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <thread>
#include <vector>

namespace fhirscope::runtime {
namespace {

engine::Input frame(std::size_t bytes = 1) {
    return {LocalTime{}, engine::Frame{1, engine::make_text(std::string(bytes, 'x'))}};
}

} // namespace

TEST_CASE("a full inbox keeps what is pushed, says that it is full, and later that there is room") {
    int rooms = 0;
    Inbox inbox(4, 1'000, [&] { ++rooms; });
    CHECK(inbox.push(frame()));
    CHECK(inbox.push(frame()));
    CHECK(inbox.push(frame()));
    CHECK_FALSE(inbox.push(frame()));
    CHECK_FALSE(inbox.push(frame()));
    std::vector<engine::Input> out;
    inbox.take(out, 2);
    CHECK(rooms == 0);
    CHECK_FALSE(inbox.push(frame())); // full until it is half empty, or it would flutter
    inbox.take(out, 2);
    CHECK(rooms == 1);
    CHECK(inbox.push(frame()));
    inbox.take(out, 100);
    CHECK(out.size() == 7);
    CHECK(rooms == 1);
}

TEST_CASE("bytes fill an inbox as inputs do") {
    int rooms = 0;
    Inbox inbox(1'000, 100, [&] { ++rooms; });
    CHECK(inbox.push(frame(60)));
    CHECK_FALSE(inbox.push(frame(60)));
    std::vector<engine::Input> out;
    inbox.take(out, 1);
    CHECK(rooms == 0);
    inbox.take(out, 1);
    CHECK(rooms == 1);
}

TEST_CASE("inputs come out in the order of pushing, across threads too") {
    Inbox inbox(1'000'000, 1u << 30, [] {});
    constexpr std::uint32_t count = 20'000;
    std::thread writer([&] {
        for (std::uint32_t i = 0; i < count; ++i) inbox.push({LocalTime{}, engine::SocketOpened{i}});
    });
    std::vector<engine::Input> out;
    while (out.size() < count) {
        inbox.wait_until(Inbox::Time::max());
        inbox.take(out, 64);
    }
    writer.join();
    std::uint32_t wrong = 0;
    for (std::uint32_t i = 0; i < count; ++i) wrong += std::get<engine::SocketOpened>(out[i].body).socket != i;
    CHECK(wrong == 0);
}

TEST_CASE("waiting ends at its time, and when woken") {
    Inbox inbox(4, 100, [] {});
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    inbox.wait_until(until);
    CHECK(std::chrono::steady_clock::now() >= until);
    inbox.wake();
    inbox.wait_until(Inbox::Time::max()); // returns, because the call above is remembered
    SUCCEED();
}

} // namespace fhirscope::runtime
