#include "pictures/pictures.hpp"

#include "support/paths.hpp"
#include "support/synthetic_conflicts.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cfloat>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace fhirscope::tests {

using namespace gui;

namespace {

// As it might be measured while updates come; the same in every picture.
FrameStats measured() {
    FrameStats stats;
    stats.cpu_ms = 0.3;
    stats.frames_per_second = 60;
    stats.memory = 184000000;
    auto history = std::make_shared<FrameHistory>();
    for (unsigned i = 0; i < FrameHistory::kept; ++i) {
        const float uneven = static_cast<float>(i * 2654435761U >> 24U) / 255;
        history->push({Synthetic::now(), 0.02F, (i % 6 == 0 ? 0.5F : 0.2F) + 0.1F * uneven, 0.3F + 0.1F * uneven});
    }
    stats.history = std::move(history);
    stats.threads = std::make_shared<const std::vector<ThreadLoad>>(std::vector<ThreadLoad>{
        {1, "fhirscope", 0.034, true}, {2, "engine", 0.012, false}, {3, "network", 0.004, false}});
    return stats;
}

} // namespace

std::unique_ptr<Pictures> Pictures::open(int width, int height) {
    if (std::getenv("DISPLAY") == nullptr) return nullptr;
    setenv("TZ", "UTC", 1);
    PlatformOptions options;
    options.width = width;
    options.height = height;
    options.scale = 1;
    auto platform = Platform::open(options);
    REQUIRE(platform.has_value());
    return std::unique_ptr<Pictures>(new Pictures(std::move(*platform)));
}

Pictures::Pictures(std::unique_ptr<Platform> platform) : platform_(std::move(platform)) {
    theme_.f = load_fonts(*ImGui::GetIO().Fonts, 1);
}

void Pictures::draw(bool light, const std::function<void()>& frame, const std::filesystem::path& file) {
    for (int i = 0; i < 10; ++i) { // what is measured, sorted or counted in one frame is used in the next
        platform_->wait(std::chrono::milliseconds(0));
        ImGui::GetIO().AddMousePosEvent(-FLT_MAX, -FLT_MAX); // wherever it is, nothing is pointed at
        platform_->begin_frame();
        if (i == 0) {
            const char* name = light ? "light.json" : "dark.json";
            const PaletteResult palette = load_palette(std::filesystem::path(tests::assets) / "themes" / name);
            CHECK(palette.problem.empty());
            theme_.c = palette.palette;
            apply_style(theme_);
        }
        frame();
        ImGui::Render();
        platform_->end_frame(theme_.c.bg0);
    }
    const auto saved = platform_->save_png(file);
    REQUIRE(saved.has_value());
    CHECK(std::filesystem::file_size(file) > 10000);
}

void Pictures::save_part(Parts& parts, bool light, const std::function<void(Context&, Rect)>& part,
                         const std::filesystem::path& file) {
    draw(
        light, [&] { parts.draw(theme_, part); }, file);
}

void Pictures::save(const engine::SnapshotPtr& snapshot, bool light, const std::function<void(UiState&)>& prepare,
                    const std::filesystem::path& file) {
    save([&](FrameInput& input) { input.snapshot = snapshot; }, light, prepare, file);
}

void Pictures::save(const std::function<void(FrameInput&)>& look, bool light,
                    const std::function<void(UiState&)>& prepare, const std::filesystem::path& file) {
    Shell shell;
    shell.ui().look.light = light;
    prepare(shell.ui());
    FrameInput input;
    input.session = {"Cardiology follow-up", Source::Live, "cardiology.fhirscope",
                     Synthetic::now() - std::chrono::seconds(9696)};
    input.now = Synthetic::now();
    look(input);
    if (!input.snapshot->updates.empty()) input.stats = measured();
    input.send = [](engine::Command) {};
    draw(
        light,
        [&] {
            look(input);
            shell.draw(input, theme_);
            shell.worker().wait();
        },
        file);
}

void select_something(UiState& ui, const Synthetic& data) {
    if (ui.view == ViewId::Panels) {
        ui.selection = {Selection::Kind::Resource, data.task_reference(0), 0};
    } else if (ui.view == ViewId::Log) {
        ui.selection = {Selection::Kind::Update, {}, 19000};
        ui.inspector.tab = InspectorTab::Trace;
    } else if (ui.view == ViewId::Conflicts) {
        ui.selection = {Selection::Kind::Conflict, {}, SyntheticConflicts::edited};
        ui.inspector.tab = InspectorTab::History;
    } else if (ui.view == ViewId::Connections) {
        ui.selection = {Selection::Kind::Frame, {}, 395};
        ui.inspector.tab = InspectorTab::Json;
    }
}

} // namespace fhirscope::tests
