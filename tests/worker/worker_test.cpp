// The window's worker: which of the questions it answers, and how it ends. ThreadSanitizer watches.

#include "gui/model/worker.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::gui;

namespace {

// Runs until it is stopped, and says when it has begun.
Job<int>::Compute until_stopped(std::latch& begun) {
    return [&begun](const std::stop_token& stop) -> int {
        begun.count_down();
        while (true) {
            leave_if(stop);
            std::this_thread::yield();
        }
    };
}

} // namespace

TEST_CASE("a newer question takes the place of the one before, whether that runs or waits") {
    Worker worker([] {});
    Job<int> busy;
    Job<int> job;
    std::latch begun(1);
    std::atomic<int> answered{0};
    busy.start(worker, until_stopped(begun));
    begun.wait();
    for (int i = 1; i <= 100; ++i) {
        job.start(
            worker,
            [i, &answered](const std::stop_token&) {
                ++answered;
                return i;
            });
    }
    CHECK(job.pending());
    CHECK_FALSE(job.take());
    busy.start(worker, [](const std::stop_token&) { return 7; }); // stops the first
    worker.wait();
    CHECK(answered == 1);
    CHECK(job.take() == 100);
    CHECK_FALSE(job.pending());
    CHECK_FALSE(job.take());
    CHECK(busy.take() == 7);
}

TEST_CASE("what a question throws comes out where its answer is taken, and the worker goes on") {
    Worker worker([] {});
    Job<int> job;
    job.start(worker, [](const std::stop_token&) -> int { throw std::runtime_error("no room"); });
    worker.wait();
    CHECK_THROWS_AS(job.take(), std::runtime_error);
    CHECK_FALSE(job.pending());
    job.start(worker, [](const std::stop_token&) { return 3; });
    worker.wait();
    CHECK(job.take() == 3);
}

TEST_CASE("the window is told of each answer") {
    std::atomic<int> told{0};
    Worker worker([&] { ++told; });
    Job<int> job;
    CHECK_FALSE(worker.take_news());
    job.start(worker, [](const std::stop_token&) { return 1; });
    worker.wait();
    CHECK(told == 1);
    CHECK(worker.take_news());
    CHECK_FALSE(worker.take_news());
}

TEST_CASE("a worker ends while a question runs and others wait, and jobs may end before it or after it") {
    std::latch begun(1);
    const auto held = std::make_shared<int>(5); // what a question works on
    Job<int> after;
    {
        Worker worker([] {});
        Job<int> before;
        Job<int> waits;
        before.start(worker, until_stopped(begun));
        begun.wait();
        waits.start(
            worker, [held](const std::stop_token&) { return *held; });
        after.start(worker, [held](const std::stop_token&) { return *held; });
    }
    CHECK_FALSE(after.take());
    after.give_up();
    CHECK(held.use_count() == 1);
}
