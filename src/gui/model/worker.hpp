#pragma once
// One thread beside the window's, for questions that look at every row: filters, sorts, indexes. Whoever asks keeps a
// Job, and goes on showing what it has until the answer is there.

#include "fhir/thread_safety.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace fhirscope::gui {

// A question that is not wanted any more is left by throwing this: nothing else leaves std::sort.
struct Stopped {};
// For the one who computes, every few thousand rows. Throws Stopped.
inline void leave_if(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Stopped();
}

// Used by the window's thread, but for what it runs. Its lock is held for as long as a pointer takes. It ends with the
// question that runs, which it stops; those that wait are dropped.
class Worker {
public:
    class Work {
    public:
        Work() = default;
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;
        virtual ~Work() = default;
        void stop() { stop_.request_stop(); }

    private:
        friend class Worker;
        virtual void run(const std::stop_token& stop) noexcept = 0; // by the worker's thread
        std::stop_source stop_;
    };

    // `news` is called by the worker's thread whenever an answer is there.
    explicit Worker(std::function<void()> news);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Drops what waits and was stopped; so no more wait than there are jobs.
    void post(std::shared_ptr<Work> work);
    // Whether an answer has come since the last call.
    bool take_news() { return news_.exchange(false); }
    // Until nothing waits or runs: for tests.
    void wait();

private:
    void run(const std::stop_token& stop);
    std::shared_ptr<Work> next(const std::stop_token& stop); // null: it is the end

    std::function<void()> tell_;
    std::atomic<bool> news_{false};
    Mutex mutex_;
    ConditionVariable changed_;
    std::deque<std::shared_ptr<Work>> waiting_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::optional<std::stop_source> running_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::jthread thread_; // last: it ends before what it uses
};

// The place of one question and its answer. Used by the window's thread; may end before the worker, or after it.
template <class Answer>
class Job {
public:
    // What is computed owns what it works on: snapshots are immutable and shared. It calls leave_if().
    using Compute = std::function<Answer(const std::stop_token&)>;

    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job() { give_up(); }

    // Takes the place of the question before, of which no answer comes any more.
    void start(Worker& worker, Compute compute) {
        give_up();
        question_ = std::make_shared<Question>(std::move(compute));
        worker.post(question_);
    }
    void give_up() {
        if (question_) question_->stop();
        question_.reset();
    }
    // A question is on its way, or its answer was not taken yet.
    bool pending() const { return question_ != nullptr; }
    // The answer, once. Throws what was thrown instead of one.
    std::optional<Answer> take() {
        if (!question_ || !question_->done.load(std::memory_order_acquire)) return std::nullopt;
        const std::shared_ptr<Question> question = std::exchange(question_, nullptr);
        if (question->failure) std::rethrow_exception(question->failure);
        return std::move(question->answer);
    }

private:
    struct Question final : Worker::Work {
        explicit Question(Compute how) : compute(std::move(how)) {}
        void run(const std::stop_token& stop) noexcept override {
            try {
                leave_if(stop);
                answer.emplace(compute(stop));
            } catch (const Stopped&) {
            } catch (...) {
                failure = std::current_exception();
            }
            compute = nullptr; // what it held is given up here, not by the window in the middle of a frame
            done.store(true, std::memory_order_release);
        }
        Compute compute;
        std::optional<Answer> answer;
        std::exception_ptr failure;
        std::atomic<bool> done{false};
    };
    std::shared_ptr<Question> question_;
};

} // namespace fhirscope::gui
