#include "gui/frame/actions/actions.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

void open_log_sheet(Context& context, LogSheet sheet) {
    context.ui.view = ViewId::Log;
    context.ui.log.sheet = sheet;
}

std::vector<std::string> saved_filters(const Context& context) {
    std::vector<std::string> names;
    for (const SavedFilter& saved : context.ui.log.settings.filters) names.push_back(saved.name);
    return names;
}

void use_saved_filter(ActionTarget& t, std::string_view name) {
    if (const SavedFilter* saved = t.context.ui.log.settings.named(name)) {
        t.context.ui.view = ViewId::Log;
        t.context.ui.log.filter = saved->filter;
    }
}

const std::array all_log_actions = {
    Action{.id = "log-filters",
           .title = "Choose a saved filter of the log…",
           .possible = [](const Context& context) { return !context.ui.log.settings.filters.empty(); },
           .run = [](ActionTarget& t) { open_log_sheet(t.context, LogSheet::Menu); }},
    Action{.id = "log-saved-filter", .title = "Filter: ", .names = saved_filters, .run_named = use_saved_filter},
    Action{.id = "log-save-filter",
           .title = "Save the log's filter…",
           .possible = [](const Context& context) { return !context.ui.log.filter.empty(); },
           .run = [](ActionTarget& t) { open_log_sheet(t.context, LogSheet::Save); }},
    Action{.id = "log-clear-filter",
           .title = "Clear the log's filter",
           .possible = [](const Context& context) { return !context.ui.log.filter.empty(); },
           .run = [](ActionTarget& t) { t.context.ui.log.filter.clear(); }},
    Action{.id = "log-rules",
           .title = "Color rows of the log…",
           .run = [](ActionTarget& t) { open_log_sheet(t.context, LogSheet::Rules); }},
    Action{.id = "log-columns",
           .title = "Choose columns of the log…",
           .run = [](ActionTarget& t) { open_log_sheet(t.context, LogSheet::Columns); }},
    Action{.id = "log-export",
           .title = "Export the rows that the log shows…",
           .key = "Ctrl E",
           .chord = ImGuiMod_Ctrl | ImGuiKey_E,
           .run = [](ActionTarget& t) { open_log_sheet(t.context, LogSheet::SaveRows); }},
};

} // namespace

std::span<const Action> log_actions() { return all_log_actions; }

} // namespace fhirscope::gui
