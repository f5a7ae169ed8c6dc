#include "files/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace fhirscope::files {

namespace {

constexpr std::size_t read_block = 64u << 10;

Error not_readable(const std::filesystem::path& path, ErrorCode code, const std::string& why) {
    return {code, "cannot read " + path.string() + ": " + why};
}

Error system_problem(const std::filesystem::path& path, int reason) {
    const std::string why = std::generic_category().message(reason);
    if (reason == ENOENT) return not_readable(path, ErrorCode::Missing, why + ". Check the name.");
    if (reason == EACCES)
        return not_readable(path, ErrorCode::Unreadable, why + ". Its owner can allow it with chmod.");
    return not_readable(path, ErrorCode::Unreadable, why + ".");
}

std::string kind_text(mode_t mode) {
    const char* what = S_ISDIR(mode)    ? "a folder"
                       : S_ISFIFO(mode) ? "a pipe"
                       : S_ISSOCK(mode) ? "a socket"
                                        : "a device";
    return std::string("it is ") + what + ". Give a regular file.";
}

Error special_problem(const std::filesystem::path& path, mode_t mode) {
    return not_readable(path, ErrorCode::Special, kind_text(mode));
}

Error size_problem(const std::filesystem::path& path, std::uint64_t most) {
    return not_readable(path, ErrorCode::TooLarge,
                        "it is larger than " + size_text(most) + ", which such a file never is. Is it the right one?");
}

} // namespace

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::pair<std::uint64_t, const char*>, 3> units{
        {{std::uint64_t{1} << 30, " GB"}, {std::uint64_t{1} << 20, " MB"}, {std::uint64_t{1} << 10, " KB"}}};
    for (const auto& [unit, name] : units)
        if (bytes >= unit && bytes % unit == 0) return std::to_string(bytes / unit) + name;
    return std::to_string(bytes) + " bytes";
}

Result<RegularFile> RegularFile::open(const std::filesystem::path& path, std::uint64_t most) {
    // Asked before it is opened, since opening alone does something to some devices; and after, since it may be another
    // one by then.
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return tl::unexpected(system_problem(path, errno));
    if (!S_ISREG(status.st_mode)) return tl::unexpected(special_problem(path, status.st_mode));
    // Without waiting: a pipe would wait for a writer, and some files of the kernel wait when they are read.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(system_problem(path, errno));
    RegularFile file(path, most, descriptor);
    if (::fstat(descriptor, &status) != 0) return tl::unexpected(system_problem(path, errno));
    if (!S_ISREG(status.st_mode)) return tl::unexpected(special_problem(path, status.st_mode));
    file.size_ = static_cast<std::uint64_t>(status.st_size);
    file.others_may_ = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    if (file.size_ > most) return tl::unexpected(size_problem(path, most));
    return file;
}

RegularFile::~RegularFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : path_(std::move(other.path_)),
      most_(other.most_),
      size_(other.size_),
      read_(other.read_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      others_may_(other.others_may_) {}

Result<std::size_t> RegularFile::read(char* to, std::size_t most) {
    std::size_t done = 0;
    while (done < most) {
        const ssize_t n = ::read(descriptor_, to + done, most - done);
        if (n == 0) break;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return tl::unexpected(system_problem(path_, errno));
        done += static_cast<std::size_t>(n);
    }
    read_ += done;
    if (read_ > most_) return tl::unexpected(size_problem(path_, most_));
    return done;
}

Result<std::string> RegularFile::read_rest() {
    // The size is no more than a hint: files of the kernel have none. With one byte more the first read finds the end.
    const auto step = std::max<std::size_t>(size_ + 1, read_block);
    std::string text;
    for (;;) {
        const std::size_t size = text.size();
        text.resize(size + step);
        const auto got = read(text.data() + size, step);
        if (!got) return tl::unexpected(got.error());
        text.resize(size + *got);
        if (*got < step) return text;
    }
}

Result<std::string> read_whole(const std::filesystem::path& path, std::uint64_t most) {
    auto file = RegularFile::open(path, most);
    if (!file) return tl::unexpected(file.error());
    return file->read_rest();
}

Result<void> check_may_write(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return {};
    return fail(ErrorCode::Special, path.string() + " cannot be written: " + kind_text(status.st_mode));
}

Result<LineReader::Next> LineReader::next() {
    for (;;) {
        const std::size_t end = buffer_.find('\n', searched_);
        const std::size_t length = std::min(end, buffer_.size()) - begin_;
        if (length > longest_)
            return fail(ErrorCode::LineTooLong,
                        "the line is longer than " + size_text(longest_) + ", which no line of such a file is.");
        if (end != buffer_.npos) {
            line_ = std::string_view(buffer_).substr(begin_, length);
            taken_ += length + 1;
            begin_ = searched_ = end + 1;
            return Next::Line;
        }
        searched_ = buffer_.size();
        const auto more = fill();
        if (!more) return tl::unexpected(more.error());
        if (*more) continue;
        if (length == 0) return Next::End;
        line_ = std::string_view(buffer_).substr(begin_);
        taken_ += length;
        begin_ = searched_ = buffer_.size();
        return Next::Line;
    }
}

Result<bool> LineReader::fill() {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    const std::size_t size = buffer_.size();
    buffer_.resize(size + read_block);
    const auto got = file_.read(buffer_.data() + size, read_block);
    buffer_.resize(size + got.value_or(0));
    if (!got) return tl::unexpected(got.error());
    return *got > 0;
}

} // namespace fhirscope::files
