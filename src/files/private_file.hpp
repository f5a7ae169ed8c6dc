#pragma once
// Files for their owner alone.

#include "fhir/result.hpp"

#include <filesystem>
#include <string_view>

namespace fhirscope::files {

// Writes a file as a whole, or leaves the one that is there: beside it first, as NAME.new. Mode 0600.
// Error: Write, with the path and the reason.
Result<void> replace_private_file(const std::filesystem::path& path, std::string_view bytes);

} // namespace fhirscope::files
