#pragma once
// A playhead over snapshots that a test made, each of a moment: what the program's own does over inputs.

#include "engine/snapshot.hpp"
#include "gui/model/playhead.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::tests {

class FakePlayhead final : public gui::PlayheadControl {
public:
    // Oldest first.
    explicit FakePlayhead(std::vector<engine::SnapshotPtr> moments) : moments_(std::move(moments)) {
        now.first = moments_.front()->at;
        now.last = now.at = moments_.back()->at;
        now.of = moments_.back()->inputs;
        now.inputs = now.of;
        now.hash = 0xc4d177e012345678;
    }

    gui::PlayheadStatus status() const override { return now; }
    void seek(LocalTime at) override {
        now.at = std::clamp(at, now.first, now.last);
        now.at_end = false;
        now.playing = false;
        now.seeking = slow;
        if (!slow) shown_ = now.at;
        now.inputs = snapshot()->inputs;
        ++seeks;
    }
    void play(double speed) override {
        now.playing = true;
        now.speed = speed;
    }
    void pause() override { now.playing = false; }
    void to_end() override {
        seek(now.last);
        now.at_end = true;
    }
    void add_bookmark(LocalTime at, std::string text) override {
        now.bookmarks.push_back({++numbers_, at, std::move(text)});
        std::ranges::stable_sort(now.bookmarks, {}, &gui::Bookmark::at);
    }
    void rename_bookmark(std::uint64_t number, std::string text) override {
        std::ranges::find(now.bookmarks, number, &gui::Bookmark::number)->text = std::move(text);
    }
    void remove_bookmark(std::uint64_t number) override {
        std::erase_if(
            now.bookmarks, [&](const gui::Bookmark& one) { return one.number == number; });
    }

    // What was looked for is here.
    void arrive() {
        now.seeking = false;
        shown_ = now.at;
    }
    // That of the moment that is shown, and of all.
    engine::SnapshotPtr snapshot() const {
        if (now.at_end && !now.seeking) return whole();
        engine::SnapshotPtr found = moments_.front();
        for (const engine::SnapshotPtr& one : moments_)
            if (one->at <= shown_) found = one;
        return found;
    }
    engine::SnapshotPtr whole() const { return moments_.back(); }

    gui::PlayheadStatus now;
    bool slow = false; // seeks take until arrive()
    int seeks = 0;

private:
    std::vector<engine::SnapshotPtr> moments_;
    LocalTime shown_ = moments_.back()->at;
    std::uint64_t numbers_ = 0;
};

} // namespace fhirscope::tests
