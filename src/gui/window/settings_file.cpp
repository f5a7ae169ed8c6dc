#include "gui/window/settings_file.hpp"

#include "fhir/json_place.hpp"
#include "files/private_folder.hpp"
#include "files/regular_file.hpp"
#include "gui/model/settings/settings_parts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace fhirscope::gui {

namespace fs = std::filesystem;

namespace {

constexpr const char* key = "settings";
constexpr std::uint64_t largest_settings = 4U << 20U; // usual ones have 10 KB

Result<void> cannot(const char* deed, const fs::path& file, const std::string& reason) {
    return fail(ErrorCode::Settings, std::string("Settings cannot be ") + deed + ": " + file.string() + ": " + reason);
}

Result<void> write_whole(const fs::path& file, const std::string& text) {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (descriptor < 0) return cannot("written", file, std::strerror(errno));
    ::fchmod(descriptor, 0600);
    std::size_t written = 0;
    int problem = 0;
    while (written < text.size() && problem == 0) {
        const ssize_t n = ::write(descriptor, text.data() + written, text.size() - written);
        if (n >= 0)
            written += static_cast<std::size_t>(n);
        else if (errno != EINTR)
            problem = errno;
    }
    if (::fsync(descriptor) != 0 && problem == 0) problem = errno;
    ::close(descriptor);
    if (problem != 0) {
        ::unlink(file.c_str());
        return cannot("written", file, std::strerror(problem));
    }
    return {};
}

} // namespace

fs::path settings_path() {
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config == '/')
        return fs::path(config) / "fhirscope" / "settings.json";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return fs::path(home) / ".config" / "fhirscope" / "settings.json";
    return {};
}

Settings kept_settings(const fs::path& path) {
    const auto text = path.empty() ? Result<std::string>() : files::read_whole(path, largest_settings);
    auto settings = Settings::parse(text ? *text : std::string());
    return settings ? std::move(*settings) : Settings();
}

// A copy: the file itself stays until it is replaced as a whole.
Result<void> SettingsFile::set_aside() const {
    const auto text = files::read_whole(path_, largest_settings);
    if (!text) return fail(ErrorCode::Settings, text.error().message);
    return write_whole(path_.string() + ".broken", *text);
}

Settings SettingsFile::load(std::vector<Notice>& notices) {
    std::error_code none;
    if (path_.empty() || !fs::exists(path_, none)) return {};
    const auto tell = [&](std::string text, std::string cause) {
        notices.push_back({Notice::Severity::Attention, std::string(key) + "/" + cause, std::move(text), cause, ""});
    };
    const auto read = files::read_whole(path_, largest_settings);
    if (!read) {
        tell("The settings cannot be read; everything is as by default, and changes are not kept.",
             read.error().message);
        path_.clear(); // it is not ours: whatever it is, it is not replaced
        return {};
    }
    const std::string& text = *read;
    auto settings = Settings::parse(text);
    if (!settings) {
        const std::string cause =
            fhir::at_line(path_.string(), text, settings.error().offset) + ": " + settings.error().message;
        const bool kept = set_aside().has_value();
        tell("The settings cannot be read; everything is as by default." +
                 std::string(kept ? " The file is kept as settings.json.broken." : ""),
             cause);
        keep_old_ = !kept;
        return {};
    }
    for (const SettingsProblem& problem : check_settings(text)) {
        keep_old_ = true;
        tell("A setting cannot be used; its default is.",
             fhir::at_line(path_.string(), text, fhir::offset_of(text, problem.at)) + ": " + problem.reason);
    }
    return std::move(*settings);
}

Result<void> SettingsFile::save(const Settings& settings) {
    waiting_ = false;
    if (path_.empty() || settings.revision() == saved_) return {};
    if (auto made = files::make_private_folder(path_.parent_path()); !made)
        return fail(ErrorCode::Settings, "Settings cannot be written: " + made.error().message);
    std::error_code problem;
    if (std::exchange(keep_old_, false)) {
        if (auto aside = set_aside(); !aside) {
            keep_old_ = true;
            return aside;
        }
    }
    const fs::path fresh = path_.string() + ".new";
    if (auto written = write_whole(fresh, settings.text()); !written) return written;
    fs::rename(fresh, path_, problem);
    if (problem) {
        ::unlink(fresh.c_str());
        return cannot("written", path_, problem.message());
    }
    saved_ = settings.revision();
    return {};
}

std::chrono::milliseconds SettingsFile::tick(const Settings& settings, std::chrono::steady_clock::time_point now,
                                             std::vector<Notice>& notices) {
    using std::chrono::milliseconds;
    if (path_.empty() || settings.revision() == saved_) return milliseconds::max();
    if (!std::exchange(waiting_, true)) since_ = now;
    const auto age = std::chrono::floor<milliseconds>(now - since_);
    if (age < delay) return delay - age;
    if (auto written = save(settings); !written) {
        if (!std::exchange(told_, true)) {
            notices.push_back({Notice::Severity::Attention, key,
                               "The settings cannot be written; they are lost at the end.", written.error().message,
                               ""});
        }
        // Tried again with the next change, and at the end.
        saved_ = settings.revision();
    }
    return milliseconds::max();
}

} // namespace fhirscope::gui
