// What a person opens and chooses in a view, for a person to look at: script/screenshots.

#include "gui/window/shell.hpp"
#include "pictures/pictures.hpp"
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
    for (EditField& field : known_fields("Task"))
        if (field.path == path) editing.form = EditForm::make(resource, resource, std::move(field), EditPlace::Panel);
    if (!typed.empty()) editing.form->typed = typed;
    editing.fresh = true;
    return editing;
}

} // namespace

TEST_CASE("what a person opens and chooses in a view, at both sizes", "[.gallery]") {
    const char* folder = std::getenv("FHIRSCOPE_GALLERY");
    REQUIRE(folder != nullptr);
    Synthetic data;
    data.edit_task(8, "in-progress", engine::EditState::Conflicted);
    data.edit_task(16, "received", engine::EditState::Waiting);
    const engine::SnapshotPtr plain = data.publish();
    const engine::SnapshotPtr with_conflicts = tests::publish_with_conflicts(data);
    const auto update = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::Log;
        ui.selection = Selection{Selection::Kind::Update, {}, 19000};
        ui.inspector.tab = InspectorTab::Trace;
        ui.log.filter = "type:Task & outcome:out-of-order | latency > 200ms";
    };
    const auto latency = [](UiState& ui, const Synthetic&) {
        ui.view = ViewId::Latency;
        ui.brush = TimeRange{Synthetic::now() - std::chrono::seconds(79), Synthetic::now() - std::chrono::seconds(49)};
    };
    const auto diff = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::Resource, from.task_reference(0), 0};
        ui.inspector.tab = InspectorTab::Diff;
    };
    const auto overlay = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::Resource, from.task_reference(0), 0};
        ui.inspector.overlay = true;
    };
    const auto edit = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::Resource, from.task_reference(16), 0};
        ui.overlays.editing = form_of(from.task(24), "restriction.period.end", "2026-02-30");
    };
    const auto choose = [](UiState& ui, const Synthetic& from) {
        ui.selection = Selection{Selection::Kind::Resource, from.task_reference(8), 0};
        ui.overlays.editing = form_of(from.task(0), "status", "");
    };
    const auto conflict_list = [](UiState& ui, const Synthetic&) { ui.view = ViewId::Conflicts; };
    const auto palette = [](UiState& ui, const Synthetic&) { ui.overlays.palette = true; };
    const std::initializer_list<SavedPicture> pictures = {
        SavedPicture{"log", 1440, 900, false, update},
        SavedPicture{"latency", 1440, 900, false, latency},
        SavedPicture{"diff", 1440, 900, false, diff},
        SavedPicture{"palette", 1440, 900, false, palette},
        SavedPicture{"edit", 1440, 900, false, edit},
        SavedPicture{"edit-light", 1440, 900, true, edit},
        SavedPicture{"edit-status", 1440, 900, false, choose},
        SavedPicture{"conflict-list-small", 800, 600, false, conflict_list},
        SavedPicture{"log-small", 800, 600, false, update},
        SavedPicture{"latency-small", 800, 600, false, latency},
        SavedPicture{"overlay-small", 800, 600, false, overlay}};
    // One window a size: an X server without -noreset starts over when its last window goes.
    for (const auto& [width, height] : {std::pair{1440, 900}, std::pair{800, 600}}) {
        const auto window = tests::Pictures::open(width, height);
        for (const SavedPicture& picture : pictures) {
            if (picture.width == width) {
                const bool conflict = picture.name.starts_with("conflict"); // the list of them
                window->save(
                    conflict ? with_conflicts : plain, picture.light, [&](UiState& ui) { picture.prepare(ui, data); },
                    std::filesystem::path(folder) / (picture.name + ".png"));
            }
        }
    }
}
