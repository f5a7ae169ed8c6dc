#include "files/regular_file.hpp"
#include "query/export.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace fhirscope::query {

tl::unexpected<Error> PrivateFile::failed() const {
    return fail(ErrorCode::Write, errno == EEXIST ? "There is a file " + path_ + " already; choose another name."
                                                  : path_ + " cannot be written: " + std::strerror(errno) + ".");
}

Result<PrivateFile> PrivateFile::create(const std::string& path, Existing existing) {
    PrivateFile file(path, existing);
    if (path.empty()) return fail(ErrorCode::Write, "The file has no name.");
    if (auto may = files::check_may_write(path); !may && existing == Existing::Replace)
        return fail(ErrorCode::Write, may.error().message);
    if (existing == Existing::Refuse && ::access(path.c_str(), F_OK) == 0) {
        errno = EEXIST;
        return file.failed();
    }
    // Of another process that writes the same path there may be one, or of one that was killed.
    const std::string fresh = path + "." + std::to_string(::getpid()) + ".part";
    ::unlink(fresh.c_str());
    file.descriptor_ = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file.descriptor_ < 0) return file.failed();
    file.fresh_ = fresh;
    return file;
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      fresh_(std::exchange(other.fresh_, {})),
      existing_(other.existing_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

PrivateFile::~PrivateFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!fresh_.empty()) ::unlink(fresh_.c_str());
}

Result<void> PrivateFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) return failed();
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> PrivateFile::commit() {
    const bool closed = ::fsync(descriptor_) == 0 && ::close(std::exchange(descriptor_, -1)) == 0;
    // link() refuses a name that was taken meanwhile; rename() takes its place.
    const bool moved = closed && (existing_ == Existing::Replace ? ::rename(fresh_.c_str(), path_.c_str()) == 0
                                                                 : ::link(fresh_.c_str(), path_.c_str()) == 0);
    if (!moved) return failed();
    if (existing_ == Existing::Replace) fresh_.clear(); // it has moved
    return {};
}

} // namespace fhirscope::query
