#include "gui/model/log/log_export.hpp"

#include "gui/base/format.hpp"

#include <cstdlib>
#include <filesystem>

namespace fhirscope::gui {

void LogExport::start(engine::SnapshotPtr snapshot, query::ConflictRows conflicts, std::vector<std::uint64_t> numbers,
                      query::Format format, std::string path) {
    cancel();
    total_ = numbers.size();
    written_ = 0;
    problem_.clear();
    path_ = std::move(path);
    state_.store(State::Running, std::memory_order_release);
    thread_ = std::jthread([this, snapshot = std::move(snapshot), conflicts = std::move(conflicts),
                            numbers = std::move(numbers),
                            format](const std::stop_token& stop) { run(stop, *snapshot, conflicts, numbers, format); });
}

void LogExport::cancel() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    state_.store(State::Idle, std::memory_order_release);
}

void LogExport::run(const std::stop_token& stop, const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                    const std::vector<std::uint64_t>& numbers, query::Format format) {
    constexpr std::size_t block = 256 * 1024;
    const auto failed = [&](const Error& error) {
        problem_ = error.message;
        state_.store(State::Failed, std::memory_order_release);
    };
    auto file = query::PrivateFile::create(path_, query::PrivateFile::Existing::Refuse);
    if (!file) return failed(file.error());
    const query::RowWriter writer(snapshot, conflicts, format);
    std::string text = writer.head();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        writer.row(numbers[i], text);
        if (text.size() < block) continue;
        if (stop.stop_requested()) return;
        if (auto written = file->write(text); !written) return failed(written.error());
        text.clear();
        written_.store(i + 1, std::memory_order_relaxed);
    }
    if (auto written = file->write(text); !written) return failed(written.error());
    if (auto committed = file->commit(); !committed) return failed(committed.error());
    written_.store(numbers.size(), std::memory_order_relaxed);
    state_.store(State::Done, std::memory_order_release);
}

std::string export_folder() {
    std::error_code missing;
    const char* named = std::getenv("XDG_DOCUMENTS_DIR");
    if (named != nullptr && std::filesystem::is_directory(named, missing)) return named;
    const char* home = std::getenv("HOME");
    if (home != nullptr && std::filesystem::is_directory(std::filesystem::path(home) / "Documents", missing))
        return (std::filesystem::path(home) / "Documents").string();
    return std::filesystem::current_path(missing).string();
}

std::string export_name(LocalTime now, query::Format format) {
    std::string name = "fhirscope-log-";
    const ShortText time = utc_full(wall(now));
    for (const char ch : time.view().substr(0, 19)) // "2026-03-12 14:32:07"
        name += ch == ' ' ? 'T' : ch == ':' ? '-' : ch;
    return name.append(".").append(query::format_names[static_cast<std::size_t>(format)]);
}

} // namespace fhirscope::gui
