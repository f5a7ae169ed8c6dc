#pragma once
// The file that a recording is written into: how it comes to be, and whether it is still there. Private to this folder.

#include "fhir/result.hpp"
#include "session/database.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::session {

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

Result<void> put_header(const Database& database, const HeaderLines& lines);

// Makes it with its tables and these lines, readable by its owner alone. A program that is killed meanwhile leaves an
// empty file; it has all of this, or nothing. Errors: Exists (also for what an earlier recording left beside it),
// Write; with the file and the reason.
Result<void> make_session_file(const std::string& path, const HeaderLines& lines);

// Knows the session file and its journal by what they are, not by their names: what is removed or replaced can be
// written on and on without a word, and is gone in the end.
class WrittenFile {
public:
    explicit WrittenFile(std::string path);
    // False when another file, or none, lies where one of them lay at the first call that found it there.
    bool is_there();

private:
    struct Known {
        std::string path;
        dev_t device = 0;
        ino_t number = 0; // 0: not seen yet
        bool is_there();
    };
    Known file_, journal_;
};

} // namespace fhirscope::session
