#pragma once
// The way of one resource to the screen, made again when the snapshot changes, at most twice a second.

#include "diagnosis/explain.hpp"
#include "gui/frame/context.hpp"

#include <string>

namespace fhirscope::gui {

class LiveExplanation {
public:
    void refresh(Context& context, const std::string& about);
    void clear() { of_ = nullptr; }

    bool empty() const { return of_ == nullptr; } // nothing was explained, or it was cleared
    const diagnosis::Explanation& get() const { return explanation_; }
    const std::string& title() const { return title_; } // of the resource; "" where it has none but its reference

private:
    engine::SnapshotPtr of_;
    double made_at_ = 0; // ImGui's time
    diagnosis::Explanation explanation_;
    std::string title_;
};

} // namespace fhirscope::gui
