#include "gui/model/settings/settings_parts.hpp"

#include "gui/model/settings/log_settings.hpp"
#include "gui/model/settings/panel_settings.hpp"
#include "gui/model/start_form.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr std::array scale_steps = {least_scale, 90, 100, 110, 125, 150, 175, most_scale};

} // namespace

int next_scale(int percent, int direction) {
    if (direction > 0) {
        const auto* next = std::upper_bound(scale_steps.begin(), scale_steps.end(), percent);
        return next == scale_steps.end() ? most_scale : *next;
    }
    const auto* next = std::lower_bound(scale_steps.begin(), scale_steps.end(), percent);
    return next == scale_steps.begin() ? least_scale : *(next - 1);
}

void RecentSettings::add(Entry entry) {
    std::erase_if(entries, [&](const Entry& old) { return old.source == entry.source && old.place == entry.place; });
    entries.insert(entries.begin(), std::move(entry));
    if (entries.size() > most_kept) entries.resize(most_kept);
}

std::string without_secrets(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const std::size_t scheme = url.find("://");
    const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t path = url.find('/', host);
    const std::size_t at = url.substr(0, path).rfind('@');
    std::string out(url.substr(0, host));
    out += url.substr(at == std::string_view::npos || at < host ? host : at + 1);
    return out;
}

std::vector<SettingsProblem> check_settings(std::string_view text) {
    std::vector<SettingsProblem> problems;
    Settings::check<LookSettings>(text, problems);
    Settings::check<LayoutSettings>(text, problems);
    Settings::check<LimitSettings>(text, problems);
    Settings::check<FilterSettings>(text, problems);
    Settings::check<RecentSettings>(text, problems);
    Settings::check<ConnectSettings>(text, problems);
    Settings::check<LogSettings>(text, problems);
    Settings::check<PanelsSettings>(text, problems);
    return problems;
}

} // namespace fhirscope::gui
