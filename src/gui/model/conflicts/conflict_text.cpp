#include "gui/model/conflicts/conflict_text.hpp"

#include "fhir/ascii.hpp"
#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

using engine::Conflict;
using engine::ConflictKind;
using engine::ConflictOutcome;

bool about_edit(ConflictKind kind) {
    return kind == ConflictKind::ConcurrentModification || kind == ConflictKind::VersionConflict ||
           kind == ConflictKind::DeleteVersusEdit || kind == ConflictKind::RefusedEdit;
}

Mark conflict_mark(ConflictKind kind) { return about_edit(kind) ? Mark::Conflict : Mark::Attention; }

Mark outcome_mark(const Conflict& conflict) {
    switch (conflict.outcome) {
        case ConflictOutcome::Waiting:
            return Mark::Conflict;
        case ConflictOutcome::Merged:
            return Mark::Ok;
        case ConflictOutcome::Failed:
            return Mark::Error;
        default:
            return Mark::Applied;
    }
}

std::string outcome_text(const Conflict& conflict) {
    if (conflict.outcome != ConflictOutcome::Failed) return std::string(to_string(conflict.outcome));
    // The status is what tells one failure from another.
    const engine::Fact* refusal = conflict.note.find([](const engine::Fact& fact) { return fact.status >= 400; });
    return refusal != nullptr ? "send failed, " + std::to_string(refusal->status) : "send failed";
}

std::string short_reference(std::string_view reference) {
    const std::size_t slash = reference.find('/');
    if (slash == std::string_view::npos) return std::string(reference);
    return std::string(reference.substr(0, slash + 1)).append(short_id(reference.substr(slash + 1)));
}

std::string list_of(std::span<const std::string> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        out += i == 0 ? "" : i + 1 == words.size() ? " and " : ", ";
        out += words[i];
    }
    return out;
}

} // namespace fhirscope::gui
