#pragma once
// How an overlap is decided where a rule says so: both sides changed one field, or fields that belong together.

#include "fhir/merge.hpp"
#include "fhir/time.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace fhirscope::engine {

struct Overlap {
    const fhir::MergeField& field;
    std::string_view type;             // of the resource
    std::optional<ServerTime> edited;  // when the local edit was made, by the server's clock as far as it is known
    std::optional<ServerTime> changed; // when the server's version was
};

struct Strategy {
    std::string_view name;  // in panel definitions: "ask"
    std::string_view title; // for people: "take server"
    // nullopt: a person must. Pure: the same overlap is decided the same way each time.
    std::optional<fhir::Side> (*decide)(const Overlap& overlap);
};

std::span<const Strategy> all_strategies();
const Strategy* find_strategy(std::string_view name);   // null where there is none
std::string_view strategy_title(std::string_view name); // the name itself where there is none

} // namespace fhirscope::engine
