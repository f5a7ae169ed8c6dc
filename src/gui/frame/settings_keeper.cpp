#include "gui/frame/settings_keeper.hpp"

namespace fhirscope::gui {

namespace {

LookSettings look_of(const UiState& ui) { return {ui.look.light, ui.look.scale_percent, ui.look.reduced_motion}; }

LayoutSettings layout_of(const UiState& ui) {
    return {ui.view, ui.inspector.open, ui.timeline.open, snap(ui.inspector.width), snap(ui.timeline.height),
            // A span that the window chose is none of the user's.
            ui.timeline.span_chosen ? ui.timeline.span : TimelineSpan::TenMinutes, ui.timeline.span_chosen};
}

// Nothing is read or written while nothing has changed: this is asked after each frame.
template <class Part>
void keep_part(Settings& settings, const Part& now, std::optional<Part>& kept) {
    if (kept == now) return;
    kept = now;
    if (!(settings.get<Part>() == now)) settings.put(now);
}

} // namespace

void use_settings(const Settings& settings, UiState& ui) {
    ui.settings = settings;
    const auto look = settings.get<LookSettings>();
    ui.look.light = look.light;
    ui.look.scale_percent = look.scale;
    ui.look.reduced_motion = look.reduced_motion;
    const auto layout = settings.get<LayoutSettings>();
    ui.view = layout.view;
    ui.inspector.open = layout.inspector;
    ui.inspector.width = layout.inspector_width;
    ui.timeline.open = layout.timeline;
    ui.timeline.height = layout.timeline_height;
    ui.timeline.span = layout.span;
    ui.timeline.span_chosen = layout.span_chosen;
    ui.log.filter = settings.get<FilterSettings>().log;
    ui.log.settings = settings.get<LogSettings>();
    std::erase_if(ui.log.settings.filters,
                  [](const SavedFilter& saved) { return saved.name.empty() || saved.filter.empty(); });
    ui.panels = settings.get<PanelsSettings>().by_panel();
}

void SettingsKeeper::keep(UiState& ui) {
    keep_part(ui.settings, look_of(ui), look_);
    keep_part(ui.settings, layout_of(ui), layout_);
    keep_part(ui.settings, FilterSettings{ui.log.filter}, filters_);
    keep_part(ui.settings, ui.log.settings, log_);
    if (panels_ != ui.panels) {
        panels_ = ui.panels;
        if (!(ui.settings.get<PanelsSettings>().by_panel() == *panels_)) ui.settings.put(PanelsSettings::of(*panels_));
    }
}

} // namespace fhirscope::gui
