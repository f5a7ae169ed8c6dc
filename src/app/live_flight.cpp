#include "app/live_flight.hpp"

#include "files/private_folder.hpp"
#include "gui/window/window.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace fhirscope::app {

namespace {

namespace fs = std::filesystem;

// "a.fhirscope", "a-2.fhirscope", …
std::string free_name(const fs::path& wish) {
    std::error_code none;
    fs::path name = wish;
    for (int n = 2; fs::exists(name, none); ++n)
        name = wish.parent_path() / (wish.stem().string() + "-" + std::to_string(n) + wish.extension().string());
    return name.string();
}

session::FlightOptions options_of(const FlightChoice& choice) {
    session::FlightOptions options;
    options.longest = std::chrono::seconds(static_cast<std::int64_t>(choice.minutes * 60));
    options.stretch = std::min(options.stretch, std::max(options.longest / 4, std::chrono::seconds(1)));
    options.most_bytes = choice.bytes;
    options.stretch_bytes = std::min(options.stretch_bytes, options.most_bytes / 8);
    return options;
}

} // namespace

Result<std::string> new_recording() {
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    const fs::path folder = data && *data == '/'   ? fs::path(data) / "fhirscope"
                            : home && *home == '/' ? fs::path(home) / ".local/share/fhirscope"
                                                   : fs::path();
    if (folder.empty()) return fail(ErrorCode::Folder, "there is no folder for a recording: HOME is not set");
    if (auto made = files::make_private_folder(folder); !made) return fail(ErrorCode::Folder, made.error().message);
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char name[40];
    std::strftime(name, sizeof name, "%Y-%m-%d-%H%M%S.fhirscope", &local);
    return free_name(folder / name);
}

LiveFlight::LiveFlight(FlightChoice choice, std::string server)
    : choice_(std::move(choice)), server_(std::move(server)) {
    if (!choice_.off) kept_ = std::make_shared<session::FlightRecorder>(options_of(choice_));
}

void LiveFlight::look() {
    if (!kept_) return;
    Playhead::Options options;
    options.inputs = kept_;
    options.live = true;
    options.changed = [] { gui::wake_window(); };
    playhead_ = std::make_unique<Playhead>(std::move(options));
}

std::string LiveFlight::recording() const {
    return recording_ && !recording_->is_over() ? recording_->path() : std::string();
}

LocalTime LiveFlight::recording_since() const { return recording_ ? recording_->since() : LocalTime(); }

void LiveFlight::record(LaterRecording::From from) {
    if (!kept_) return complain("nothing is recorded", "the flight recorder is off (--no-flight-recorder)");
    if (!recording().empty()) return;
    const auto path = new_recording();
    if (!path) return complain("nothing is recorded", path.error().message);
    if (recording_) failed_ |= !recording_->finish({});
    recording_ = std::make_unique<LaterRecording>(*path, server_, kept_, from);
}

void LiveFlight::stop_recording() {
    if (recording_) recording_->stop();
}

void LiveFlight::save() {
    if (!kept_ || choice_.file.empty()) return;
    const Lock lock(mutex_);
    saved_.push_back(
        std::make_unique<LaterRecording>(free_name(choice_.file), server_, kept_, LaterRecording::From::Kept));
    saved_.back()->stop();
}

void LiveFlight::save_after_crash() {
    if (!kept_ || choice_.on.empty() || choice_.file.empty()) return;
    LaterRecording last(free_name(choice_.file), server_, kept_, LaterRecording::From::Kept);
    static_cast<void>(last.finish({}));
}

bool LiveFlight::finish(const session::Ending& ending) {
    playhead_.reset();
    if (recording_) failed_ |= !recording_->finish(ending);
    const Lock lock(mutex_);
    for (const auto& saved : saved_) failed_ |= !saved->finish(ending);
    return !failed_;
}

} // namespace fhirscope::app
