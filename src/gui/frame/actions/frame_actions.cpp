#include "gui/frame/actions/actions.hpp"
#include "gui/frame/bars/recording_button.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

// From the explained resource to its incident, in a narrow window from that to the list, and then to none. False: there
// was none.
bool leave_incident(Context& context) {
    DiagnosisState& state = context.ui.diagnosis;
    if (!state.explained.empty())
        state.explained.clear();
    else if (context.layout.narrow && state.opened && state.incident != 0)
        state.opened = false;
    else if (state.incident != 0)
        state.incident = 0;
    else
        return false;
    return true;
}

// Esc closes the nearest thing that is open.
void escape(Context& context) {
    UiState& ui = context.ui;
    if (ui.page != Page::View)
        ui.page = context.session.open ? Page::View : Page::Start;
    else if (ui.view == ViewId::Log && ui.log.sheet != LogSheet::None)
        ui.log.sheet = LogSheet::None;
    else if (ui.inspector.overlay && context.layout.narrow)
        ui.inspector.overlay = false;
    else if (ui.demo.open && context.layout.narrow)
        ui.demo.open = false; // it lies over the view
    else if (ui.brush)
        ui.brush.reset();
    else if (ui.view == ViewId::Diagnosis && leave_incident(context))
        return;
    else
        select_nothing(context);
}

void show_page(Context& context, Page page) { context.ui.page = page; }

bool startable(const Context& context) { return context.start != nullptr; }

// In one, the same key opens its controls.
bool may_start_demo(const Context& context) { return startable(context) && context.session.demo == nullptr; }

// `direction` 0: as the monitor is.
void rescale(Context& context, int direction) {
    int& percent = context.ui.look.scale_percent;
    percent = direction == 0 ? 100 : next_scale(percent, direction);
}

// The first of the demos; another one is chosen on the start page.
void start_demo(Context& context) {
    if (context.session.open) { // one key must not end what is open
        context.ui.page = Page::Start;
        return;
    }
    const StartInfo& start = *context.start;
    if (context.opening == nullptr && !start.demos.empty())
        context.ui.requests.emplace_back(OpenDemo{start.demos.front().name, 1});
}

void show_help(Context& context, bool keys) {
    UiState& ui = context.ui;
    ui.overlays.help = !ui.overlays.help || ui.overlays.help_keys != keys;
    ui.overlays.help_keys = keys;
}

const std::array all_frame_actions = {
    Action{.id = "palette",
           .title = "Find or run",
           .key = "Ctrl K",
           .chord = ImGuiMod_Ctrl | ImGuiKey_K,
           .in_list = false,
           .run = [](ActionTarget& t) { t.context.ui.overlays.palette = !t.context.ui.overlays.palette; },
           .anywhere = true,
           .over = Overlay::Palette},
    Action{.id = "escape",
           .title = "Close or clear",
           .key = "Esc",
           .chord = ImGuiKey_Escape,
           .in_list = false,
           .run = [](ActionTarget& t) { escape(t.context); },
           .anywhere = true},
    Action{.id = "light",
           .title = "Use the light theme",
           .possible = [](const Context& context) { return !context.ui.look.light; },
           .run = [](ActionTarget& t) { t.context.ui.look.light = true; },
           .anywhere = true},
    Action{.id = "dark",
           .title = "Use the dark theme",
           .possible = [](const Context& context) { return context.ui.look.light; },
           .run = [](ActionTarget& t) { t.context.ui.look.light = false; },
           .anywhere = true},
    Action{.id = "less-motion",
           .title = "Reduce motion",
           .possible = [](const Context& context) { return !context.ui.look.reduced_motion; },
           .run = [](ActionTarget& t) { t.context.ui.look.reduced_motion = true; },
           .anywhere = true},
    Action{.id = "more-motion",
           .title = "Let changed cells fade",
           .possible = [](const Context& context) { return context.ui.look.reduced_motion; },
           .run = [](ActionTarget& t) { t.context.ui.look.reduced_motion = false; },
           .anywhere = true},
    Action{.id = "scale-up",
           .title = "Larger",
           .key = "Ctrl +",
           .chord = ImGuiMod_Ctrl | ImGuiKey_Equal,
           .other = ImGuiMod_Ctrl | ImGuiKey_KeypadAdd,
           .possible = [](const Context& context) { return context.ui.look.scale_percent < most_scale; },
           .run = [](ActionTarget& t) { rescale(t.context, 1); },
           .anywhere = true},
    Action{.id = "scale-up-shifted",
           .title = "Larger",
           .key = "Ctrl +",
           .chord = ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Equal,
           .in_list = false,
           .run = [](ActionTarget& t) { rescale(t.context, 1); },
           .anywhere = true},
    Action{.id = "scale-down",
           .title = "Smaller",
           .key = "Ctrl \u2212",
           .chord = ImGuiMod_Ctrl | ImGuiKey_Minus,
           .other = ImGuiMod_Ctrl | ImGuiKey_KeypadSubtract,
           .possible = [](const Context& context) { return context.ui.look.scale_percent > least_scale; },
           .run = [](ActionTarget& t) { rescale(t.context, -1); },
           .anywhere = true},
    Action{.id = "scale-normal",
           .title = "The monitor's size",
           .key = "Ctrl 0",
           .chord = ImGuiMod_Ctrl | ImGuiKey_0,
           .other = ImGuiMod_Ctrl | ImGuiKey_Keypad0,
           .run = [](ActionTarget& t) { rescale(t.context, 0); },
           .anywhere = true},
    Action{.id = "start",
           .title = "Show the start page",
           .possible = startable,
           .run = [](ActionTarget& t) { show_page(t.context, Page::Start); },
           .anywhere = true},
    Action{.id = "settings",
           .title = "Show the settings",
           .key = "Ctrl ,",
           .chord = ImGuiMod_Ctrl | ImGuiKey_Comma,
           .run = [](ActionTarget& t) { show_page(t.context, Page::Settings); },
           .anywhere = true},
    Action{.id = "start-demo",
           .title = "Start a demo",
           .key = "Ctrl D",
           .chord = ImGuiMod_Ctrl | ImGuiKey_D,
           .possible = may_start_demo,
           .run = [](ActionTarget& t) { start_demo(t.context); },
           .anywhere = true},
    Action{.id = "open-recording",
           .title = "Open a recording",
           .key = "Ctrl O",
           .chord = ImGuiMod_Ctrl | ImGuiKey_O,
           .possible = startable,
           .run =
               [](ActionTarget& t) {
                   t.context.ui.page = Page::Start;
                   t.context.ui.start.focus_path = true;
               },
           .anywhere = true},
    Action{.id = "close-session",
           .title = "Close the session",
           .possible = [](const Context& context) { return startable(context) && context.session.open; },
           .run = [](ActionTarget& t) { t.context.ui.requests.emplace_back(CloseSession{}); },
           .anywhere = true},
    Action{.id = "record",
           .title = "Record from now",
           .key = "Ctrl R",
           .chord = ImGuiMod_Ctrl | ImGuiKey_R,
           .possible = [](const Context& context) { return can_record(context) && !is_recording(context); },
           .run = [](ActionTarget& t) { t.context.ui.requests.emplace_back(StartRecording{}); },
           .anywhere = true},
    Action{.id = "record-session",
           .title = "Record the session so far, and what follows",
           .possible = [](const Context& context) { return can_record(context) && !is_recording(context); },
           .run = [](ActionTarget& t) { t.context.ui.requests.emplace_back(StartRecording{.whole_session = true}); },
           .anywhere = true},
    Action{.id = "stop-recording",
           .title = "Stop recording",
           .key = "Ctrl R",
           .chord = ImGuiMod_Ctrl | ImGuiKey_R,
           .possible = [](const Context& context) { return can_record(context) && is_recording(context); },
           .run = [](ActionTarget& t) { t.context.ui.requests.emplace_back(StopRecording{}); },
           .anywhere = true},
    Action{.id = "dismiss-notices",
           .title = "Dismiss all notices",
           .possible = [](const Context& context) { return !context.ui.notices.empty(); },
           .run = [](ActionTarget& t) { t.context.ui.notices.clear(); },
           .anywhere = true},
    Action{.id = "quit",
           .title = "Quit",
           .key = "Ctrl Q",
           .chord = ImGuiMod_Ctrl | ImGuiKey_Q,
           .run = [](ActionTarget& t) { t.context.ui.requests.emplace_back(CloseWindow{}); },
           .anywhere = true},
    Action{.id = "help",
           .title = "Read the guide",
           .key = "F1",
           .chord = ImGuiKey_F1,
           .other = ImGuiMod_Shift | ImGuiKey_Slash,
           .run = [](ActionTarget& t) { show_help(t.context, false); },
           .anywhere = true,
           .over = Overlay::Help},
    Action{.id = "help-keys",
           .title = "Show the keys",
           .key = "Shift F1",
           .chord = ImGuiMod_Shift | ImGuiKey_F1,
           .run = [](ActionTarget& t) { show_help(t.context, true); },
           .anywhere = true,
           .over = Overlay::Help},
};

} // namespace

std::span<const Action> frame_actions() { return all_frame_actions; }

} // namespace fhirscope::gui
