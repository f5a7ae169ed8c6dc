#pragma once
// Rows of the log into a file, by a thread of its own: the window goes on while it writes.

#include "engine/snapshot.hpp"
#include "query/export.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace fhirscope::gui {

// Used by one thread, the window's. What it is given stays as it is while it writes: the snapshot is immutable, and
// the conflicts are a copy.
class LogExport {
public:
    enum class State : std::uint8_t { Idle, Running, Done, Failed };

    // Gives up what is running. `numbers` in the order in which they are written.
    void start(engine::SnapshotPtr snapshot, query::ConflictRows conflicts, std::vector<std::uint64_t> numbers,
               query::Format format, std::string path);
    // Gives up; no file remains.
    void cancel();

    State state() const { return state_.load(std::memory_order_acquire); }
    std::size_t written() const { return written_.load(std::memory_order_relaxed); }
    std::size_t total() const { return total_; }
    const std::string& path() const { return path_; }
    // Once failed: what happened, and what to do.
    const std::string& problem() const { return problem_; }

private:
    void run(const std::stop_token& stop, const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
             const std::vector<std::uint64_t>& numbers, query::Format format);

    std::atomic<State> state_{State::Idle};
    std::atomic<std::size_t> written_{0};
    std::size_t total_ = 0;
    std::string path_, problem_;
    std::jthread thread_; // last: it ends before what it uses
};

// Where exports are suggested to go: the user's documents folder (XDG_DOCUMENTS_DIR, else ~/Documents where it exists),
// else the current folder. Looks at the disk.
std::string export_folder();
// "fhirscope-log-2026-03-12T14-32-07.csv", in UTC.
std::string export_name(LocalTime now, query::Format format);

} // namespace fhirscope::gui
