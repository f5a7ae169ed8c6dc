#pragma once
// Folders of the program's own.

#include "fhir/result.hpp"

#include <filesystem>

namespace fhirscope::files {

// Makes what is missing of it, for its owner alone: even names of files say something. What is there stays as it is.
// Error: Folder, with the path and the reason.
Result<void> make_private_folder(const std::filesystem::path& folder);

} // namespace fhirscope::files
