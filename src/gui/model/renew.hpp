#pragma once
// A value made anew in its place.

#include <memory>

namespace fhirscope::gui {

// As if it had just been made, also what cannot be moved: its jobs are given up.
template <class T>
void renew(T& value) {
    std::destroy_at(&value);
    std::construct_at(&value);
}

} // namespace fhirscope::gui
