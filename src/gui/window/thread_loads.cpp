#include "gui/window/thread_loads.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace fhirscope::gui {

std::optional<ThreadStat> parse_thread_stat(std::string_view line) {
    // "1234 (a name) S …": the name may hold spaces and parentheses, so it ends at the last one.
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
    ThreadStat stat{std::string(line.substr(open + 1, close - open - 1)), 0};
    std::string_view rest = line.substr(close + 1);
    // utime and stime are fields 14 and 15; the state behind the name is field 3.
    for (int field = 3; field <= 15; ++field) {
        const std::size_t begin = rest.find_first_not_of(' ');
        if (begin == std::string_view::npos) return std::nullopt;
        rest.remove_prefix(begin);
        const std::string_view word = rest.substr(0, rest.find(' '));
        if (field >= 14) {
            unsigned long long ticks = 0;
            if (std::from_chars(word.data(), word.data() + word.size(), ticks).ec != std::errc()) return std::nullopt;
            stat.ticks += ticks;
        }
        rest.remove_prefix(word.size());
    }
    return stat;
}

std::shared_ptr<const std::vector<ThreadLoad>> ThreadLoads::read() {
    const auto now = std::chrono::steady_clock::now();
    const double passed = std::chrono::duration<double>(now - at_).count();
    const bool first = at_ == std::chrono::steady_clock::time_point{};
    at_ = now;
    const auto per_second = static_cast<double>(std::max(1L, sysconf(_SC_CLK_TCK)));
    auto loads = std::make_shared<std::vector<ThreadLoad>>();
    std::map<int, double> seconds;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
        const int id = std::atoi(entry.path().filename().c_str());
        std::ifstream file(entry.path() / "stat");
        std::string line;
        std::getline(file, line);
        const auto stat = parse_thread_stat(line);
        if (id <= 0 || !stat) continue; // it ended meanwhile
        const double used = static_cast<double>(stat->ticks) / per_second;
        seconds[id] = used;
        const auto before = seconds_.find(id);
        const double began = before == seconds_.end() ? 0 : before->second;
        const double share = passed > 0 ? std::clamp((used - began) / passed, 0.0, 1.0) : 0;
        loads->push_back({id, stat->name, share, id == static_cast<int>(getpid())});
    }
    seconds_ = std::move(seconds);
    if (first || error || loads->empty()) return nullptr;
    std::stable_sort(loads->begin(), loads->end(),
                     [](const ThreadLoad& a, const ThreadLoad& b) { return a.share > b.share; });
    return loads;
}

} // namespace fhirscope::gui
