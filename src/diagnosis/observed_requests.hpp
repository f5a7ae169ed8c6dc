#pragma once
// What another client's requests and attempts to open a socket came to, as stretches.

#include "diagnosis/observed_stretches.hpp"

namespace fhirscope::diagnosis {

// Requests that were refused with 401, until one is accepted.
void read_observed_login(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh,
                         ObservedStretches::All& all, const ObservedStretches::Open& open);
// Sockets that could not be opened, until one is.
void read_observed_attempts(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh,
                            ObservedStretches::All& all, const ObservedStretches::Open& open);
// A Subscription that was refused is told of itself: its request is no incident of its own.
void leave_out_refused(const engine::Snapshot& snapshot, std::vector<Observation>& fresh);

CauseCode cause_of_refusal(const engine::Fact& problem); // of a Subscription or its token
// "the server has version 2 of it (PUT), and nothing has shown it to the client"
std::string untold_text(const engine::Untold& told);

} // namespace fhirscope::diagnosis
