#pragma once
// Ctrl-C, `kill` and a terminal that closes as something to wait for.

#include <signal.h>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <stop_token>
#include <utility>

namespace fhirscope::app {

// While it lives, SIGINT, SIGTERM and SIGHUP end nothing by themselves. Make it before the first thread, which inherits
// this, and after what reads files before there is one: that can be ended the short way.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    // True when a signal came within this time (nullopt: however long it takes), or before.
    bool wait(std::optional<std::chrono::milliseconds> timeout);

    // SIGUSR1 ends nothing either: it calls this from wait(), where there is something to call.
    void hear_requests(std::function<void()> call) { on_request_ = std::move(call); }

    // What `work` returns, which is asked to stop when a signal comes.
    template <class Work>
    auto hearing(Work work) {
        using namespace std::chrono_literals;
        std::stop_source stop;
        auto result = std::async(std::launch::async, std::move(work), stop.get_token());
        while (result.wait_for(20ms) != std::future_status::ready)
            if (wait(0ms)) stop.request_stop();
        return result.get();
    }

private:
    bool take(int signal); // true: it ends the program

    sigset_t signals_, before_;
    std::function<void()> on_request_;
    bool came_ = false;
};

} // namespace fhirscope::app
