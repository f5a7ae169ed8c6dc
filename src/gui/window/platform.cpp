#include "gui/window/platform.hpp"

#include "fhir/thread_safety.hpp"
#include "imgui_impl_glfw.h"
#include "imgui_impl_opengl3.h"
#include "query/export.hpp"

#include <GLFW/glfw3.h>
#include <glad/gl.h>
#include <stb_image_write.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::gui {

namespace {

// wake() may be called by other threads while the window is closed; GLFW must be up for as long as it is used.
Mutex open_mutex;
bool open_window FHIRSCOPE_GUARDED_BY(open_mutex) = false;
bool close_asked FHIRSCOPE_GUARDED_BY(open_mutex) = false;
std::string last_glfw_error;
// Set by the callbacks, so that wait() can tell input from a mere wake().
bool input_seen = false;

// Quarters: fonts and lines stay on whole pixels at the usual sizes.
float usable_scale(float scale) { return std::clamp(std::round(scale * 4) / 4, 1.0F, 4.0F); }

// What the driver offers without being asked for a version: "OpenGL 2.1 (llvmpipe)"; "" when there is nothing.
std::string offered_opengl() {
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_VISIBLE, GLFW_FALSE);
    GLFWwindow* window = glfwCreateWindow(64, 64, "fhirscope", nullptr, nullptr);
    if (window == nullptr) return {};
    glfwMakeContextCurrent(window);
    using GetString = const unsigned char* (*)(unsigned);
    const auto get = reinterpret_cast<GetString>(glfwGetProcAddress("glGetString"));
    std::string offered;
    if (get != nullptr) {
        const auto text = [&](unsigned name) {
            const unsigned char* value = get(name);
            return std::string(value != nullptr ? reinterpret_cast<const char*>(value) : "?");
        };
        const std::string version = text(GL_VERSION);
        offered = "OpenGL " + version.substr(0, version.find(' ')) + " (" + text(GL_RENDERER) + ")";
    }
    glfwDestroyWindow(window);
    return offered;
}

std::string no_opengl(const std::string& reason) {
    const std::string offered = offered_opengl();
    return (offered.empty() ? "The graphics driver offers no OpenGL" : "The graphics driver offers " + offered) +
           "; the window needs OpenGL 3.3" + (reason.empty() ? "" : " (" + reason + ")") +
           ". Update the graphics driver, draw in software with LIBGL_ALWAYS_SOFTWARE=1, or go on without a window: "
           "--headless.";
}

void remember_error(int /*code*/, const char* text) { last_glfw_error = text != nullptr ? text : ""; }

} // namespace

Result<std::unique_ptr<Platform>> Platform::open(const PlatformOptions& options) {
    glfwSetErrorCallback(remember_error);
    if (glfwInit() == GLFW_FALSE) {
        return fail(ErrorCode::NoDisplay, "No window can be opened: " + last_glfw_error +
                                              ". Run it in a desktop session (or set DISPLAY), or use --headless.");
    }
    std::unique_ptr<Platform> platform(new Platform);
    platform->scale_ = options.scale;
    platform->own_scale_ = options.scale > 0;
    if (options.scale <= 0) {
        float x = 1;
        float y = 1;
        if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) glfwGetMonitorContentScale(monitor, &x, &y);
        platform->scale_ = usable_scale(x);
    }
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    glfwWindowHint(GLFW_VISIBLE, options.visible ? GLFW_TRUE : GLFW_FALSE);
    const auto scaled = [&](int length) {
        return static_cast<int>(std::lround(static_cast<float>(length) * platform->scale_ * options.magnified));
    };
    int width = scaled(options.width), height = scaled(options.height);
    if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) { // no larger than there is room
        int x = 0, y = 0, room_w = 0, room_h = 0;
        glfwGetMonitorWorkarea(monitor, &x, &y, &room_w, &room_h);
        width = room_w > 0 ? std::min(width, room_w) : width;
        height = room_h > 0 ? std::min(height, room_h) : height;
    }
    platform->window_ = glfwCreateWindow(width, height, options.title.c_str(), nullptr, nullptr);
    if (platform->window_ == nullptr) {
        const std::string reason = last_glfw_error;
        return fail(ErrorCode::NoOpenGl, no_opengl(reason));
    }
    glfwSetWindowSizeLimits(platform->window_, 240, 160, GLFW_DONT_CARE, GLFW_DONT_CARE);
    glfwSetWindowUserPointer(platform->window_, platform.get());
    glfwMakeContextCurrent(platform->window_);
    glfwSwapInterval(1);
    if (gladLoadGL(glfwGetProcAddress) == 0)
        return fail(ErrorCode::NoOpenGl, no_opengl("its functions cannot be loaded"));
    // Set before ImGui's backend, which calls them in turn.
    glfwSetKeyCallback(
        platform->window_, [](GLFWwindow*, int, int, int, int) { input_seen = true; });
    glfwSetCharCallback(
        platform->window_, [](GLFWwindow*, unsigned) { input_seen = true; });
    glfwSetCursorPosCallback(
        platform->window_, [](GLFWwindow*, double, double) { input_seen = true; });
    glfwSetCursorEnterCallback(
        platform->window_, [](GLFWwindow*, int) { input_seen = true; });
    glfwSetMouseButtonCallback(
        platform->window_, [](GLFWwindow*, int, int, int) { input_seen = true; });
    glfwSetScrollCallback(
        platform->window_, [](GLFWwindow*, double, double) { input_seen = true; });
    glfwSetWindowFocusCallback(
        platform->window_, [](GLFWwindow*, int) { input_seen = true; });
    glfwSetFramebufferSizeCallback(
        platform->window_, [](GLFWwindow*, int, int) { input_seen = true; });
    glfwSetWindowRefreshCallback(
        platform->window_, [](GLFWwindow*) { input_seen = true; });
    glfwSetWindowCloseCallback(platform->window_, [](GLFWwindow*) { input_seen = true; });
    glfwSetDropCallback(
        platform->window_,
        [](GLFWwindow* window, int count, const char** paths) {
            input_seen = true;
            auto* self = static_cast<Platform*>(glfwGetWindowUserPointer(window));
            self->dropped_.insert(self->dropped_.end(), paths, paths + count);
        });
    glfwSetWindowContentScaleCallback(platform->window_, [](GLFWwindow* window, float x, float) {
        input_seen = true;
        auto* self = static_cast<Platform*>(glfwGetWindowUserPointer(window));
        if (!self->own_scale_) {
            self->scale_ = usable_scale(x);
        }
    });

    IMGUI_CHECKVERSION();
    platform->imgui_ = ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr; // nothing is written where the user did not ask for it
    io.LogFilename = nullptr;
    // Then a press that comes with a jump of the pointer waits for the frame after it: rows, which buttons may lie
    // over, answer only where the pointer was in the frame before, and the click would be lost.
    io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
    ImGui_ImplGlfw_InitForOpenGL(platform->window_, true);
    ImGui_ImplOpenGL3_Init("#version 330 core");
    platform->backend_ = true;
    const Lock lock(open_mutex);
    open_window = true;
    close_asked = false;
    return platform;
}

Platform::~Platform() {
    {
        const Lock lock(open_mutex);
        open_window = false;
    }
    if (backend_) {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }
    if (imgui_ != nullptr) ImGui::DestroyContext(imgui_);
    if (window_ != nullptr) glfwDestroyWindow(window_);
    glfwTerminate();
}

bool Platform::close_requested() const {
    const Lock lock(open_mutex);
    return close_asked || glfwWindowShouldClose(window_) != GLFW_FALSE;
}

bool Platform::hidden() const { return glfwGetWindowAttrib(window_, GLFW_ICONIFIED) == GLFW_TRUE; }

bool Platform::wait(std::chrono::milliseconds timeout) {
    input_seen = false;
    if (timeout.count() <= 0)
        glfwPollEvents();
    else
        glfwWaitEventsTimeout(std::chrono::duration<double>(timeout).count());
    return input_seen;
}

void Platform::wake() {
    const Lock lock(open_mutex);
    if (open_window) glfwPostEmptyEvent();
}

void Platform::request_close() {
    const Lock lock(open_mutex);
    if (open_window) {
        close_asked = true;
        glfwPostEmptyEvent();
    }
}

std::vector<std::string> Platform::take_dropped() { return std::exchange(dropped_, {}); }

void Platform::fonts_changed() {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
}

void Platform::begin_frame() {
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    keys_.before_frame();
    ImGui::NewFrame();
    keys_.after_frame();
}

void Platform::end_frame(ImU32 background) {
    int width = 0;
    int height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    glViewport(0, 0, width, height);
    const ImVec4 color = ImGui::ColorConvertU32ToFloat4(background);
    glClearColor(color.x, color.y, color.z, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window_);
}

Result<void> Platform::save_png(const std::filesystem::path& file) {
    int width = 0;
    int height = 0;
    glfwMakeContextCurrent(window_);
    glfwGetFramebufferSize(window_, &width, &height);
    const auto row = static_cast<std::size_t>(width) * 3;
    std::vector<unsigned char> pixels(row * static_cast<std::size_t>(height));
    // Drawn again into the back buffer: what a swap leaves there is undefined.
    if (ImGui::GetDrawData() != nullptr) {
        glViewport(0, 0, width, height);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    }
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadBuffer(GL_BACK);
    glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
    // OpenGL counts rows from below.
    for (int y = 0; y < height / 2; ++y) {
        const auto upper = pixels.begin() + static_cast<std::ptrdiff_t>(row) * y;
        const auto lower = pixels.begin() + static_cast<std::ptrdiff_t>(row) * (height - 1 - y);
        std::swap_ranges(upper, upper + static_cast<std::ptrdiff_t>(row), lower);
    }
    std::string png;
    const auto append = [](void* to, void* bytes, int size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    };
    if (stbi_write_png_to_func(append, &png, width, height, 3, pixels.data(), static_cast<int>(row)) == 0)
        return fail(ErrorCode::Screenshot, "The screenshot cannot be made: there is not enough memory for it.");
    // It may show patients.
    auto out = query::PrivateFile::create(file.string(), query::PrivateFile::Existing::Replace);
    Result<void> written = out ? out->write(png) : tl::unexpected(out.error());
    if (written) written = out->commit();
    if (!written) {
        return fail(ErrorCode::Screenshot, "The screenshot was not saved: " + written.error().message +
                                               " Check that the folder exists and can be written to.");
    }
    return {};
}

std::uint64_t process_memory() {
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    unsigned long long total = 0;
    unsigned long long resident = 0;
    const int fields = std::fscanf(file, "%llu %llu", &total, &resident);
    std::fclose(file);
    return fields == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace fhirscope::gui
