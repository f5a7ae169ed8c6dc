// Keys and letters that come faster than frames: each means what it meant when it was pressed.

#include "window_driver.hpp"

#include <catch2/catch_all.hpp>
#include <imgui_internal.h>

#include <string_view>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

struct Typist : WindowDriver {
    Typist() : WindowDriver(Synthetic().publish()) {}
    // As a keyboard does: down, the letter, up; no frame in between.
    static void press(ImGuiKey key, char letter) {
        ImGui::GetIO().AddKeyEvent(key, true);
        ImGui::GetIO().AddInputCharacter(static_cast<unsigned char>(letter));
    }
    static void lift(ImGuiKey key) { ImGui::GetIO().AddKeyEvent(key, false); }
    static void ctrl(bool down) {
        ImGui::GetIO().AddKeyEvent(ImGuiKey_LeftCtrl, down);
        ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, down);
    }
    void settle() {
        for (int i = 0; i < 40 && !ImGui::GetCurrentContext()->InputEventsQueue.empty(); ++i) frame();
        CHECK(ImGui::GetCurrentContext()->InputEventsQueue.empty());
        frame();
    }
};

} // namespace

TEST_CASE("what is typed right behind / comes into the filter and acts as no key of its own") {
    Typist window;
    window.click("rail/log");
    window.press(ImGuiKey_Slash, '/');
    SECTION("one key after the other") {
        window.lift(ImGuiKey_Slash);
        window.press(ImGuiKey_P, 'p');
        window.lift(ImGuiKey_P);
        window.press(ImGuiKey_Space, ' ');
        window.lift(ImGuiKey_Space);
    }
    SECTION("the next before the last is up") {
        window.press(ImGuiKey_P, 'p');
        window.lift(ImGuiKey_Slash);
        window.press(ImGuiKey_Space, ' ');
        window.lift(ImGuiKey_P);
        window.lift(ImGuiKey_Space);
    }
    window.settle();
    CHECK(window.shell.ui().log_filter == "p ");
    CHECK(window.shell.ui().view == ViewId::log);
    CHECK_FALSE(window.shell.ui().paused); // Space
    CHECK(window.commands.empty());
}

TEST_CASE("the command palette gets what is typed right behind its key") {
    Typist window;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_K, true);
    window.lift(ImGuiKey_K);
    window.ctrl(false);
    for (const auto& [key, letter] : {std::pair{ImGuiKey_Z, 'z'}, std::pair{ImGuiKey_Q, 'q'}}) {
        window.press(key, letter);
        window.lift(key);
    }
    window.settle();
    CHECK(window.shell.ui().palette_open);
    // No resource and no command has these letters.
    CHECK_FALSE(window.has("palette/list/row/0"));
}

TEST_CASE("two commands pressed within one frame are both done, each with its own modifiers") {
    Typist window;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_2, true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_2, false);
    window.ctrl(false);
    const bool open = window.shell.ui().inspector_open;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_I, true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_I, false);
    window.ctrl(false);
    window.settle();
    CHECK(window.shell.ui().view == ViewId::log);
    CHECK(window.shell.ui().inspector_open != open);
}
