#pragma once
// Contents that were given up for room.

#include "engine/core/part.hpp"

#include <map>
#include <string>

namespace fhirscope::engine {

struct Update;

struct Contents {
    SetFocus focus;                                  // what a person looks at
    std::multimap<std::string, Edit> edits_awaiting; // the content of their resource, by reference
    bool out_of_bytes_said = false;
    template <class A>
    void archive(A& a) {
        a(focus, edits_awaiting, out_of_bytes_said);
    }
};

void on_focus(State& s, const SetFocus& focus);
void want_content(State& s, const std::string& reference); // where only its key is held
// The version that is shown, read again because its content was wanted.
void take_content(State& s, const Update& update, Stores::Position position, const RowPtr& row);
void note_contents(State& s);
bool await_content(State& s, const Edit& command);          // false: nothing to wait for, or no room to
void content_known(State& s, const std::string& reference); // or known not to come: edits that waited for it go on

} // namespace fhirscope::engine
