#include "gui/frame_actions.hpp"

#include "gui/looks.hpp"
#include "gui/start_form.hpp"
#include "gui/window.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

constexpr ImGuiKeyChord kFrameCtrl = ImGuiMod_Ctrl;

// Esc closes the nearest thing that is open.
void escape(ActionTarget& t) {
    UiState& ui = t.context.ui;
    if (ui.page != Page::view) {
        ui.page = t.context.session.open ? Page::view : Page::start;
    } else if (ui.view == ViewId::log && ui.log_sheet != LogSheet::none) {
        ui.log_sheet = LogSheet::none;
    } else if (ui.inspector_overlay && t.context.layout.narrow) {
        ui.inspector_overlay = false;
    } else if (ui.demo_open && t.context.layout.narrow) {
        ui.demo_open = false; // it lies over the view
    } else if (ui.brush) {
        ui.brush.reset();
    } else if (ui.view == ViewId::diagnosis && !(ui.explained.empty() && ui.finding.empty())) {
        (ui.explained.empty() ? ui.finding : ui.explained).clear();
    } else {
        ui.selection = {};
        ui.version.clear();
    }
}

template <Page page>
void show_page(ActionTarget& t) {
    t.context.ui.page = page;
}

bool startable(const Context& context) { return context.start != nullptr; }

// In one, the same key opens its controls.
bool may_start_demo(const Context& context) { return startable(context) && context.session.demo == nullptr; }

template <int direction>
void rescale(ActionTarget& t) {
    int& percent = t.context.ui.scale_percent;
    percent = direction == 0 ? 100 : next_scale(percent, direction);
}

// The first of the demos; another one is chosen on the start page.
void start_demo(ActionTarget& t) {
    if (t.context.session.open) { // one key must not end what is open
        t.context.ui.page = Page::start;
        return;
    }
    const StartInfo& start = *t.context.start;
    if (t.context.opening == nullptr && !start.demos.empty()) {
        t.context.ui.requests.emplace_back(OpenDemo{start.demos.front().name, 1});
    }
}

void show_help(ActionTarget& t, bool keys) {
    UiState& ui = t.context.ui;
    ui.help_open = !ui.help_open || ui.help_keys != keys;
    ui.help_keys = keys;
}

const std::array kFrameActions = {
    Action{"palette", "Find or run", "Ctrl K", kFrameCtrl | ImGuiKey_K, 0, false, nullptr,
           [](ActionTarget& t) { t.context.ui.palette_open = !t.context.ui.palette_open; }, true},
    Action{"escape", "Close or clear", "Esc", ImGuiKey_Escape, 0, false, nullptr, escape, true},
    Action{"light", "Use the light theme", "", 0, 0, true, [](const Context& context) { return !context.ui.light; },
           [](ActionTarget& t) { t.context.ui.light = true; }, true},
    Action{"dark", "Use the dark theme", "", 0, 0, true, [](const Context& context) { return context.ui.light; },
           [](ActionTarget& t) { t.context.ui.light = false; }, true},
    Action{"less-motion", "Reduce motion", "", 0, 0, true,
           [](const Context& context) { return !context.ui.reduced_motion; },
           [](ActionTarget& t) { t.context.ui.reduced_motion = true; }, true},
    Action{"more-motion", "Let changed cells fade", "", 0, 0, true,
           [](const Context& context) { return context.ui.reduced_motion; },
           [](ActionTarget& t) { t.context.ui.reduced_motion = false; }, true},
    Action{"scale-up", "Larger", "Ctrl +", kFrameCtrl | ImGuiKey_Equal, kFrameCtrl | ImGuiKey_KeypadAdd, true,
           [](const Context& context) { return context.ui.scale_percent < kMostScale; }, rescale<1>, true},
    Action{"scale-up-shifted", "Larger", "Ctrl +", kFrameCtrl | ImGuiMod_Shift | ImGuiKey_Equal, 0, false, nullptr,
           rescale<1>, true},
    Action{"scale-down", "Smaller", "Ctrl \u2212", kFrameCtrl | ImGuiKey_Minus, kFrameCtrl | ImGuiKey_KeypadSubtract,
           true, [](const Context& context) { return context.ui.scale_percent > kLeastScale; }, rescale<-1>, true},
    Action{"scale-normal", "The monitor's size", "Ctrl 0", kFrameCtrl | ImGuiKey_0, kFrameCtrl | ImGuiKey_Keypad0, true,
           nullptr, rescale<0>, true},
    Action{"start", "Show the start page", "", 0, 0, true, startable, show_page<Page::start>, true},
    Action{"settings", "Show the settings", "Ctrl ,", kFrameCtrl | ImGuiKey_Comma, 0, true, nullptr,
           show_page<Page::settings>, true},
    Action{"start-demo", "Start a demo", "Ctrl D", kFrameCtrl | ImGuiKey_D, 0, true, may_start_demo, start_demo, true},
    Action{"open-recording", "Open a recording", "Ctrl O", kFrameCtrl | ImGuiKey_O, 0, true, startable,
           [](ActionTarget& t) {
               t.context.ui.page = Page::start;
               t.context.ui.focus_path = true;
           },
           true},
    Action{"close-session", "Close the session", "", 0, 0, true,
           [](const Context& context) { return startable(context) && context.session.open; },
           [](ActionTarget& t) { t.context.ui.requests.emplace_back(CloseSession{}); }, true},
    Action{"dismiss-notices", "Dismiss all notices", "", 0, 0, true,
           [](const Context& context) { return !context.ui.notices.empty(); },
           [](ActionTarget& t) { t.context.ui.notices.clear(); }, true},
    Action{"quit", "Quit", "Ctrl Q", kFrameCtrl | ImGuiKey_Q, 0, true, nullptr, [](ActionTarget&) { close_window(); },
           true},
    Action{"help", "Read the guide", "F1", ImGuiKey_F1, ImGuiMod_Shift | ImGuiKey_Slash, true, nullptr,
           [](ActionTarget& t) { show_help(t, false); }, true},
    Action{"help-keys", "Show the keys", "Shift F1", ImGuiMod_Shift | ImGuiKey_F1, 0, true, nullptr,
           [](ActionTarget& t) { show_help(t, true); }, true},
};

} // namespace

std::span<const Action> frame_actions() { return kFrameActions; }

} // namespace fhirscope::gui
