// Keys and letters that come faster than frames: each means what it meant when it was pressed.

#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>
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
    CHECK(window.shell.ui().log.filter == "p ");
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK_FALSE(window.shell.ui().paused); // Space
    CHECK(window.commands.empty());
}

TEST_CASE("the command palette gets what is typed right behind its key") {
    Typist window;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_K, true);
    window.ctrl(false);
    window.lift(ImGuiKey_K);
    for (const auto& [key, letter] : {std::pair{ImGuiKey_Z, 'z'}, std::pair{ImGuiKey_Q, 'q'}}) {
        window.press(key, letter);
        window.lift(key);
    }
    window.settle();
    CHECK(window.shell.ui().overlays.palette);
    // No resource and no command has these letters.
    CHECK_FALSE(window.has("palette/list/row/0"));
}

TEST_CASE("two commands pressed within one frame are both done, each with its own modifiers") {
    Typist window;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_2, true);
    window.ctrl(false);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_2, false);
    const bool open = window.shell.ui().inspector.open;
    window.ctrl(true);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_I, true);
    window.ctrl(false);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_I, false);
    window.settle();
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.shell.ui().inspector.open != open);
}

TEST_CASE("a field that is typed into keeps its letters, and Ctrl still makes commands of keys") {
    Typist window;
    window.click("rail/log");
    window.key(ImGuiKey_Slash);
    window.type("abc");
    REQUIRE(window.shell.ui().log.filter == "abc");
    SECTION("each in its frame") {
        window.key(ImGuiKey_A, true);
        window.type("x");
        CHECK(window.shell.ui().log.filter == "x");
        window.key(ImGuiKey_6, true);
    }
    SECTION("all at once") {
        window.ctrl(true);
        ImGui::GetIO().AddKeyEvent(ImGuiKey_A, true);
        window.ctrl(false);
        ImGui::GetIO().AddKeyEvent(ImGuiKey_A, false);
        window.press(ImGuiKey_X, 'x');
        window.lift(ImGuiKey_X);
        window.settle();
        CHECK(window.shell.ui().log.filter == "x");
        window.ctrl(true);
        ImGui::GetIO().AddKeyEvent(ImGuiKey_6, true);
        window.ctrl(false);
        ImGui::GetIO().AddKeyEvent(ImGuiKey_6, false);
        window.settle();
    }
    CHECK(window.shell.ui().view == ViewId::Diagnosis);
}
