#pragma once
// What the panels of the configuration show of a resource.

#include "engine/core/part.hpp"
#include "engine/handler.hpp"
#include "fhir/result.hpp"

#include <string_view>
#include <vector>

namespace fhirscope::engine {

// Made from the configuration, not archived.
struct RowMakers {
    std::vector<RowMaker> all;
};

std::vector<Error> make_row_makers(State& s);                     // what is wrong with panels that cannot be shown
const RowMaker* row_maker(const State& s, std::string_view type); // null where no panel shows the type

} // namespace fhirscope::engine
