#pragma once
// The one file that settings are kept in. It can be read and edited by a person, and deleted: all of it is then as it
// was at first. Readable by its owner alone, since filters and addresses may say something about patients.

#include "fhir/result.hpp"
#include "gui/model/notices.hpp"
#include "gui/model/settings/settings.hpp"

#include <chrono>
#include <filesystem>
#include <vector>

namespace fhirscope::gui {

// $XDG_CONFIG_HOME/fhirscope/settings.json, else below ~/.config; "" where neither is known.
std::filesystem::path settings_path();

// What the file says, for who only wants to know: a file that is not there or cannot be read says nothing, and is left
// alone; the window tells of it.
Settings kept_settings(const std::filesystem::path& path);

class SettingsFile {
public:
    // Changes are written after this time at the latest.
    static constexpr std::chrono::milliseconds delay{1500};

    // "": nothing is read and nothing is written.
    explicit SettingsFile(std::filesystem::path path) : path_(std::move(path)) {}

    // What the file says; what it cannot say is as by default, and `notices` names file, line and reason. A file that
    // is no JSON is set aside as settings.json.broken. What cannot be read at all (a folder, a device, a file that is
    // not allowed or too large) is left alone: nothing is written then.
    Settings load(std::vector<Notice>& notices);

    // Writes changes that are old enough; says when to ask again (max() for never). Says once when it cannot write.
    std::chrono::milliseconds tick(const Settings& settings, std::chrono::steady_clock::time_point now,
                                   std::vector<Notice>& notices);
    // Writes what was not written yet. Errors: Settings.
    Result<void> save(const Settings& settings);

private:
    Result<void> set_aside() const;

    std::filesystem::path path_;
    std::uint64_t saved_ = 0; // revision
    bool waiting_ = false, told_ = false;
    bool keep_old_ = false; // the file has values that would be lost
    std::chrono::steady_clock::time_point since_;
};

} // namespace fhirscope::gui
