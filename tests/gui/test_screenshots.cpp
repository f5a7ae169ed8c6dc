#include "gui/platform.hpp"
#include "gui/shell.hpp"
#include "support/synthetic_conflicts.hpp"
#include "tests/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;

namespace {

struct Picture {
    std::string name;
    int width, height;
    bool light;
    void (*prepare)(UiState&, const Synthetic&);
};

void draw_picture(Platform& platform, Theme& theme, const Picture& picture, const Synthetic& data,
                  const engine::SnapshotPtr& snapshot) {
    const auto file = std::filesystem::path(tests::assets) / "themes" / (picture.light ? "light.json" : "dark.json");
    const PaletteResult palette = load_palette(file);
    CHECK(palette.problem.empty());
    theme.c = palette.palette;
    apply_style(theme);
    Shell shell;
    picture.prepare(shell.ui(), data);
    FrameInput input;
    input.snapshot = snapshot;
    input.session = {"Cardiology follow-up", Source::live, "cardiology.fhirscope",
                     Synthetic::now() - std::chrono::seconds(9696), ""};
    input.stats = {0.3, 60, 184000000};
    input.now = Synthetic::now();
    input.send = [](engine::Command) {};
    for (int i = 0; i < 8; ++i) {
        platform.wait(std::chrono::milliseconds(0));
        platform.begin_frame();
        shell.draw(input, theme);
        ImGui::Render();
        platform.end_frame(theme.c.bg0);
    }
    const auto out = std::filesystem::path(tests::output) / (picture.name + ".png");
    const auto saved = platform.save_png(out);
    REQUIRE(saved.has_value());
    CHECK(std::filesystem::file_size(out) > 10000);
}

Editing form_of(const engine::Record& task, std::string_view path, std::string_view typed) {
    const fhir::ResourcePtr& resource = task.history.back()->resource;
    Editing editing;
    for (EditField& field : known_fields("Task")) {
        if (field.path == path) {
            editing.form = EditForm::make(resource, resource, std::move(field), EditPlace::panel);
        }
    }
    if (!typed.empty()) {
        editing.form->typed = typed;
    }
    editing.fresh = true;
    return editing;
}

} // namespace

TEST_CASE("each view is drawn at both sizes and saved for a person to look at", "[display]") {
    if (std::getenv("DISPLAY") == nullptr) {
        SKIP("there is no display; run under Xvfb");
    }
    setenv("TZ", "UTC", 1);
    Synthetic data;
    data.edit_task(8, "in-progress", engine::EditState::Conflicted);
    data.edit_task(16, "received", engine::EditState::Waiting);
    const engine::SnapshotPtr plain = data.publish();
    const engine::SnapshotPtr with_conflicts = tests::publish_with_conflicts(data);
    const auto task = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::resource, from.task_reference(0), 0};
    };
    const auto update = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::log;
        ui.selection = Selection{Selection::Kind::update, {}, 19000};
        ui.tab = InspectorTab::trace;
        ui.log_filter = "type:Task & outcome:out-of-order | latency > 200ms";
    };
    const auto frame = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::connections;
        ui.selection = Selection{Selection::Kind::frame, {}, 395};
        ui.tab = InspectorTab::json;
    };
    const auto latency = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::latency;
        ui.brush = TimeRange{Synthetic::now() - std::chrono::seconds(79), Synthetic::now() - std::chrono::seconds(49)};
    };
    const auto diff = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::resource, from.task_reference(0), 0};
        ui.tab = InspectorTab::diff;
    };
    const auto overlay = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::resource, from.task_reference(0), 0};
        ui.inspector_overlay = true;
    };
    const auto edit = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::resource, from.task_reference(16), 0};
        ui.editing = form_of(from.task(24), "restriction.period.end", "2026-02-30");
    };
    const auto choose = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::resource, from.task_reference(8), 0};
        ui.editing = form_of(from.task(0), "status", "");
    };
    const auto conflicts = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::conflicts;
        ui.selection = Selection{Selection::Kind::conflict, {}, tests::SyntheticConflicts::edited};
        ui.tab = InspectorTab::history;
    };
    const auto conflict_list = [](UiState& ui, const Synthetic&) { ui.view = ViewId::conflicts; };
    const auto palette = [](UiState& ui, const Synthetic&) { ui.palette_open = true; };
    const std::initializer_list<Picture> pictures = {Picture{"panels", 1440, 900, false, task},
                                                     Picture{"panels-light", 1440, 900, true, task},
                                                     Picture{"log", 1440, 900, false, update},
                                                     Picture{"connections", 1440, 900, false, frame},
                                                     Picture{"latency", 1440, 900, false, latency},
                                                     Picture{"diff", 1440, 900, false, diff},
                                                     Picture{"palette", 1440, 900, false, palette},
                                                     Picture{"edit", 1440, 900, false, edit},
                                                     Picture{"edit-light", 1440, 900, true, edit},
                                                     Picture{"edit-status", 1440, 900, false, choose},
                                                     Picture{"conflicts", 1440, 900, false, conflicts},
                                                     Picture{"conflicts-light", 1440, 900, true, conflicts},
                                                     Picture{"conflicts-small", 800, 600, false, conflicts},
                                                     Picture{"conflict-list-small", 800, 600, false, conflict_list},
                                                     Picture{"panels-small", 800, 600, false, task},
                                                     Picture{"log-small", 800, 600, false, update},
                                                     Picture{"connections-small", 800, 600, false, frame},
                                                     Picture{"latency-small", 800, 600, false, latency},
                                                     Picture{"overlay-small", 800, 600, false, overlay}};
    // One window a size: an X server without -noreset starts over when its last window goes.
    for (const auto& [width, height] : {std::pair{1440, 900}, std::pair{800, 600}}) {
        PlatformOptions options;
        options.width = width;
        options.height = height;
        options.scale = 1;
        auto platform = Platform::open(options);
        REQUIRE(platform.has_value());
        Theme theme;
        theme.f = load_fonts(*ImGui::GetIO().Fonts, 1);
        for (const Picture& picture : pictures) {
            if (picture.width == width) {
                const bool conflict = picture.name.starts_with("conflict");
                draw_picture(**platform, theme, picture, data, conflict ? with_conflicts : plain);
            }
        }
    }
}
