#pragma once
// Diagnosis: the incidents, the selected one as an episode, and the way of one resource from the server to the screen.

#include "gui/frame/view.hpp"
#include "gui/inspector/incident.hpp"
#include "gui/inspector/live_explanation.hpp"
#include "gui/model/incidents/compare_line.hpp"
#include "gui/model/incidents/incident_list.hpp"
#include "gui/views/diagnosis/episode_pane.hpp"
#include "gui/views/diagnosis/incident_table.hpp"

#include <string>
#include <vector>

namespace fhirscope::gui {

class DiagnosisView : public View {
public:
    ViewId id() const override { return ViewId::Diagnosis; }
    std::string_view title() const override { return "Diagnosis"; }
    Icon icon() const override { return Icon::Diagnosis; }
    Badge rail_badge(const Context& context) const override;
    void draw(Context& context, Rect area) override;
    bool draw_inspector(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;
    void open_selected(Context& context) override;

private:
    void refresh(Context& context);
    void refresh_explanation(Context& context);
    void header(Context& context, const Rect& row);
    void explain_field(Context& context, const Rect& field);
    void filter_field(Context& context, const Rect& field);
    void compare_strip(Context& context, const Rect& row);
    void list(Context& context, Rect area);
    void no_incidents(Context& context, const Rect& area);
    void explanation(Context& context, Rect area);

    IncidentList list_;
    IncidentTable table_;
    IncidentSort sort_;
    LastCompared compared_;
    std::uint64_t revealed_ = 0; // the selected incident, once it was brought into sight
    bool offered_ = false;
    EpisodePane episode_;

    LiveExplanation explanation_;

    IncidentInspector inspector_;
};

} // namespace fhirscope::gui
