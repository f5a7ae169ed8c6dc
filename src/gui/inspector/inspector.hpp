#pragma once
// The pane at the right: a resource with its versions, an update with its way through the pipeline, or a frame.

#include "fhir/diff.hpp"
#include "gui/frame/context.hpp"
#include "gui/inspector/conflict.hpp"
#include "gui/inspector/edit.hpp"
#include "gui/inspector/json_pane.hpp"
#include "gui/inspector/links.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/ui/grid.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

// Parts of each kind's pane; state that belongs to what is shown, such as folded nodes, lives here.
class ResourceInspector {
public:
    void draw(Context& context, Rect area);
    void forget_moment();

private:
    void head(Context& context, Rect& area, const engine::Record& record);
    void diff_pane(Context& context, const Rect& area, const engine::VersionPtr& version,
                   const engine::VersionPtr& before);
    void tree_pane(Context& context, const Rect& area, const engine::Record& record, std::size_t selected);
    void missing_pane(Context& context, const Rect& area, const engine::Record& record);
    void trace_pane(Context& context, const Rect& area, const engine::Version& version);
    void versions(Context& context, Rect area, const engine::Record& record, std::size_t selected);
    void find_later(const Context& context);
    void version_keys(Context& context, const engine::Record& record, std::size_t selected);

    RecordFinder finder_, whole_finder_;    // in what is shown, and in all that is known
    std::vector<engine::VersionPtr> later_; // than the moment that is shown, the newest last
    EditSection edit_;
    TreePane tree_;
    LinesPane json_;
    LinksPane links_;
    Grid versions_grid_, diff_grid_;
    engine::VersionPtr diff_of_, diff_before_;
    engine::VersionPtr asked_for_; // whose content is read again
    std::vector<fhir::FieldChange> diff_;
};

class UpdateInspector {
public:
    void draw(Context& context, Rect area);

private:
    void head(Context& context, Rect& area, std::uint64_t number, const engine::UpdateRow& row);
    void trace_pane(Context& context, const Rect& area, std::uint64_t number, const engine::UpdateRow& row);

    TreePane tree_;
    LinesPane frame_;
};

class FrameInspector {
public:
    void draw(Context& context, Rect area);

private:
    void look_for_update(const engine::Snapshot& snapshot, std::uint64_t frame);

    std::uint64_t looked_for_ = UINT64_MAX; // the frame
    std::uint64_t looked_until_ = 0;        // updates before it are not of the frame, or are `carried_`
    std::optional<std::uint64_t> carried_;  // the first update that the frame brought
    LinesPane pretty_, raw_;
};

class Inspector {
public:
    void draw(Context& context, const Rect& area);
    // An earlier moment is shown: what was made of a later one goes.
    void forget_moment();

private:
    void remember(Context& context);

    Selection last_;
    std::vector<Selection> before_; // resources that were looked at, the newest last
    ResourceInspector resource_;
    UpdateInspector update_;
    FrameInspector frame_;
    ConflictInspector conflict_;
};

// First lines of a pane: a tag, an id, and at the right a button that copies `copied`, and one that shows every view at
// the time of what is inspected, where that is known.
void inspector_id_line(Context& context, Rect& area, std::string_view kind, std::string_view id,
                       std::string_view copied, std::optional<LocalTime> at = {});
// The title below it, in one line.
void inspector_title(Context& context, Rect& area, std::string_view prefix, std::string_view title);
// The incident that it is a part of, which a click opens; nothing where it is in none.
void inspector_incident(Context& context, Rect& area, const diagnosis::IncidentPtr& incident);
// Tabs with their enum values; sets context.ui.inspector.tab. A tab that the pane does not have becomes the first.
struct InspectorTabItem {
    InspectorTab tab;
    std::string_view name, label;
};
void inspector_tabs(Context& context, Rect& area, std::span<const InspectorTabItem> items);

} // namespace fhirscope::gui
