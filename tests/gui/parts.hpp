#pragma once
// Draws a part of the window by itself, with values that no session has to bring about.

#include "diagnosis/diagnosis.hpp"
#include "gui/frame/context.hpp"
#include "support/synthetic_snapshot.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::tests {

class Parts {
public:
    explicit Parts(engine::SnapshotPtr of) : snapshot(std::move(of)) {
        session.source = gui::Source::Demo;
        findings.update(snapshot);
    }

    // Within a frame of ImGui: one window over all of the display, in which `part` draws.
    void draw(const gui::Theme& theme, const std::function<void(gui::Context&, gui::Rect)>& part) {
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        targets.clear();
        const gui::Frame frame{.theme = theme, .layout = {.narrow = narrow}, .targets = &targets};
        gui::Context context{frame, gui::Content{.snapshot = *snapshot,
                                                 .snapshot_ptr = snapshot,
                                                 .whole = snapshot,
                                                 .session = session,
                                                 .stats = stats,
                                                 .ui = ui,
                                                 .now = Synthetic::now(),
                                                 .send = send,
                                                 .shown = shown,
                                                 .findings = findings,
                                                 .whole_findings = findings}};
        ImGui::SetNextWindowPos(ImVec2(0, 0));
        ImGui::SetNextWindowSize(size);
        ImGui::Begin("part", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
        const gui::Rect whole{0, 0, size.x, size.y};
        gui::Painter(theme).fill(whole, theme.c.bg1);
        part(context, whole);
        ImGui::End();
    }

    bool narrow = false; // as in a window that is narrow, whatever the part is
    engine::SnapshotPtr snapshot;
    gui::SessionInfo session;
    gui::FrameStats stats;
    gui::UiState ui;
    std::vector<engine::Command> sent;
    gui::ShownLog shown;
    diagnosis::Diagnosis findings;
    gui::Targets targets;

private:
    std::function<void(engine::Command)> send = [this](engine::Command command) { sent.push_back(std::move(command)); };
};

} // namespace fhirscope::tests
