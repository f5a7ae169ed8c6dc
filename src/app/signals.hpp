#pragma once
// Ctrl-C and `kill` as something to wait for.

#include <signal.h>

#include <chrono>
#include <optional>

namespace fhirscope::app {

// While it lives, SIGINT and SIGTERM end nothing by themselves. Make it before the first thread, which inherits this.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    // True when a signal came within this time (nullopt: however long it takes).
    bool wait(std::optional<std::chrono::milliseconds> timeout);

private:
    sigset_t signals_, before_;
};

} // namespace fhirscope::app
