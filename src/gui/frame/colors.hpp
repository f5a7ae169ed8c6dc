#pragma once
// Engine values in the guide's colors.

#include "diagnosis/diagnosis.hpp"
#include "engine/snapshot.hpp"
#include "gui/ui/theme.hpp"

namespace fhirscope::gui {

ImU32 outcome_color(const Palette& palette, engine::Outcome outcome);
ImU32 outcome_color(const Palette& palette, const engine::Conflict& conflict);
ImU32 severity_color(const Palette& palette, diagnosis::Severity severity);
ImU32 severity_tint(const Palette& palette, diagnosis::Severity severity);

} // namespace fhirscope::gui
