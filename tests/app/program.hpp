#pragma once
// The built program as its users run it: arguments in, exit code and text out.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::tests {

struct Outcome {
    int exit_code = -1; // -1: ended by a signal
    std::string out, err;
    std::string last_line() const; // of out
};

// A variable without a value is taken away.
using Environment = std::map<std::string, std::optional<std::string>>;

// Runs with an empty home, without a display and without any MEDPLUM_ variable, unless `changes` says otherwise.
class Program {
public:
    explicit Program(std::vector<std::string> arguments, const Environment& changes = {});
    ~Program(); // kills it where it still runs
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    // The first line of its standard output that begins so; throws when it ends or the time is over before one comes.
    std::string wait_for_line(const std::string& beginning);
    void signal(int number) const;
    // Throws when it does not end in time.
    Outcome wait(std::chrono::seconds timeout = std::chrono::seconds(120));

private:
    pid_t pid_ = -1;
    std::string out_file_, err_file_;
};

inline Outcome run(std::vector<std::string> arguments, const Environment& changes = {}) {
    return Program(std::move(arguments), changes).wait();
}

// A path in the tests' output folder at which nothing lies.
std::string fresh_path(const std::string& name);
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

// So many a recording holds that is being written; 0 while it cannot be opened.
std::uint64_t recorded_inputs(const std::string& path);

} // namespace fhirscope::tests
