#include "gui/inspector/live_explanation.hpp"

#include "gui/model/labels.hpp"

#include <chrono>
#include <string_view>

namespace fhirscope::gui {

void LiveExplanation::refresh(Context& context, const std::string& about) {
    const double now = ImGui::GetTime();
    const bool due = now - made_at_ >= std::chrono::duration<double>(figure_step).count();
    if (of_ && explanation_.reference == about && (of_ == context.snapshot_ptr || !due)) {
        if (of_ != context.snapshot_ptr) context.redraw_within(figure_step);
        return;
    }
    const auto mode = context.findings.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    explanation_ = diagnosis::explain(context.snapshot, about, mode);
    const engine::RecordPtr record = explanation_.known ? context.snapshot.find(about) : nullptr;
    title_ = record != nullptr ? title_of(context.snapshot, *record) : std::string_view();
    if (title_ == about) title_.clear();
    of_ = context.snapshot_ptr;
    made_at_ = now;
}

} // namespace fhirscope::gui
