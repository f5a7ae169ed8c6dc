#pragma once
// The inspector of a conflict: the versions as a graph, the update that led to it, the rules, and the texts.

#include "gui/frame/context.hpp"
#include "gui/inspector/json_pane.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/ui/grid.hpp"

#include <string>
#include <vector>

namespace fhirscope::gui {

// One point of the graph of versions.
struct HistoryNode {
    enum class Kind { Version, Base, Local, Server, Next } kind = Kind::Version;
    std::string id;            // short versionId, "local" or "next"
    std::string title, detail; // "priority, owner"; "K. Lund, 14:31:02.140, socket"
};
// From the oldest to the newest; `record` may be null.
std::vector<HistoryNode> history_of(const engine::Conflict& conflict, std::span<const ConflictField> fields,
                                    const engine::Record* record);

class ConflictInspector {
public:
    void draw(Context& context, Rect area);

private:
    float graph(Context& context, const Rect& area, const engine::Conflict& conflict);
    float effects(Context& context, const Rect& area, const engine::Conflict& conflict);
    void rules(Context& context, Rect area, std::string_view type);
    void trace(Context& context, const Rect& area, const engine::Conflict& conflict);
    void json(Context& context, Rect area, const engine::Conflict& conflict);

    ConflictSheet sheet_;
    RecordFinder finder_;
    engine::VersionPtr newest_; // of the record when the graph was made
    std::vector<HistoryNode> nodes_;
    Grid rules_grid_;
    LinesPane json_;
    int json_side_ = 2; // base, local, server
};

} // namespace fhirscope::gui
