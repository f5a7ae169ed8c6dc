#pragma once
// Between the settings that are kept and the window's state.

#include "gui/frame/context.hpp"
#include "gui/model/settings/settings_parts.hpp"

#include <optional>

namespace fhirscope::gui {

void use_settings(const Settings& settings, UiState& ui);

// Takes over what the user changed. Cheap when nothing did; called after each frame.
class SettingsKeeper {
public:
    void keep(UiState& ui);

private:
    // As they were last time; none at first.
    std::optional<LookSettings> look_;
    std::optional<LayoutSettings> layout_;
    std::optional<FilterSettings> filters_;
    std::optional<LogSettings> log_;
    std::optional<PanelSettingsMap> panels_;
};

} // namespace fhirscope::gui
