#pragma once
// How much memory the resources shown may take.

#include "app/command_line.hpp"

#include <cstdint>
#include <filesystem>

namespace fhirscope::app {

// Where the settings of this run lie; empty: it has none. Pictures do not depend on what the user set.
std::filesystem::path settings_file(const ViewOptions& options);

// With the settings of this run, unless it is already said where they lie.
MemoryOptions with_settings(MemoryOptions memory, const ViewOptions& view);

// In bytes: what the command line says, else the settings, else the default.
std::uint64_t resource_memory(const MemoryOptions& memory);

} // namespace fhirscope::app
