#pragma once
// What cannot be, said where it would be. Checked in every build, in release, too: a program whose job is to be
// believed stops rather than go on with what cannot be.

#include <stdexcept>

namespace fhirscope {

// what(): the condition, the file and the line. Whoever runs an engine ends its session then: the recording is closed,
// and its replay comes to the same place.
class Impossible : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

// The compiler's own words for the place, since clang 14 has no std::source_location.
[[noreturn]] void impossible(const char* condition, const char* file = __builtin_FILE(), int line = __builtin_LINE());

} // namespace fhirscope

#define FHIRSCOPE_ASSERT(condition) (static_cast<bool>(condition) ? void() : ::fhirscope::impossible(#condition))
