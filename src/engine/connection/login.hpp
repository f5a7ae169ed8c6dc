#pragma once
// The login: whether it has ended, and the way back.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct Login {
    RequestId check = 0; // under way; 0: none
    LocalTime renewed = never;
    template <class A>
    void archive(A& a) {
        a(check, renewed);
    }
};

// A request was refused with 401. True: it waits until it is known what that means, or was given up.
bool await_login(State& s, RequestId id, const HttpAnswer& answer);
void end_login(State& s, const Fact& problem);
void note_renewal(State& s); // the login before this one ended
void on_login_checked(State& s, const HttpAnswer& answer);
void on_login_failed(State& s, RequestId request, const Fact& problem); // the server gives no token any more
void ask_login_now(State& s);                                           // a person does not wait for the next check
void tick_login(State& s);                                              // while it has ended
LocalTime next_login(const State& s);

} // namespace fhirscope::engine
