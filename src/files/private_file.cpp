#include "files/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace fhirscope::files {

namespace {

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

Result<void> replace_private_file(const std::filesystem::path& path, std::string_view bytes) {
    const auto failed = [](const std::string& what) {
        return fail(ErrorCode::Write, what + ": " + std::strerror(errno));
    };
    const std::string fresh = path.string() + ".new";
    ::unlink(fresh.c_str()); // of a start that was interrupted
    const int descriptor = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed(fresh);
    const bool written = write_all(descriptor, bytes);
    const bool closed = ::close(descriptor) == 0;
    if (!written || !closed || ::rename(fresh.c_str(), path.c_str()) != 0) {
        ::unlink(fresh.c_str());
        return failed(path.string());
    }
    return {};
}

} // namespace fhirscope::files
