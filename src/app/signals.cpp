#include "app/signals.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace fhirscope::app {

StopSignals::StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR1);
    // A terminal that closes, an ssh session that is lost. `nohup` has it ignored, and so it stays.
    struct sigaction hangup {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool StopSignals::take(int signal) {
    if (signal != SIGUSR1) return came_ = true;
    if (on_request_) on_request_();
    return false;
}

bool StopSignals::wait(std::optional<std::chrono::milliseconds> timeout) {
    using namespace std::chrono;
    const auto end = timeout ? std::optional(steady_clock::now() + *timeout) : std::nullopt;
    while (!came_) { // other signals interrupt the wait
        if (!end) {
            if (const int signal = sigwaitinfo(&signals_, nullptr); signal > 0 && take(signal)) return true;
            continue;
        }
        const auto left = std::max(duration_cast<nanoseconds>(*end - steady_clock::now()), nanoseconds(0));
        const timespec time{static_cast<time_t>(left.count() / 1'000'000'000),
                            static_cast<long>(left.count() % 1'000'000'000)};
        const int signal = sigtimedwait(&signals_, nullptr, &time);
        if (signal > 0 && take(signal)) return true;
        if (signal < 0 && errno == EAGAIN) return false;
    }
    return true;
}

} // namespace fhirscope::app
