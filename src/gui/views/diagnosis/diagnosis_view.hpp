#pragma once
// Diagnosis: the findings, open or closed, and the way of one resource from the server to the screen.

#include "diagnosis/explain.hpp"
#include "gui/frame/view.hpp"
#include "gui/inspector/finding.hpp"
#include "gui/ui/grid.hpp"

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

private:
    void refresh(Context& context);
    void header(Context& context, const Rect& row);
    void list(Context& context, const Rect& area);
    void row(Context& context, std::int64_t place);
    void explanation(Context& context, Rect area);
    void finding_text(Context& context, Rect area, const diagnosis::Finding& finding);

    std::vector<diagnosis::FindingPtr> rows_;
    std::uint64_t listed_revision_ = UINT64_MAX;
    bool listed_closed_ = false;
    bool narrow_ = false;
    bool offered_ = false;

    // The explanation of `about_`, made again when the snapshot changes, at most twice a second.
    std::string about_, title_;
    engine::SnapshotPtr explained_;
    double explained_at_ = 0; // ImGui's time
    diagnosis::Explanation explanation_;

    Grid grid_;
    FindingInspector inspector_;
};

} // namespace fhirscope::gui
