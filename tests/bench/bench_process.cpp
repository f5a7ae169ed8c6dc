// CPU of the whole program, its window open and a demo in it, as a share of one core: idle, and at a hundred updates a
// second. The embedded server and a graphics driver in software run in the same process, so threads are told apart.

#include "app/command_line.hpp"
#include "bench.hpp"
#include "gui/window/thread_loads.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

namespace fhirscope::bench {
namespace {

constexpr std::chrono::seconds settling{6}, measured{20};
const std::string window_thread = "window", other_threads = "other (graphics driver)";

// Seconds of CPU by the thread's name.
using CpuSeconds = std::map<std::string, double>;

CpuSeconds read_threads() {
    CpuSeconds seconds;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(entry.path() / "stat");
        std::string line;
        std::getline(file, line);
        const auto stat = gui::parse_thread_stat(line);
        if (!stat) continue; // it ended meanwhile
        const bool window = entry.path().filename() == std::to_string(getpid());
        const bool ours = stat->name == "engine" || stat->name == "network" || stat->name == "server";
        seconds[window ? window_thread
                : ours ? stat->name
                       : other_threads] += static_cast<double>(stat->ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    return seconds;
}

// Percent of one core by thread while a demo runs with `rate` changes a second.
CpuSeconds shares_at(const std::string& rate) {
    CpuSeconds shares;
    std::thread sampler([&] {
        std::this_thread::sleep_for(settling);
        const CpuSeconds before = read_threads();
        std::this_thread::sleep_for(measured);
        for (const auto& [name, seconds] : read_threads()) {
            const auto known = before.find(name);
            const double used = seconds - (known != before.end() ? known->second : 0);
            shares[name] = 100 * used / std::chrono::duration<double>(measured).count();
        }
    });
    const std::string whole = std::to_string((settling + measured).count() + 2);
    const std::string settings = std::filesystem::temp_directory_path() / ("bench-" + std::to_string(getpid()));
    std::string args[] = {"fhirscope", "demo", "--rate", rate,     "--tasks",    "20000",
                          "--seconds", whole,  "--view", "panels", "--settings", settings};
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    const int code = app::main(static_cast<int>(argv.size()), argv.data());
    sampler.join();
    std::filesystem::remove(settings);
    if (code != 0) std::exit(code);
    return shares;
}

double sum(const CpuSeconds& shares) {
    double all = 0;
    for (const auto& [name, share] : shares) all += share;
    return all;
}

} // namespace

Figure process() {
    const CpuSeconds idle = shares_at("0");
    const CpuSeconds busy = shares_at("100");
    Figure figure;
    figure.name = "process";
    figure.unit = "% of one core at 100 updates/s";
    figure.figure = sum(busy);
    figure.reference = sum(idle);
    figure.reference_is = "idle";
    figure.ratio = figure.figure / figure.reference;
    for (const auto& [name, share] : idle) figure.parts.emplace_back("idle, " + name + ", %", share);
    for (const auto& [name, share] : busy) figure.parts.emplace_back("100 updates/s, " + name + ", %", share);
    return figure;
}

} // namespace fhirscope::bench
