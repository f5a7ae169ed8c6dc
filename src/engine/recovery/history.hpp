#pragma once
// Versions that nobody saw.

#include "engine/core/part.hpp"
#include "engine/core/requests.hpp"

#include <deque>

namespace fhirscope::engine {

struct History {
    std::deque<Gap> gaps; // whose histories are to be read
    template <class A>
    void archive(A& a) {
        a(gaps);
    }
};

void note_gap(State& s, Gap gap);
void pump_gaps(State& s);
void on_history(State& s, const PendingRequest& request, const HttpAnswer& answer);

} // namespace fhirscope::engine
