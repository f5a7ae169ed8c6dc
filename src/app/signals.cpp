#include "app/signals.hpp"

#include <algorithm>
#include <cerrno>

namespace fhirscope::app {

StopSignals::StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    // A terminal that closes, an ssh session that is lost. `nohup` has it ignored, and so it stays.
    struct sigaction hangup {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool StopSignals::wait(std::optional<std::chrono::milliseconds> timeout) {
    using namespace std::chrono;
    const auto end = timeout ? std::optional(steady_clock::now() + *timeout) : std::nullopt;
    while (!came_) { // other signals interrupt the wait
        if (!end) {
            if (sigwaitinfo(&signals_, nullptr) > 0) return came_ = true;
            continue;
        }
        const auto left = std::max(duration_cast<nanoseconds>(*end - steady_clock::now()), nanoseconds(0));
        const timespec time{static_cast<time_t>(left.count() / 1'000'000'000),
                            static_cast<long>(left.count() % 1'000'000'000)};
        if (sigtimedwait(&signals_, nullptr, &time) > 0) return came_ = true;
        if (errno == EAGAIN) return false;
    }
    return true;
}

} // namespace fhirscope::app
