// The window's worker: which of the questions it answers, how it ends, and that the indexes it makes are those that the
// window would make, while the engine goes on publishing. ThreadSanitizer watches.

#include "gui/model/worker.hpp"

#include "fhir/thread_safety.hpp"
#include "gui/model/link_index.hpp"
#include "gui/model/log/log_index.hpp"
#include "gui/model/log/range_counts.hpp"
#include "gui/model/panels/panel_index.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;
using tests::Synthetic;

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

// As the engine's loop: it publishes again and again, a few times between two looks of the window.
class Writer {
public:
    explicit Writer(Synthetic& data) : data_(data), thread_([this](const std::stop_token& stop) { run(stop); }) {}
    ~Writer() {
        const Lock lock(mutex_);
        thread_.request_stop();
        changed_.notify_all();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // One that was not taken before.
    engine::SnapshotPtr take() {
        Lock lock(mutex_);
        while (published_ == 0) changed_.wait(lock);
        published_ = 0;
        changed_.notify_all();
        return newest_;
    }

private:
    void run(const std::stop_token& stop) {
        engine::Chunked<engine::ConflictPtr> conflicts;
        for (std::size_t n = 0; !stop.stop_requested(); ++n) {
            static constexpr std::array<std::string_view, 3> statuses = {"completed", "draft", "accepted"};
            for (std::size_t i = 0; i < 3; ++i)
                data_.change_task((n * 131 + i * 1777) % 9000, statuses[(n + i) % 3],
                                  Synthetic::now() + std::chrono::milliseconds(n));
            auto conflict = std::make_shared<engine::Conflict>();
            conflict->number = n + 1;
            conflict->update = n * 37 % 20000; // a row that was looked at long ago
            conflicts.push_back(std::move(conflict));
            const auto snapshot = data_.publish();
            snapshot->conflicts = conflicts.publish();
            Lock lock(mutex_);
            while (published_ == 3 && !stop.stop_requested()) changed_.wait(lock);
            newest_ = snapshot;
            ++published_;
            changed_.notify_all();
        }
    }

    Synthetic& data_;
    Mutex mutex_;
    ConditionVariable changed_;
    engine::SnapshotPtr newest_ FHIRSCOPE_GUARDED_BY(mutex_);
    int published_ FHIRSCOPE_GUARDED_BY(mutex_) = 0; // since the last look
    std::jthread thread_;
};

constexpr std::size_t tasks_store = 1;

// What a window keeps of a session.
struct Indexes {
    query::ConflictRows conflicts;
    LogIndex log;
    RangeCounts counts;
    PanelIndex panel;
    LinkIndex links;

    void update(const engine::SnapshotPtr& snapshot, const PanelIndex::Question& question, Worker* worker) {
        conflicts.update(snapshot);
        log.update(snapshot, conflicts, std::nullopt, worker);
        counts.update(snapshot, TimeRange{LocalTime{}, Synthetic::now() + 24h}, worker);
        panel.update(snapshot, tasks_store, question, Synthetic::now(), worker);
        links.update(snapshot, worker);
    }
    bool complete() const { return log.complete() && counts.complete() && panel.complete() && links.complete(); }
};

std::vector<std::pair<std::uint32_t, std::uint32_t>> who_names(const LinkIndex& links, std::string_view reference) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
    for (const LinkIndex::Place& place : links.to(reference)) places.emplace_back(place.store, place.index);
    std::sort(places.begin(), places.end());
    return places;
}

// Returns what differs; "" for nothing.
std::string difference(const Indexes& a, const Indexes& b, const engine::Snapshot& snapshot) {
    std::string all;
    bool same = a.log.size() == b.log.size() && a.log.bins().size() == b.log.bins().size();
    for (std::size_t i = 0; same && i < a.log.size(); ++i) same = a.log.number(i) == b.log.number(i);
    for (std::size_t i = 0; same && i < a.log.bins().size(); ++i)
        same = a.log.bins()[i].matches == b.log.bins()[i].matches &&
               a.log.bins()[i].conflicts == b.log.bins()[i].conflicts;
    if (!same) all += "log ";
    for (std::size_t i = 0; i < engine::outcome_count; ++i)
        if (a.counts.of(static_cast<engine::Outcome>(i)) != b.counts.of(static_cast<engine::Outcome>(i)))
            all += "counts ";
    if (!(a.panel.order() == b.panel.order()) || a.panel.total() != b.panel.total()) all += "panel ";
    const std::string& patient = snapshot.stores[0].records[3]->reference;
    if (who_names(a.links, patient) != who_names(b.links, patient) || who_names(b.links, patient).empty())
        all += "links ";
    return all;
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

TEST_CASE("indexes that the worker makes while the engine publishes are those that a look at everything makes") {
    Synthetic data({.patients = 20, .tasks = 9000, .alerts = 5, .updates = 80000, .seconds = 700, .gap = false});
    const std::array<std::string_view, 4> filters = {"outcome:conflict", "type:Task & latency > 20ms", "",
                                                     "outcome != conflict & seq > 70000"};
    Worker worker([] {});
    Writer writer(data);
    Indexes indexes;
    std::size_t asked = 0;
    for (std::size_t round = 0; round < 12; ++round) {
        PanelIndex::Question question;
        question.sort_column = static_cast<int>(round % 4) + (round % 4 > 1 ? 1 : 0);
        question.descending = round % 2 == 0;
        if (round % 3 == 1) question.filter = "completed";
        if (round % 3 == 2) question.range = TimeRange{Synthetic::now() - 1h, Synthetic::now() + round * 1ms};
        question.only_changed = round % 2 == 1;
        const auto query = query::Query::parse(filters[round % filters.size()], query::update_fields());
        REQUIRE(query);
        indexes.log.ask(*query);
        engine::SnapshotPtr snapshot;
        do {
            snapshot = writer.take();
            indexes.update(snapshot, question, &worker);
            asked += indexes.complete() ? 0 : 1;
            // What a frame draws.
            const auto& records = snapshot->stores[tasks_store].records;
            for (std::size_t i = 0; i < std::min<std::size_t>(40, indexes.panel.order().size()); ++i) {
                const std::uint32_t index = indexes.panel.order()[i];
                static_cast<void>(indexes.panel.row(index, *records[index]));
            }
        } while (!indexes.complete());
        Indexes fresh;
        fresh.log.ask(*query);
        fresh.update(snapshot, question, nullptr);
        CAPTURE(round);
        CHECK(difference(indexes, fresh, *snapshot) == "");
    }
    CHECK(asked >= 12);
}
