#pragma once
// Stretches of one cause that meet are one incident; those that another's cause explains are parts of that one.

#include "diagnosis/causes/judging.hpp"
#include "diagnosis/stretches.hpp"

#include <chrono>
#include <span>
#include <vector>

namespace fhirscope::diagnosis {

// What a cause leaves behind is found by the next check: so long after its end it still explains that.
constexpr std::chrono::seconds aftermath{90};

// A cause, and the time in which it explains what follows from it.
struct Explainer {
    CauseCode cause{};
    LocalTime from, to;
    bool explains(CauseCode other, LocalTime begin, LocalTime end, std::chrono::seconds after) const;
};

struct Group {
    CauseCode cause{};
    std::vector<std::size_t> members{};      // of the stretches; the first has the weightiest effect
    std::vector<std::size_t> consequences{}; // stretches that this cause explains
    LocalTime from, to;                      // to: the epoch while one of them goes on
    bool goes_on() const { return to == LocalTime{}; }
};

// `judged`: one for each of `all`. `before`: causes of what is over already. A stretch that these explain is in none.
// When it may have begun: nobody can have noticed it before.
LocalTime earliest(const Stretches::One& one);

std::vector<Group> grouped(const std::vector<Stretches::One>& all, const std::vector<Judged>& judged,
                           std::span<const Explainer> before, LocalTime now);

} // namespace fhirscope::diagnosis
