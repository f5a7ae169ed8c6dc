#pragma once
// What is said of a cause where another client's traffic is followed. It claims nothing that a capture cannot show, and
// advises what that client's developer can do: nothing is repaired from here.

#include "diagnosis/incident.hpp"

#include <array>
#include <string_view>

namespace fhirscope::diagnosis {

struct ObservedWords {
    CauseCode cause{};
    std::string_view explanation;        // "": that of the catalog holds here, too
    std::string_view decisive, negative; // questions; "": those of the catalog
    std::array<Advice, 2> advice{};
};
const ObservedWords* observed_words(CauseCode cause); // null: all of the catalog's holds

// Says it in these words; advice that only this program could follow goes.
void say_as_observed(Incident& incident);

} // namespace fhirscope::diagnosis
