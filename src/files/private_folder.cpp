#include "files/private_folder.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace fhirscope::files {

Result<void> make_private_folder(const std::filesystem::path& folder) {
    std::error_code none;
    if (folder.empty() || std::filesystem::is_directory(folder, none)) return {};
    if (folder.has_relative_path()) {
        if (auto parent = make_private_folder(folder.parent_path()); !parent) return parent;
    }
    if (::mkdir(folder.c_str(), S_IRWXU) == 0) return {};
    const int reason = errno;
    if (std::filesystem::is_directory(folder, none)) return {}; // somebody else was faster
    return fail(ErrorCode::Folder,
                "the folder " + folder.string() + " cannot be made: " + std::generic_category().message(reason) + ".");
}

} // namespace fhirscope::files
