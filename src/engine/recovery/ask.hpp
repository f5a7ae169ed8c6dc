#pragma once
// What somebody wants explained is read, with its history.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct PendingRequest;

struct Asking {
    AskedView view;
    template <class A>
    void archive(A& a) {
        a(view);
    }
};

void on_ask(State& s, const AskServer& ask);
void note_read(State& s, const std::string& reference, const HttpAnswer& answer);
void on_asked_history(State& s, const PendingRequest& request, const HttpAnswer& answer);

} // namespace fhirscope::engine
