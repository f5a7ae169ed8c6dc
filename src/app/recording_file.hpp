#pragma once
// The argument FILE of the subcommands that read a recording: a path, or "-" for what comes by standard input.

#include "fhir/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace fhirscope::app {

// What comes by standard input lies in a file of its owner's alone, without a name for others, as long as this lives:
// a recording is a database, which cannot be read from a pipe.
class RecordingFile {
public:
    static constexpr std::uint64_t most_input = 4ull << 30;

    // Errors: Write (no room for what comes), TooLarge, Unreadable.
    static Result<RecordingFile> open(const std::string& argument);
    // A name at which nothing lies, in a folder for what passes; what is written there is taken away in the end.
    static Result<RecordingFile> fresh();
    RecordingFile(RecordingFile&& other) noexcept;
    RecordingFile& operator=(RecordingFile&&) = delete;
    ~RecordingFile();

    const std::string& path() const { return path_; }
    const std::string& name() const { return name_; } // for people

private:
    RecordingFile(std::string path, std::string name) : path_(std::move(path)), name_(std::move(name)) {}

    std::string path_, name_;
    bool is_ours_ = false;
};

} // namespace fhirscope::app
