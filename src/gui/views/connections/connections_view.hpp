#pragma once
// Connections: the socket's state, its last reconnect, the subscriptions on it, and every frame.

#include "gui/frame/query_input.hpp"
#include "gui/frame/view.hpp"
#include "gui/model/connection_times.hpp"
#include "gui/model/worker.hpp"
#include "gui/ui/grid.hpp"

#include <string>
#include <vector>

namespace fhirscope::gui {

class ConnectionsView final : public View {
public:
    ViewId id() const override { return ViewId::Connections; }
    std::string_view title() const override { return "Connections"; }
    Icon icon() const override { return Icon::Connections; }
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    enum class Kinds { All, Events, Control, Errors };
    // The frames that pass.
    struct Listed {
        query::Query query{};
        Kinds kinds = Kinds::All;
        bool hide_beats = false;
        std::uint64_t end = 0;                // the first that was not looked at
        std::vector<std::uint64_t> numbers{}; // ascending
        bool wants(const engine::FrameRow& frame) const;
        void go_on(const engine::Snapshot& snapshot, const std::stop_token& stop);
    };
    void header(Context& context, Rect& area);
    void state(Context& context, Rect area);
    void attempts(Context& context, Rect area);
    void polling(Context& context, const Rect& row);
    void subscriptions(Context& context, Rect area);
    float checks(Context& context, const Rect& row, float x, std::uint32_t budget);
    void frames(Context& context, Rect area);
    void frame_list(Context& context, const Rect& area);
    void frame_row(Context& context, std::int64_t place);
    void list_frames(Context& context);
    void list_anew();
    void frames_header(Context& context, Rect row);
    void frames_filter(Context& context, const Rect& rest);
    void no_frames(Context& context, const Rect& area);

    PollingPeriods polling_;
    Grid subscriptions_grid_, frames_grid_;
    QueryInput input_;
    std::string filter_;
    Kinds kinds_ = Kinds::All;
    bool hide_beats_ = false;
    bool narrow_ = false;
    int narrow_tab_ = 0; // below 1100 px: frames or attempts
    Listed listed_;
    Job<Listed> listing_;
    bool list_anew_ = true;                       // another question was asked
    std::size_t range_begin_ = 0, range_end_ = 0; // of listed_, within the brush
    std::uint64_t errors_ = 0;
    std::uint64_t errors_to_ = 0;
};

} // namespace fhirscope::gui
