#include "gui/model/settings/log_settings.hpp"

#include <algorithm>

namespace fhirscope::gui {

const SavedFilter* LogSettings::named(std::string_view called) const {
    const auto it =
        std::find_if(filters.begin(), filters.end(), [&](const auto& saved) { return saved.name == called; });
    return it == filters.end() ? nullptr : &*it;
}

bool LogSettings::save(const std::string& called, const std::string& filter) {
    if (called.empty() || filter.empty() || called.size() > longest || filter.size() > longest) return false;
    const auto it =
        std::find_if(filters.begin(), filters.end(), [&](const auto& saved) { return saved.name == called; });
    if (it != filters.end()) {
        it->filter = filter;
        return true;
    }
    if (filters.size() >= most_filters) return false;
    filters.push_back({called, filter});
    return true;
}

bool LogSettings::shows(std::string_view column) const {
    return std::find(hidden.begin(), hidden.end(), column) == hidden.end();
}

void LogSettings::show(std::string_view column, bool shown) {
    std::erase(hidden, column);
    if (!shown) hidden.emplace_back(column);
}

} // namespace fhirscope::gui
