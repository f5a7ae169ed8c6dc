#pragma once
// What this program costs: frame time, queue depth, the stages of the pipeline, memory by part, threads.

#include "gui/frame/view.hpp"
#include "gui/model/profiler_data.hpp"
#include "gui/ui/grid.hpp"

#include <array>
#include <vector>

namespace fhirscope::gui {

class ProfilerView : public View {
public:
    ViewId id() const override { return ViewId::Profiler; }
    std::string_view title() const override { return "Profiler"; }
    Icon icon() const override { return Icon::Profiler; }
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    enum class Span { Seconds, Minutes, Range };
    enum class Tab { Frames, Stages, Threads, Memory };

    void refresh(Context& context);
    void header(Context& context, Rect row);
    void frames(Context& context, Rect area);
    void queue(Context& context, Rect area);
    void stages(Context& context, Rect area);
    void stage_row(Context& context, std::int64_t place);
    void verdict(Context& context, Rect area);
    void memory(Context& context, Rect area);
    void threads(Context& context, Rect area);

    Span span_ = Span::Seconds;
    Tab tab_ = Tab::Frames; // in a narrow window
    Grid grid_;
    std::int64_t selected_ = -1;
    bool few_columns_ = false;
    // Refreshed twice a second, so that figures can be read.
    double refreshed_ = -1; // ImGui's time, because a replay's may stand still; negative: at once
    LocalTime refreshed_for_{};
    engine::SnapshotPtr refreshed_of_;
    StageCosts costs_;
    std::vector<MemoryPart> memory_;
};

} // namespace fhirscope::gui
