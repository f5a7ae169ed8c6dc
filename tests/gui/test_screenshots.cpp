#include "gui/shell.hpp"
#include "pictures.hpp"
#include "support/paths.hpp"
#include "support/synthetic_conflicts.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;

namespace {

struct SavedPicture {
    std::string name;
    int width, height;
    bool light;
    void (*prepare)(UiState&, const Synthetic&);
};

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
    const std::initializer_list<SavedPicture> pictures = {
        SavedPicture{"panels", 1440, 900, false, task},
        SavedPicture{"panels-light", 1440, 900, true, task},
        SavedPicture{"log", 1440, 900, false, update},
        SavedPicture{"connections", 1440, 900, false, frame},
        SavedPicture{"latency", 1440, 900, false, latency},
        SavedPicture{"diff", 1440, 900, false, diff},
        SavedPicture{"palette", 1440, 900, false, palette},
        SavedPicture{"edit", 1440, 900, false, edit},
        SavedPicture{"edit-light", 1440, 900, true, edit},
        SavedPicture{"edit-status", 1440, 900, false, choose},
        SavedPicture{"conflicts", 1440, 900, false, conflicts},
        SavedPicture{"conflicts-light", 1440, 900, true, conflicts},
        SavedPicture{"conflicts-small", 800, 600, false, conflicts},
        SavedPicture{"conflict-list-small", 800, 600, false, conflict_list},
        SavedPicture{"panels-small", 800, 600, false, task},
        SavedPicture{"log-small", 800, 600, false, update},
        SavedPicture{"connections-small", 800, 600, false, frame},
        SavedPicture{"latency-small", 800, 600, false, latency},
        SavedPicture{"overlay-small", 800, 600, false, overlay}};
    // One window a size: an X server without -noreset starts over when its last window goes.
    for (const auto& [width, height] : {std::pair{1440, 900}, std::pair{800, 600}}) {
        const auto window = tests::Pictures::open(width, height);
        for (const SavedPicture& picture : pictures) {
            if (picture.width == width) {
                const bool conflict = picture.name.starts_with("conflict");
                window->save(
                    conflict ? with_conflicts : plain, picture.light, [&](UiState& ui) { picture.prepare(ui, data); },
                    std::filesystem::path(tests::output) / (picture.name + ".png"));
            }
        }
    }
}
