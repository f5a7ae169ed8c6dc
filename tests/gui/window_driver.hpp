#pragma once
// Drives the window without a display: a null-backend ImGui context, fed with events, that draws frames of a snapshot.

#include "gui/ui/theme.hpp"
#include "gui/window/key_gate.hpp"
#include "gui/window/shell.hpp"
#include "imgui.h"
#include "support/synthetic_snapshot.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::tests {

class WindowDriver {
public:
    explicit WindowDriver(engine::SnapshotPtr snapshot, float width = 1440, float height = 900) {
        setenv("TZ", "UTC", 1);
        context_ = ImGui::CreateContext();
        ImGui::SetCurrentContext(context_);
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.LogFilename = nullptr;
        io.DisplaySize = ImVec2(width, height);
        io.GetClipboardTextFn = nullptr;
        io.SetClipboardTextFn = [](void* self, const char* text) {
            static_cast<WindowDriver*>(self)->clipboard = text;
        };
        io.ClipboardUserData = this;
        theme_.c = gui::builtin_dark();
        theme_.f = gui::load_fonts(*io.Fonts, 1.0F);
        gui::apply_style(theme_);
        unsigned char* pixels = nullptr;
        int w = 0;
        int h = 0;
        io.Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
        input.snapshot = std::move(snapshot);
        input.session.title = "Cardiology follow-up";
        input.session.source = gui::Source::Demo;
        input.now = Synthetic::now();
        input.targets = &targets;
        input.send = [this](engine::Command command) { commands.push_back(std::move(command)); };
        frame();
        frame();
    }
    ~WindowDriver() { ImGui::DestroyContext(context_); }
    WindowDriver(const WindowDriver&) = delete;
    WindowDriver& operator=(const WindowDriver&) = delete;

    void frame() {
        ImGui::GetIO().DeltaTime = 1.0F / 60;
        keys_.before_frame();
        ImGui::NewFrame();
        keys_.after_frame();
        targets.clear();
        redraw_in = shell.draw(input, theme_);
        ImGui::Render();
    }

    // Until what is computed beside the frames is shown.
    void settle() {
        for (shell.worker().wait(); shell.worker().take_news(); shell.worker().wait()) frame();
    }

    const gui::Theme& theme() const { return theme_; }

    bool has(std::string_view target) const { return targets.find(target) != targets.end(); }

    gui::Rect rect(std::string_view target) const {
        const auto it = targets.find(target);
        if (it == targets.end()) throw std::runtime_error("nothing called " + std::string(target) + " was drawn");
        return it->second;
    }

    void click(std::string_view target) {
        const gui::Rect r = rect(target);
        click_at(r.x + r.w / 2, r.y + r.h / 2);
    }
    void click_at(float x, float y) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(x, y);
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        io.AddMouseButtonEvent(0, false);
        frame();
        frame();
        settle();
    }
    void double_click_at(float x, float y) {
        ImGuiIO& io = ImGui::GetIO();
        click_at(x, y);
        io.AddMouseButtonEvent(0, true);
        frame();
        io.AddMouseButtonEvent(0, false);
        frame();
        frame();
    }
    void right_click_at(float x, float y) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(x, y);
        frame();
        io.AddMouseButtonEvent(1, true);
        frame();
        io.AddMouseButtonEvent(1, false);
        frame();
    }
    void drag(float x0, float y0, float x1, float y1) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(x0, y0);
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        for (int i = 1; i <= 4; ++i) {
            io.AddMousePosEvent(x0 + (x1 - x0) * static_cast<float>(i) / 4, y0 + (y1 - y0) * static_cast<float>(i) / 4);
            frame();
        }
        io.AddMouseButtonEvent(0, false);
        frame();
        frame();
    }
    void wheel(float x, float y, float amount) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(x, y);
        frame();
        io.AddMouseWheelEvent(0, amount);
        frame();
        frame();
    }
    void key(ImGuiKey key, bool ctrl = false) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddKeyEvent(ImGuiMod_Ctrl, ctrl);
        io.AddKeyEvent(key, true);
        frame();
        io.AddKeyEvent(key, false);
        io.AddKeyEvent(ImGuiMod_Ctrl, false);
        frame();
        frame();
        settle();
    }
    void type(std::string_view text) {
        ImGui::GetIO().AddInputCharactersUTF8(std::string(text).c_str());
        frame();
        frame();
        settle();
    }

    gui::Shell shell;
    gui::FrameInput input;
    gui::Targets targets;
    std::vector<engine::Command> commands;
    std::string clipboard;
    std::chrono::milliseconds redraw_in{0};

private:
    ImGuiContext* context_ = nullptr;
    gui::Theme theme_;
    gui::KeyGate keys_;
};

} // namespace fhirscope::tests
