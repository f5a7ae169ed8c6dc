#pragma once
// Transcripts of a client's traffic (tests/fixtures/medplum-5.0.10/README.md) → inputs in Observe mode.

#include "engine/engine.hpp"
#include "engine/panel.hpp"
#include "fhir/result.hpp"
#include "session/recorder.hpp"

#include <functional>
#include <string>
#include <vector>

namespace fhirscope::session {

struct ImportOptions {
    std::vector<engine::PanelDefinition> panels;
    std::size_t resource_bytes = engine::StoreLimits{}.max_resource_bytes; // see there
    std::string tool_version;
    LocalTime created; // wall clock
    // Asked before each line is taken, with how far it is, in bytes of the file; false gives up. May be empty.
    std::function<bool(std::uint64_t)> go_on{};
};

struct Imported {
    std::uint64_t lines = 0, inputs = 0, redacted = 0;
    std::uint64_t state_hash = 0;
    std::uint64_t left_out = 0;      // lines that could not be read
    std::string first_left_out = {}; // which was the first, and why
};

// Feeds a transcript to an engine that has had no input, and gives `sink` every input it was fed.
// A line that cannot be read is left out, counted and named; a capture may begin and end in the middle.
// Errors: Missing, Unreadable, Transcript (with file, line and reason: nothing at all can be used, a line is too long, or
// it holds more secrets than can be kept out), Cancelled. Time that goes back is held.
Result<Imported> import_transcript(const std::string& path, const ImportOptions& options, engine::Engine& engine,
                                   const std::function<void(const engine::Input&)>& sink);

// The same into a session file. A file that could not be finished is removed. Errors: those above and of Recorder.
Result<Imported> import_to_file(const std::string& path, const std::string& out, const ImportOptions& options);

} // namespace fhirscope::session
