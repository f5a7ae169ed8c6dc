#pragma once
// A recording as of a moment, with the incidents up to there: for every subcommand that tells of one.

#include "app/command_line.hpp"
#include "diagnosis/diagnosis.hpp"
#include "engine/input.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "session/reader.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace fhirscope::app {

struct LookOptions {
    MemoryOptions memory;
    std::string at_option = "--at";                                // what gave it
    std::string at{};                                              // --at; "": the end
    std::function<void(const engine::Input&)> on_input{};          // each that is taken
    std::function<void(const engine::SnapshotPtr&)> on_snapshot{}; // once a second of recorded time, and the last
};

struct LookedInto {
    session::Summary summary;
    engine::SnapshotPtr last;
    diagnosis::Diagnosis diagnosis;
    std::uint64_t state_hash = 0;
    std::optional<bool> equal; // to the recorded state; none: it cannot be compared, or is not of the end
};

// Says on stderr what is not whole about it. Errors: those of session::Reader, and Usage for a wrong --at.
Result<LookedInto> look_into(const std::string& path, const LookOptions& options);
// Says why, and gives the exit code.
ExitCode fail_looking(const Error& error);
void add_at_option(Subcommand& command, std::string& at);

} // namespace fhirscope::app
