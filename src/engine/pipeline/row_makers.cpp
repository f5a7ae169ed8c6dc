#include "engine/pipeline/row_makers.hpp"

#include "engine/core/state.hpp"

namespace fhirscope::engine {

std::vector<Error> make_row_makers(State& s) {
    std::vector<Error> wrong;
    for (const PanelDefinition& panel : s.config.panels)
        if (auto maker = RowMaker::make(panel))
            s.row_makers->all.push_back(std::move(*maker));
        else
            wrong.push_back(std::move(maker.error()));
    return wrong;
}

const RowMaker* row_maker(const State& s, std::string_view type) {
    for (const RowMaker& maker : s.row_makers->all)
        if (maker.type() == type) return &maker;
    return nullptr;
}

} // namespace fhirscope::engine
