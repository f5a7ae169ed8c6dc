#pragma once
// The cause of a stretch: the first in the table that fits, or those that cannot be told apart.

#include "diagnosis/causes/judge.hpp"

#include <vector>

namespace fhirscope::diagnosis {

struct Judged {
    CauseCode cause = CauseCode::NotKnown;
    std::vector<CauseCode> alternatives{};
    Judgement why{};
    int confidence = 0; // percent; 100: every other cause that has this effect does not fit
    std::vector<RuledOut> ruled_out{};
};

Judged judge(const Stretch& stretch);

} // namespace fhirscope::diagnosis
