#include "gui/settings_parts.hpp"

#include "gui/start_form.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::gui {

namespace {

LookSettings look_of(const UiState& ui) { return {ui.light, ui.scale_percent}; }

LayoutSettings layout_of(const UiState& ui) {
    return {ui.view, ui.inspector_open, ui.timeline_open, snap(ui.inspector_width), snap(ui.timeline_height),
            // A span that the window chose is none of the user's.
            ui.span_chosen ? ui.span : TimelineSpan::ten_minutes, ui.span_chosen};
}

template <class Part>
void keep(Settings& settings, const Part& now) {
    if (!(settings.get<Part>() == now)) {
        settings.put(now);
    }
}

// Parts with readers and writers of their own.
constexpr std::string_view kLog = "log", kPanels = "panels";

template <class Part>
void keep(Settings& settings, std::string_view name, const Part& now, Part& kept) {
    if (!(now == kept)) {
        kept = now;
        settings.set_section(name, to_json(now));
    }
}

void check(std::string_view text, std::string_view name, const Result<void>& read,
           std::vector<SettingsProblem>& problems) {
    if (const fhir::Slice part = fhir::value_in(text).member(name); part.exists() && !read) {
        problems.push_back({part.text(), "\"" + std::string(name) + "\": " + read.error().message});
    }
}

template <class Part>
Result<void> without_value(const Result<Part>& read) {
    return read ? Result<void>() : tl::unexpected(read.error());
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
    const auto layout = settings.get<LayoutSettings>();
    ui.view = layout.view;
    ui.inspector_open = layout.inspector;
    ui.inspector_width = layout.inspector_width;
    ui.timeline_open = layout.timeline;
    ui.timeline_height = layout.timeline_height;
    ui.span = layout.span;
    ui.span_chosen = layout.span_chosen;
    ui.log_filter = settings.get<FilterSettings>().log;
    ui.log = ui.log_kept = log_settings_from_json(settings.section(kLog)).value_or(LogSettings{});
    ui.panels = ui.panels_kept = parse_panel_settings(settings.section(kPanels)).value_or(PanelSettingsMap{});
}

void keep_settings(UiState& ui) {
    keep(ui.settings, look_of(ui));
    keep(ui.settings, layout_of(ui));
    keep(ui.settings, FilterSettings{ui.log_filter});
    keep(ui.settings, kLog, ui.log, ui.log_kept);
    keep(ui.settings, kPanels, ui.panels, ui.panels_kept);
}

std::vector<SettingsProblem> check_settings(std::string_view text) {
    std::vector<SettingsProblem> problems;
    Settings::check<LookSettings>(text, problems);
    Settings::check<LayoutSettings>(text, problems);
    Settings::check<FilterSettings>(text, problems);
    Settings::check<RecentSettings>(text, problems);
    Settings::check<ConnectSettings>(text, problems);
    const auto part = [&](std::string_view name) {
        const fhir::Slice found = fhir::value_in(text).member(name);
        return found.exists() ? std::string(found.text()) : "{}";
    };
    check(text, kLog, without_value(log_settings_from_json(part(kLog))), problems);
    check(text, kPanels, without_value(parse_panel_settings(part(kPanels))), problems);
    return problems;
}

} // namespace fhirscope::gui
