#pragma once
// What `deidentify` and `--deidentify` share.

#include "app/look_into.hpp"
#include "deidentify/deidentifier.hpp"
#include "fhir/result.hpp"

#include <chrono>
#include <string>

namespace fhirscope::app {

// 32 bytes of chance, for one run. Errors: Failed.
Result<std::string> chance_bytes();
struct Deidentified {
    LookedInto before; // what the first recording shows
    deidentify::Counts counts;
    std::chrono::microseconds moved{0}; // what times of the transport were moved by
};
// Writes OUT. Errors: those of session::Reader and of session::Recorder.
Result<Deidentified> deidentify_file(const std::string& in, const std::string& out, const MemoryOptions& memory,
                                     bool shift_time);

} // namespace fhirscope::app
