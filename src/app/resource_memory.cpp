#include "app/resource_memory.hpp"

#include "gui/model/settings/settings_parts.hpp"
#include "gui/window/settings_file.hpp"

#include <utility>

namespace fhirscope::app {

std::filesystem::path settings_file(const ViewOptions& options) {
    if (options.no_settings) return {};
    if (!options.settings.empty()) return options.settings;
    return options.screenshot.empty() ? gui::settings_path() : std::filesystem::path();
}

MemoryOptions with_settings(MemoryOptions memory, const ViewOptions& view) {
    if (!memory.settings) memory.settings = settings_file(view);
    return memory;
}

std::uint64_t resource_memory(const MemoryOptions& memory) {
    if (memory.resource_bytes > 0) return memory.resource_bytes;
    const auto settings = gui::kept_settings(memory.settings.value_or(gui::settings_path()));
    return settings.get<gui::LimitSettings>().resource_bytes();
}

} // namespace fhirscope::app
