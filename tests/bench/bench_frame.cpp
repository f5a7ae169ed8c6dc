#include "bench_frame.hpp"

#include "gui/ui/theme.hpp"
#include "gui/window/shell.hpp"
#include "support/synthetic_conflicts.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <ctime>
#include <deque>
#include <functional>
#include <numeric>
#include <string>

namespace fhirscope::bench {

namespace {

constexpr int warm_up = 120;
constexpr int blocks = 24;
// A block is a second of sixty frames, so that what happens once a second counts as often as it does for a person.
constexpr int frames_in_block = 60;
constexpr int demo_frames = 30;
constexpr std::chrono::microseconds frame_time{16667};

double thread_micros() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

// Two ImGui contexts: ours, and one that shows the demo window as it opens.
class Stage {
public:
    Stage() {
        ours_ = make(nullptr);
        theme.c = gui::builtin_dark();
        theme.f = gui::load_fonts(*ImGui::GetIO().Fonts, 1.0F);
        gui::apply_style(theme);
        ImFontAtlas& fonts = *ImGui::GetIO().Fonts;
        unsigned char* pixels = nullptr;
        int width = 0;
        int height = 0;
        fonts.GetTexDataAsRGBA32(&pixels, &width, &height);
        demo_ = make(&fonts);
        gui::apply_style(theme);
        ImGui::SetCurrentContext(ours_);
    }
    ~Stage() {
        ImGui::DestroyContext(demo_);
        ImGui::DestroyContext(ours_);
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // Frames that are not measured, until nothing is left from what was shown before.
    void settle(const std::function<void()>& draw) {
        frames(
            10 * warm_up, [] {}, draw, nullptr);
    }

    // The mean tells what a second costs, the median is free of frames that the machine interrupted.
    FrameCost measure(const std::function<void()>& before, const std::function<void()>& draw) {
        std::vector<double> ours;
        std::vector<double> demo;
        frames(warm_up, before, draw, nullptr);
        for (int block = 0; block < blocks; ++block) {
            ImGui::SetCurrentContext(demo_);
            frames(
                demo_frames / 2, [] {}, show_demo, nullptr);
            frames(
                demo_frames, [] {}, show_demo, &demo);
            ImGui::SetCurrentContext(ours_);
            frames(frames_in_block, before, draw, &ours);
        }
        return {median(ours), mean(ours), median(demo), mean(demo)};
    }

    gui::Theme theme;

private:
    static ImGuiContext* make(ImFontAtlas* fonts) {
        ImGuiContext* context = ImGui::CreateContext(fonts);
        ImGui::SetCurrentContext(context);
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.DisplaySize = ImVec2(1440, 900);
        io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset; // as the program's renderer
        return context;
    }
    static void show_demo() { ImGui::ShowDemoWindow(); }
    static double median(std::vector<double>& times) {
        const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        return *middle;
    }
    static double mean(const std::vector<double>& times) {
        return std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
    }
    void frames(int count, const std::function<void()>& before, const std::function<void()>& draw,
                std::vector<double>* times) {
        for (int i = 0; i < count; ++i) {
            before();
            ImGuiIO& io = ImGui::GetIO();
            io.DeltaTime = 1.0F / 60;
            ++moves_;
            io.AddMousePosEvent(400.0F + static_cast<float>(moves_ % 60), 300.0F + static_cast<float>(moves_ % 40));
            const double began = thread_micros();
            ImGui::NewFrame();
            draw();
            ImGui::Render();
            if (times != nullptr) times->push_back(thread_micros() - began);
        }
    }

    ImGuiContext* ours_ = nullptr;
    ImGuiContext* demo_ = nullptr;
    int moves_ = 0;
};

// The demo window keeps open what was opened: its headers' ids are set in its storage.
FrameCost measure_open_demo(Stage& stage) {
    const auto open = [] {
        if (ImGuiWindow* window = ImGui::FindWindowByName("Dear ImGui Demo"))
            for (const char* header : {"Help", "Configuration", "Window options", "Widgets", "Layout & Scrolling",
                                       "Popups & Modal windows", "Tables & Columns", "Inputs & Focus"})
                window->StateStorage.SetInt(window->GetID(header), 1);
    };
    return stage.measure(open, [] { ImGui::ShowDemoWindow(); });
}

// The data of the views and what happens to it.
class Traffic {
public:
    explicit Traffic(const tests::SyntheticOptions& options) : tasks_(options.tasks), data_(options) {
        const auto with = data_.publish();
        tests::SyntheticConflicts made(*with);
        conflicts_ = with->conflicts;
        snapshot_ = with;
    }

    const engine::SnapshotPtr& snapshot() const { return snapshot_; }
    LocalTime now() const { return now_; }
    std::string first_reference() const { return data_.task_reference(3); }

    // A sixtieth of a second: five updates in three frames, each with the frame that brought it.
    void step() {
        now_ += frame_time;
        due_ += 5;
        for (; due_ >= 3; due_ -= 3) {
            data_.change_task(next_ % tasks_, next_ % 3 == 0 ? "completed" : "accepted", now_);
            data_.add_frame(now_);
            ++next_;
        }
        data_.finish_seconds(now_);
        const auto with = data_.publish();
        with->conflicts = conflicts_;
        with->open_conflicts = snapshot_->open_conflicts;
        with->conflict_counts = snapshot_->conflict_counts;
        with->policy_uses = snapshot_->policy_uses;
        with->default_strategy = snapshot_->default_strategy;
        snapshot_ = with;
        // As the engine's thread does: what it made, it also takes down.
        kept_.push_back(snapshot_);
        while (kept_.size() > 32) kept_.pop_front();
    }

private:
    std::size_t tasks_, next_ = 0;
    int due_ = 0;
    tests::Synthetic data_;
    LocalTime now_ = tests::Synthetic::now();
    decltype(engine::Snapshot::conflicts) conflicts_;
    engine::SnapshotPtr snapshot_;
    std::deque<engine::SnapshotPtr> kept_;
};

// What is measured: a view with what is usual beside it, or a pane of the inspector.
struct Case {
    std::string name;
    gui::ViewId view;
    std::function<void(gui::UiState&, const Traffic&)> set = nullptr;
};

std::vector<Case> cases() {
    using gui::InspectorTab;
    using gui::ViewId;
    using Kind = gui::Selection::Kind;
    const auto resource = [](InspectorTab tab) {
        return [tab](gui::UiState& ui, const Traffic& traffic) {
            ui.selection = {Kind::Resource, traffic.first_reference(), 0};
            ui.inspector.tab = tab;
        };
    };
    const auto update = [](InspectorTab tab) {
        return [tab](gui::UiState& ui, const Traffic& traffic) {
            ui.selection = {Kind::Update, {}, traffic.snapshot()->updates.end() - 9};
            ui.inspector.tab = tab;
        };
    };
    const auto frame = [](InspectorTab tab) {
        return [tab](gui::UiState& ui, const Traffic& traffic) {
            ui.selection = {Kind::Frame, {}, traffic.snapshot()->frames.end() - 9};
            ui.inspector.tab = tab;
        };
    };
    const auto conflict = [](InspectorTab tab) {
        return [tab](gui::UiState& ui, const Traffic&) {
            ui.selection = {Kind::Conflict, {}, tests::SyntheticConflicts::edited};
            ui.inspector.tab = tab;
        };
    };
    const auto whole = [](gui::UiState& ui, const Traffic&) {
        ui.timeline.span = gui::TimelineSpan::All;
        ui.timeline.span_chosen = true;
    };
    return {
        {"Panels", ViewId::Panels, resource(InspectorTab::Tree)},
        {"Log", ViewId::Log, update(InspectorTab::Trace)},
        {"Log, filtered", ViewId::Log,
         [update](gui::UiState& ui, const Traffic& traffic) {
             update(InspectorTab::Trace)(ui, traffic);
             ui.log.filter = "type:Task & outcome:out-of-order | latency > 1ms";
         }},
        {"Latency", ViewId::Latency},
        {"Latency of all", ViewId::Latency, whole},
        {"Conflicts", ViewId::Conflicts, conflict(InspectorTab::History)},
        {"Connections", ViewId::Connections, frame(InspectorTab::Raw)},
        {"Diagnosis", ViewId::Diagnosis},
        {"Diagnosis, a resource explained", ViewId::Diagnosis,
         [](gui::UiState& ui, const Traffic& traffic) { ui.diagnosis.explained = traffic.first_reference(); }},
        {"Profiler", ViewId::Profiler},
        {"Inspector, diff", ViewId::Panels, resource(InspectorTab::Diff)},
        {"Inspector, JSON", ViewId::Panels, resource(InspectorTab::Json)},
        {"Inspector, trace", ViewId::Panels, resource(InspectorTab::Trace)},
        {"Inspector, links", ViewId::Panels, resource(InspectorTab::Links)},
        {"Inspector, update's frame", ViewId::Log, update(InspectorTab::Frame)},
        {"Inspector, update's resource", ViewId::Log, update(InspectorTab::Resource)},
        {"Inspector, frame", ViewId::Connections, frame(InspectorTab::Json)},
        {"Inspector, conflict's rules", ViewId::Conflicts, conflict(InspectorTab::Rules)},
        {"Timeline of all", ViewId::Panels, whole},
    };
}

gui::FrameStats frame_stats() {
    const auto history = std::make_shared<gui::FrameHistory>();
    for (std::size_t i = 0; i < gui::FrameHistory::kept; ++i) {
        const auto step = static_cast<float>(i % 7);
        history->push({tests::Synthetic::now(), 0.01F * step, 0.2F + 0.02F * step, 0.1F});
    }
    const auto threads = std::make_shared<std::vector<gui::ThreadLoad>>();
    for (const char* name : {"window", "engine", "network", "server", "recording"})
        threads->push_back({static_cast<int>(threads->size()) + 1, name, 0.1, threads->empty()});
    return {.cpu_ms = 0.3, .frames_per_second = 60, .memory = 1 << 29U, .history = history, .threads = threads};
}

std::vector<FramePart> measure_views(Stage& stage, const tests::SyntheticOptions& options) {
    Traffic traffic(options);
    gui::FrameInput input;
    input.session = {"Cardiology follow-up", gui::Source::Demo, "", {}};
    input.stats = frame_stats();
    input.send = [](engine::Command) {};
    gui::Shell shell;
    const auto draw = [&] { shell.draw(input, stage.theme); };
    const auto take = [&] {
        input.snapshot = traffic.snapshot();
        input.now = traffic.now();
    };
    std::vector<FramePart> parts;
    for (const Case& one : cases()) {
        shell.ui() = {};
        shell.ui().view = one.view;
        take();
        if (one.set) one.set(shell.ui(), traffic);
        stage.settle([&] {
            draw();
            shell.worker().wait();
        });
        FramePart part;
        part.view = one.name;
        part.still = stage.measure([] {}, draw);
        part.live = stage.measure(
            [&] {
                traffic.step();
                take();
            },
            draw);
        parts.push_back(part);
    }
    return parts;
}

} // namespace

FrameFigure measure_frames() {
    Stage stage;
    FrameFigure figure;
    figure.demo_open = measure_open_demo(stage);
    // What the window shows is alike: the same resources, and updates as dense in time.
    const auto amount = [](int seconds) {
        return tests::SyntheticOptions{.patients = 20'000,
                                       .tasks = 78'000,
                                       .alerts = 2'000,
                                       .updates = static_cast<std::size_t>(seconds) * 1000 / 7,
                                       .seconds = seconds,
                                       .gap = true};
    };
    figure.small = measure_views(stage, amount(700));
    figure.large = measure_views(stage, amount(7000));
    return figure;
}

} // namespace fhirscope::bench
