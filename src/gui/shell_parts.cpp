// When the parts of the window around the view are brought up to date.

#include "gui/ageing.hpp"
#include "gui/shell.hpp"

#include <imgui_internal.h>

#include <algorithm>

namespace fhirscope::gui {

namespace {

// A resource that is selected, when it changes.
constexpr std::chrono::milliseconds kInspected{250};

} // namespace

// A key, a button, the wheel or a character, and the frames in which ImGui settles after it. A move of the mouse
// concerns only the parts that it is over.
bool Shell::input_came() {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool came = std::any_of(g.InputEventsTrail.begin(), g.InputEventsTrail.end(),
                                  [](const ImGuiInputEvent& e) { return e.Type != ImGuiInputEventType_MousePos; });
    // What is held down acts again and again: a key repeats, a handle is dragged.
    bool held = g.ActiveId != 0 && (g.IO.MouseDown[0] || g.IO.MouseDown[1]);
    for (const ImGuiKeyData& key : g.IO.KeysData) {
        held = held || key.Down;
    }
    constexpr int kSettle = 3;
    settle_ = came || held ? kSettle : std::max(0, settle_ - 1);
    return settle_ > 0;
}

// Of the parts around the view: ages and rates go on a few times a second; what a person waits for is seen at once.
PartLook Shell::part_look(const Context& context) const {
    const engine::Snapshot& snapshot = context.snapshot;
    const engine::ConnectionView& connection = snapshot.connection;
    Key key;
    key.add(context.window).add(connection.phase).add(connection.since).add(connection.polling);
    key.add(snapshot.subscriptions.size()).add(snapshot.open_conflicts).add(snapshot.edits.size());
    key.add(snapshot.ended_edits.end()).add(snapshot.events.end()).add(snapshot.verify.state);
    key.add(context.session.title).add(context.session.recording).add(context.demo != nullptr);
    key.add(context.start != nullptr).add(context.opening != nullptr);
    PartLook look;
    look.at_once = key;
    look.soon =
        Key().add(snapshot.revision).add(diagnosis_.revision()).add(context.now.time_since_epoch() / kFigureStep);
    look.wait = kFigureStep;
    return look;
}

// The state and its age, the finding that is told; paused, how many updates have come since.
PartLook Shell::top_look(const Context& context) const {
    PartLook look = around_;
    look.at_once = Key().add(around_.at_once).add(headlines_);
    const auto since_paused = context.ui.paused ? static_cast<std::int64_t>(ImGui::GetTime() * 2) : 0;
    look.soon = Key()
                    .add(context.now.time_since_epoch() / kAges)
                    .add(context.snapshot.at.time_since_epoch() / kAges)
                    .add(since_paused);
    return look;
}

// Its badges count findings and open conflicts.
PartLook Shell::rail_look() const {
    PartLook look = around_;
    look.at_once = Key().add(around_.at_once).add(headlines_);
    look.soon = 0;
    return look;
}

PartLook Shell::timeline_look(const Context& context) const {
    PartLook look = around_;
    look.soon = Key()
                    .add(context.snapshot.seconds.end())
                    .add(context.snapshot.conflicts.size())
                    .add(context.now.time_since_epoch() / kAges);
    return look;
}

PartLook Shell::side_look(const Context& context) {
    PartLook look = around_;
    const engine::Record* record = ui_.selection.kind == Selection::Kind::resource
                                       ? inspected_.find(context.snapshot, ui_.selection.reference)
                                       : nullptr;
    look.soon = Key()
                    .add(record)
                    .add(context.now.time_since_epoch() / kAges)
                    .add(time_stands(context) ? context.snapshot.revision : 0);
    look.wait = kInspected;
    return look;
}

// Findings go on with the ages, once a second: what they tell of lasts for seconds. Returns when that is due.
std::chrono::milliseconds Shell::diagnose(const engine::SnapshotPtr& shown) {
    constexpr double kEvery = std::chrono::duration<double>(kAges).count();
    if (shown == diagnosed_) {
        return std::chrono::milliseconds::max();
    }
    const double now = ImGui::GetTime();
    if (diagnosed_ && now - diagnosed_at_ < kEvery) {
        return std::chrono::milliseconds(1 + static_cast<int>((kEvery - (now - diagnosed_at_)) * 1000));
    }
    diagnosis_.update(shown);
    Key headlines;
    for (const diagnosis::FindingPtr& finding : diagnosis_.open()) {
        headlines.add(finding->id).add(finding->subject).add(finding->severity).add(finding->title);
    }
    headlines_ = headlines;
    diagnosed_ = shown;
    diagnosed_at_ = now;
    return std::chrono::milliseconds::max();
}

} // namespace fhirscope::gui
