#pragma once
// Conflicts: all that are kept, newest first, and the selected one with its three versions and the decisions.

#include "gui/frame/query_input.hpp"
#include "gui/frame/view.hpp"
#include "gui/model/conflicts/conflict_index.hpp"
#include "gui/ui/drop_down.hpp"
#include "gui/ui/grid.hpp"
#include "gui/views/conflicts/diff.hpp"

#include <string>
#include <unordered_map>

namespace fhirscope::gui {

class ConflictsView final : public View {
public:
    ViewId id() const override { return ViewId::Conflicts; }
    std::string_view title() const override { return "Conflicts"; }
    Icon icon() const override { return Icon::Conflicts; }
    Badge rail_badge(const Context& context) const override;
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    // What a row says, kept while its conflict stays as it is.
    struct Texts {
        engine::ConflictPtr of;
        std::string reference, patient, fields, outcome;
    };
    const Texts& texts_of(const engine::ConflictPtr& conflict);
    void ask(const Context& context);
    void header(Context& context, const Rect& row);
    void filter(Context& context, const Rect& field);
    void list(Context& context, const Rect& area);
    void row(Context& context, std::int64_t place);
    void nothing(Context& context, const Rect& area);
    void choose_strategy(Context& context);

    ConflictIndex index_;
    ConflictDiff diff_;
    DropDown strategy_;
    Grid grid_;
    std::string filter_;
    QueryInput input_;
    std::unordered_map<std::uint64_t, Texts> texts_;
    std::uint64_t revealed_ = 0; // the selection that was brought into sight
    float share_ = 0.48F;        // of the height: the list's, while a conflict is shown below it
    bool narrow_ = false;
};

} // namespace fhirscope::gui
