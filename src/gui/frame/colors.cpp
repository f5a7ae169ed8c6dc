#include "gui/frame/colors.hpp"

namespace fhirscope::gui {

using diagnosis::Severity;
using engine::ConflictOutcome;
using engine::Outcome;

ImU32 outcome_color(const Palette& palette, Outcome outcome) {
    switch (outcome) {
        case Outcome::OutOfOrder:
            return palette.att;
        case Outcome::Rejected:
            return palette.err;
        case Outcome::Duplicate:
        case Outcome::Superseded:
            return palette.t4;
        case Outcome::Applied:
        case Outcome::Checking:
            return palette.t3;
    }
    return palette.t3;
}

ImU32 outcome_color(const Palette& palette, const engine::Conflict& conflict) {
    switch (conflict.outcome) {
        case ConflictOutcome::Waiting:
            return palette.con;
        case ConflictOutcome::Merged:
            return palette.ok;
        case ConflictOutcome::Failed:
            return palette.err;
        default:
            return palette.t3;
    }
}

ImU32 severity_color(const Palette& palette, Severity severity) {
    return severity == Severity::Error ? palette.err : severity == Severity::Attention ? palette.att : palette.t3;
}

ImU32 severity_tint(const Palette& palette, Severity severity) {
    return severity == Severity::Error ? palette.terr : severity == Severity::Attention ? palette.tatt : palette.bg2;
}

} // namespace fhirscope::gui
