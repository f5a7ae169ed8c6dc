#pragma once
// CPU time of this process's threads, from /proc. For the window's loop, not for drawing: it reads files.

#include "gui/model/frame_history.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

class ThreadLoads {
public:
    // The shares since the last call, the busiest first; null on the first one, and where /proc does not tell.
    std::shared_ptr<const std::vector<ThreadLoad>> read();

private:
    std::map<int, double> seconds_; // CPU time of each at the last call
    std::chrono::steady_clock::time_point at_{};
};

struct ThreadStat {
    std::string name;
    unsigned long long ticks = 0; // user and system
};
// One line of /proc/self/task/N/stat. Nothing where it has another form.
std::optional<ThreadStat> parse_thread_stat(std::string_view line);

} // namespace fhirscope::gui
