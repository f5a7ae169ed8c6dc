#pragma once
// Where tests find fixtures, assets, the program and a place to write. Declared only: what the compiler sees is the
// same in every checkout, so that checkouts share compiled objects.

#include <string>

namespace fhirscope::tests {

extern const char* const fixtures;
extern const char* const golden_pictures;
extern const char* const assets;
extern const char* const program; // of the same build
// Where a test may write files (recordings, pictures, logs): made, and never emptied by CTest. A folder of its own for
// each CTest entry, so that entries can run side by side. Not before main().
extern const std::string output;

} // namespace fhirscope::tests
