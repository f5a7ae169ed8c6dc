#pragma once
// Pictures of the window with invented data: what a person looks at, and what is compared with an earlier one.

#include "gui/window/platform.hpp"
#include "gui/window/shell.hpp"
#include "parts.hpp"
#include "support/synthetic_snapshot.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace fhirscope::tests {

class Pictures {
public:
    // Opens a window of this size on the display, at scale 1. Null where there is no display.
    static std::unique_ptr<Pictures> open(int width, int height);

    // The whole window after some frames, as a PNG file.
    void save(const engine::SnapshotPtr& snapshot, bool light, const std::function<void(gui::UiState&)>& prepare,
              const std::filesystem::path& file);
    // The same of a session that is not live: `look` puts in what it has.
    void save(const std::function<void(gui::FrameInput&)>& look, bool light,
              const std::function<void(gui::UiState&)>& prepare, const std::filesystem::path& file);

    // Of a part of the window that fills it.
    void save_part(Parts& parts, bool light, const std::function<void(gui::Context&, gui::Rect)>& part,
                   const std::filesystem::path& file);

private:
    void draw(bool light, const std::function<void()>& frame, const std::filesystem::path& file);
    explicit Pictures(std::unique_ptr<gui::Platform> platform);

    std::unique_ptr<gui::Platform> platform_;
    gui::Theme theme_;
};

// What a person would look at in the view.
void select_something(gui::UiState& ui, const Synthetic& data);

} // namespace fhirscope::tests
