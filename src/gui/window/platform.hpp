#pragma once
// The window of the system: GLFW, OpenGL 3.3, ImGui's backends, and pictures of it. Everything but wake() belongs to
// the thread that opened it.

#include "fhir/result.hpp"
#include "gui/window/key_gate.hpp"
#include "imgui.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct GLFWwindow;

namespace fhirscope::gui {

struct PlatformOptions {
    int width = 1440; // pixels at scale 1
    int height = 900;
    std::string title = "fhirscope";
    float scale = 0;     // instead of the monitor's; 0: that
    float magnified = 1; // by the user: the window opens larger
    bool visible = true;
};

class Platform {
public:
    // Errors: NoDisplay (nothing to open a window on), NoOpenGl (no OpenGL 3.3 core context: names the version
    // that there is), each with what to do.
    static Result<std::unique_ptr<Platform>> open(const PlatformOptions& options);
    ~Platform();
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;

    // The monitor's scale, which changes when the window is moved to another one.
    float scale() const { return scale_; }
    // Paths of the files that were dropped on the window since the last call.
    std::vector<std::string> take_dropped();
    bool close_requested() const;
    // Minimised: nobody can see what would be drawn.
    bool hidden() const;

    // Blocks until input, wake() or the timeout; true when the user did something (or the window changed).
    bool wait(std::chrono::milliseconds timeout);
    // Makes wait() return. May be called from any thread while a window is open, and does nothing otherwise.
    static void wake();
    // Makes close_requested() true, as the button of the window's frame does. Threads and windows: as wake().
    static void request_close();

    // Call after ImGui's font atlas was built anew.
    void fonts_changed();
    // NewFrame() of backends and ImGui.
    void begin_frame();
    // Draws what ImGui::Render() left, and shows it. `background` fills what no window covers.
    void end_frame(ImU32 background);

    // Writes what the last frame drew as a PNG. Errors: Screenshot (the file cannot be written).
    Result<void> save_png(const std::filesystem::path& file);

private:
    Platform() = default;
    GLFWwindow* window_ = nullptr;
    ImGuiContext* imgui_ = nullptr;
    float scale_ = 1.0F;
    bool own_scale_ = false; // given, not the monitor's
    std::vector<std::string> dropped_;
    KeyGate keys_;
    bool backend_ = false;
};

// Resident memory of this process in bytes; 0 where the system does not tell.
std::uint64_t process_memory();

} // namespace fhirscope::gui
