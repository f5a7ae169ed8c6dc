#include "app/panels.hpp"

#include "app/command_line.hpp"
#include "files/regular_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace fhirscope::app {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_panel = 1u << 20; // the built-in ones have 2 KB
constexpr std::size_t most_panels = 1'000;        // files of a folder that are looked at

fs::path user_folder() {
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config && *config)
        return fs::path(config) / "fhirscope" / "panels";
    if (const char* home = std::getenv("HOME"); home && *home)
        return fs::path(home) / ".config" / "fhirscope" / "panels";
    return {};
}

Result<engine::PanelDefinition> read_panel(const fs::path& file) {
    const auto text = files::read_whole(file, largest_panel);
    if (!text) return fail(ErrorCode::Panel, text.error().message);
    return engine::parse_panel(*text, file.string());
}

// In the order in which the window shows them: that of the files' names, built-in ones first.
void read_folder(const fs::path& folder, LeftOut left_out, std::vector<engine::PanelDefinition>& panels) {
    const auto tell = [&](const std::string& reason) {
        if (left_out == LeftOut::Tell) complain("a panel was left out", reason);
    };
    std::error_code problem;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, problem)) {
        if (entry.path().extension() != ".json") continue;
        if (files.size() == most_panels) {
            tell(folder.string() + " holds more than " + std::to_string(most_panels) +
                 " of them; the rest is not read.");
            break;
        }
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::map<std::string, fs::path> file_of_type;
    for (const fs::path& file : files) {
        auto panel = read_panel(file);
        if (!panel) {
            tell(panel.error().message);
            continue;
        }
        const auto [other, first] = file_of_type.try_emplace(panel->type, file);
        if (!first) {
            tell(file.string() + " shows " + panel->type + " as " + other->second.string() +
                 " does; a resource type has one panel.");
            continue;
        }
        const auto same_type = [&](const engine::PanelDefinition& earlier) { return earlier.type == panel->type; };
        const auto earlier = std::find_if(panels.begin(), panels.end(), same_type);
        if (earlier != panels.end())
            *earlier = std::move(*panel);
        else
            panels.push_back(std::move(*panel));
    }
}

} // namespace

fs::path assets_folder() {
    std::error_code problem;
    const fs::path program = fs::read_symlink("/proc/self/exe", problem);
    return program.parent_path().parent_path() / "share" / "fhirscope";
}

Result<std::vector<engine::PanelDefinition>> load_panels(const PanelSources& sources, LeftOut left_out) {
    std::vector<engine::PanelDefinition> panels;
    const fs::path built_in = assets_folder() / "panels";
    const std::string& given_folder = sources.folder;
    if (sources.built_in) read_folder(built_in, left_out, panels);
    if (const fs::path own = user_folder(); !own.empty()) read_folder(own, left_out, panels);
    if (!given_folder.empty()) {
        std::error_code problem;
        if (!fs::is_directory(given_folder, problem))
            return fail(ErrorCode::Panel, "--panels: there is no folder " + given_folder + ".");
        read_folder(given_folder, left_out, panels);
    }
    if (panels.empty()) {
        if (!sources.built_in)
            return fail(ErrorCode::Panel,
                        "no panel definition is left without the built-in ones; give others with --panels DIR.");
        return fail(ErrorCode::Panel, "no panel definition could be read. The built-in ones should be in " +
                                          built_in.string() + "; give others with --panels DIR.");
    }
    return panels;
}

engine::Config config_for(std::vector<engine::PanelDefinition> panels) {
    engine::Config config;
    for (const auto& panel : panels) config.subscriptions.push_back({panel.title, panel.criteria});
    config.panels = std::move(panels);
    return config;
}

} // namespace fhirscope::app
