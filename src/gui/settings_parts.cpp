#include "gui/settings_parts.hpp"

#include "gui/start_form.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::gui {

namespace {

LookSettings look_of(const UiState& ui) { return {ui.light, ui.scale_percent, ui.reduced_motion}; }

LayoutSettings layout_of(const UiState& ui) {
    return {ui.view, ui.inspector_open, ui.timeline_open, snap(ui.inspector_width), snap(ui.timeline_height),
            // A span that the window chose is none of the user's.
            ui.span_chosen ? ui.span : TimelineSpan::ten_minutes, ui.span_chosen};
}

// Nothing is read or written while nothing has changed: this is asked after each frame.
template <class Part>
void keep_part(Settings& settings, const Part& now, std::optional<Part>& kept) {
    if (kept == now) {
        return;
    }
    kept = now;
    if (!(settings.get<Part>() == now)) {
        settings.put(now);
    }
}

} // namespace

void RecentSettings::add(Entry entry) {
    std::erase_if(entries, [&](const Entry& old) { return old.source == entry.source && old.place == entry.place; });
    entries.insert(entries.begin(), std::move(entry));
    if (entries.size() > kMost) {
        entries.resize(kMost);
    }
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

void use_settings(const Settings& settings, UiState& ui) {
    ui.settings = settings;
    const auto look = settings.get<LookSettings>();
    ui.light = look.light;
    ui.scale_percent = look.scale;
    ui.reduced_motion = look.reduced_motion;
    const auto layout = settings.get<LayoutSettings>();
    ui.view = layout.view;
    ui.inspector_open = layout.inspector;
    ui.inspector_width = layout.inspector_width;
    ui.timeline_open = layout.timeline;
    ui.timeline_height = layout.timeline_height;
    ui.span = layout.span;
    ui.span_chosen = layout.span_chosen;
    ui.log_filter = settings.get<FilterSettings>().log;
    ui.log = settings.get<LogSettings>();
    std::erase_if(ui.log.filters, [](const SavedFilter& saved) { return saved.name.empty() || saved.filter.empty(); });
    ui.panels = settings.get<PanelsSettings>().by_panel();
}

void SettingsKeeper::keep(UiState& ui) {
    keep_part(ui.settings, look_of(ui), look_);
    keep_part(ui.settings, layout_of(ui), layout_);
    keep_part(ui.settings, FilterSettings{ui.log_filter}, filters_);
    keep_part(ui.settings, ui.log, log_);
    if (panels_ != ui.panels) {
        panels_ = ui.panels;
        if (!(ui.settings.get<PanelsSettings>().by_panel() == *panels_)) {
            ui.settings.put(PanelsSettings::of(*panels_));
        }
    }
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
