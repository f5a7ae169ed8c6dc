#include "bench_frame.hpp"

#include "gui/shell.hpp"
#include "gui/theme.hpp"
#include "imgui.h"
#include "support/synthetic_snapshot.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <functional>
#include <utility>

namespace fhirscope::bench {

namespace {

constexpr int kWarmUp = 120;
constexpr int kFrames = 400;

double thread_micros() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

// The median of many frames: one that the machine interrupted does not count.
double measure(const std::function<void()>& before, const std::function<void()>& draw) {
    std::vector<double> times;
    for (int i = 0; i < kWarmUp + kFrames; ++i) {
        before();
        ImGuiIO& io = ImGui::GetIO();
        io.DeltaTime = 1.0F / 60;
        io.AddMousePosEvent(400.0F + static_cast<float>(i % 60), 300.0F + static_cast<float>(i % 40));
        const double began = thread_micros();
        ImGui::NewFrame();
        draw();
        ImGui::Render();
        if (i >= kWarmUp) {
            times.push_back(thread_micros() - began);
        }
    }
    std::nth_element(times.begin(), times.begin() + kFrames / 2, times.end());
    return times[kFrames / 2];
}

} // namespace

FrameFigure measure_frames() {
    ImGuiContext* context = ImGui::CreateContext();
    ImGui::SetCurrentContext(context);
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = ImVec2(1440, 900);
    gui::Theme theme;
    theme.c = gui::builtin_dark();
    theme.f = gui::load_fonts(*io.Fonts, 1.0F);
    gui::apply_style(theme);
    unsigned char* pixels = nullptr;
    int width = 0;
    int height = 0;
    io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);

    FrameFigure figure;
    figure.demo_micros = measure([] {}, [] { ImGui::ShowDemoWindow(); });

    tests::Synthetic data(
        {.patients = 2000, .tasks = 7800, .alerts = 200, .updates = 1'000'000, .seconds = 7000, .gap = true});
    gui::FrameInput input;
    input.snapshot = data.publish();
    input.session = {"Cardiology follow-up", gui::Source::demo, "", {}, ""};
    input.now = tests::Synthetic::now();
    input.send = [](engine::Command) {};
    gui::Shell shell;
    const std::array<std::pair<const char*, gui::ViewId>, 4> views = {{{"panels", gui::ViewId::panels},
                                                                       {"log", gui::ViewId::log},
                                                                       {"latency", gui::ViewId::latency},
                                                                       {"connections", gui::ViewId::connections}}};
    const auto draw = [&] { shell.draw(input, theme); };
    for (const auto& [name, view] : views) {
        shell.ui().view = view;
        shell.ui().selection = {};
        if (view == gui::ViewId::panels) {
            shell.ui().selection = {gui::Selection::Kind::resource, data.task_reference(3), 0};
        }
        // Looking through the whole log once takes some frames; what remains is the cost of each.
        if (view == gui::ViewId::log) {
            shell.ui().log_filter = "type:Task & outcome:out-of-order | latency > 200ms";
            measure([] {}, draw);
        }
        figure.parts.push_back({name, measure([] {}, draw)});
        // A hundred updates a second at sixty frames, and time goes on.
        std::size_t next = 0;
        const auto change = [&] {
            input.now += std::chrono::milliseconds(16);
            data.change_task(next % 7800, next % 3 == 0 ? "completed" : "accepted", input.now);
            data.change_task((next + 1) % 7800, "on-hold", input.now);
            next += 2;
            input.snapshot = data.publish();
        };
        figure.parts.push_back({std::string(name) + ", live", measure(change, draw)});
    }
    ImGui::DestroyContext(context);
    return figure;
}

} // namespace fhirscope::bench
