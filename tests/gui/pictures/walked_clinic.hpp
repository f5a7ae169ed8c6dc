#pragma once
// The clinic over the minutes after Synthetic::now(), with a playhead and bookmarks, for pictures of earlier moments.

#include "fake_playhead.hpp"
#include "gui/window/shell.hpp"
#include "support/synthetic_snapshot.hpp"

#include <array>
#include <utility>
#include <vector>

namespace fhirscope::tests {

class WalkedClinic {
public:
    WalkedClinic() {
        control.add_bookmark(time(20), "Before the Holter report changes");
        control.add_bookmark(time(66), "Two people edit one task");
        control.add_bookmark(time(141), "");
        control.now.as_recorded = true;
        control.now.bookmarks_kept_in = "cardiology.fhirscope.notes";
        control.seek(time(95));
    }

    // A frame of the moment that is shown: of a recording, or while the session goes on.
    void look(gui::FrameInput& input, gui::Source source) {
        input.session.source = source;
        input.session.playhead = &control;
        if (source == gui::Source::Replay) input.session.recording.clear();
        input.snapshot = control.snapshot();
        input.whole = control.whole();
        input.now = control.whole()->at;
    }

    Synthetic data;
    FakePlayhead control{walk(data)};

private:
    static LocalTime time(int seconds) { return Synthetic::now() + std::chrono::seconds(seconds); }
    static std::vector<engine::SnapshotPtr> walk(Synthetic& data) {
        static constexpr std::array<std::pair<std::size_t, const char*>, 9> changes = {{{0, "accepted"},
                                                                                        {8, "in-progress"},
                                                                                        {3, "on-hold"},
                                                                                        {12, "completed"},
                                                                                        {0, "completed"},
                                                                                        {24, "received"},
                                                                                        {31, "cancelled"},
                                                                                        {16, "accepted"},
                                                                                        {3, "in-progress"}}};
        std::vector<engine::SnapshotPtr> moments;
        const auto keep = [&](LocalTime at) {
            auto snapshot = data.publish();
            snapshot->at = at;
            snapshot->inputs = 9000 + 400 * moments.size();
            moments.push_back(std::move(snapshot));
        };
        int at = 0;
        keep(time(at));
        for (const auto& [task, status] : changes) {
            at += 23;
            data.change_task(task, status, time(at));
            data.finish_seconds(time(at));
            keep(time(at));
        }
        return moments;
    }
};

} // namespace fhirscope::tests
