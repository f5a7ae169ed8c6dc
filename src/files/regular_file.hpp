#pragma once
// Reads files whose names come from people, settings or other programs. Only a regular file is opened, and read up to a
// bound: a pipe, a device or a file without end, through a link as well, can neither hang the program nor fill its
// memory.

#include "fhir/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace fhirscope::files {

// Thread safety: one thread at a time.
class RegularFile {
public:
    // Links are followed; what they lead to must be a regular file of at most `most` bytes. Errors, each with the path,
    // the reason and what to do: "missing", "special" (a folder, pipe, device or socket), "too-large", "unreadable".
    static Result<RegularFile> open(const std::filesystem::path& path, std::uint64_t most);
    ~RegularFile();
    RegularFile(RegularFile&& other) noexcept;
    RegularFile& operator=(RegularFile&&) = delete;

    std::uint64_t size() const { return size_; }         // when it was opened
    bool others_may_read() const { return others_may_; } // or write: users of the machine beside its owner

    // Reads on into `to`: fewer bytes than `most` only at the end. Errors: Unreadable, and TooLarge when it grew
    // beyond its bound meanwhile.
    Result<std::size_t> read(char* to, std::size_t most);
    Result<std::string> read_rest();

private:
    RegularFile(std::filesystem::path path, std::uint64_t most, int descriptor)
        : path_(std::move(path)), most_(most), descriptor_(descriptor) {}

    std::filesystem::path path_;
    std::uint64_t most_, size_ = 0, read_ = 0;
    int descriptor_;
    bool others_may_ = false;
};

// The whole file. Errors: those of RegularFile.
Result<std::string> read_whole(const std::filesystem::path& path, std::uint64_t most);

// Whether a regular file lies there, or nothing. Anything else is neither written to nor replaced: renaming a file to
// /dev/null takes the device away. Error: Special.
Result<void> check_may_write(const std::filesystem::path& path);

// The lines of a file, as they are split by "\n" alone; the last may be without one.
class LineReader {
public:
    LineReader(RegularFile file, std::size_t longest) : file_(std::move(file)), longest_(longest) {}

    enum class Next { Line, End };
    // Errors: LineTooLong, and those of RegularFile::read.
    Result<Next> next();
    std::string_view line() const { return line_; } // until the next call of next()
    std::uint64_t taken() const { return taken_; }  // bytes, ends of lines included

private:
    Result<bool> fill(); // false: the file is at its end

    RegularFile file_;
    std::size_t longest_;
    std::string buffer_;
    std::size_t begin_ = 0, searched_ = 0; // of what was not given yet, and how far it has no end of line
    std::string_view line_;
    std::uint64_t taken_ = 0;
};

// "64 MB", "20 bytes": a bound as people say it.
std::string size_text(std::uint64_t bytes);

} // namespace fhirscope::files
