#include "app/recording_file.hpp"

#include "files/regular_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

namespace fhirscope::app {

namespace {

Result<void> copy_input(int to) {
    std::vector<char> block(1u << 20);
    std::uint64_t copied = 0;
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(ErrorCode::Unreadable, std::string("the standard input: ") + std::strerror(errno) + ".");
        if (got == 0) return {};
        copied += static_cast<std::uint64_t>(got);
        if (copied > RecordingFile::most_input)
            return fail(ErrorCode::TooLarge, "the standard input has more than " +
                                                 files::size_text(RecordingFile::most_input) +
                                                 ". Give the recording as a file.");
        for (ssize_t done = 0; done < got;) {
            const ssize_t written = ::write(to, block.data() + done, static_cast<std::size_t>(got - done));
            if (written < 0 && errno != EINTR)
                return fail(ErrorCode::Write, std::string("no room for the standard input: ") + std::strerror(errno) +
                                                  ". TMPDIR names the folder.");
            done += std::max<ssize_t>(written, 0);
        }
    }
}

} // namespace

Result<RecordingFile> RecordingFile::open(const std::string& argument) {
    if (argument != "-") return RecordingFile(argument, argument);
    auto file = fresh();
    if (!file) return file;
    file->name_ = "the standard input";
    const int descriptor = ::open(file->path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(ErrorCode::Write,
                    file->path_ + " cannot be made for the standard input: " + std::strerror(errno) + ".");
    const auto copied = copy_input(descriptor);
    ::close(descriptor);
    if (!copied) return tl::unexpected(copied.error());
    return file;
}

// In a folder of its owner's alone, where nobody else can put anything at the name.
Result<RecordingFile> RecordingFile::fresh() {
    std::error_code none;
    const auto folder = std::filesystem::temp_directory_path(none);
    std::string made = (folder / "fhirscope-XXXXXX").string();
    if (none || !::mkdtemp(made.data()))
        return fail(ErrorCode::Write, "no file can be made in " + folder.string() + ": " + std::strerror(errno) +
                                          ". TMPDIR names another folder.");
    RecordingFile file(made + "/recording.fhirscope", "recording.fhirscope");
    file.is_ours_ = true;
    return file;
}

RecordingFile::RecordingFile(RecordingFile&& other) noexcept
    : path_(std::move(other.path_)), name_(std::move(other.name_)), is_ours_(std::exchange(other.is_ours_, false)) {}

RecordingFile::~RecordingFile() {
    if (!is_ours_) return;
    std::error_code none; // what cannot be taken away stays in the folder for what passes
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path(), none);
}

} // namespace fhirscope::app
