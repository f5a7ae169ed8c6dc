#include "gui/model/labels.hpp"

#include "fhir/reference.hpp"

namespace fhirscope::gui {

using engine::Outcome;

std::string_view title_of(const engine::Snapshot& snapshot, const engine::Record& record) {
    const std::string_view type = fhir::type_part(record.reference);
    const engine::Row* row = shown_row(record);
    for (const engine::PanelDefinition& panel : snapshot.panels) {
        if (panel.type != type || row == nullptr) continue;
        // A description says more than a name that the row shares with others.
        std::string_view best;
        for (std::size_t i = 0; i < panel.columns.size() && i < row->cells.size(); ++i) {
            const bool text = panel.columns[i].kind == engine::ColumnKind::Text;
            const std::string& id = panel.columns[i].id;
            if (text && !row->cells[i].empty() && (best.empty() || id == "description" || id == "message"))
                best = row->cells[i];
        }
        if (!best.empty()) return best;
    }
    return record.reference;
}

Mark outcome_mark(Outcome outcome) {
    switch (outcome) {
        case Outcome::Applied:
            return Mark::Applied;
        case Outcome::Duplicate:
            return Mark::Duplicate;
        case Outcome::Superseded:
            return Mark::Superseded;
        case Outcome::OutOfOrder:
            return Mark::Attention;
        case Outcome::Rejected:
            return Mark::Error;
        case Outcome::Checking:
            return Mark::Checking;
    }
    return Mark::Unknown;
}

Mark severity_mark(engine::Severity severity) {
    switch (severity) {
        case engine::Severity::Info:
            return Mark::Info;
        case engine::Severity::Attention:
            return Mark::Attention;
        case engine::Severity::Error:
            return Mark::Error;
    }
    return Mark::Info;
}

} // namespace fhirscope::gui
