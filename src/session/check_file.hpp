#pragma once
// What is looked at before a session file is read: it may be no session, or made to do harm. Private to this folder.

#include "fhir/result.hpp"
#include "session/database.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace fhirscope::session {

// By its first bytes, so that a foreign file is named as such, and by the kind of the files that SQLite would open
// beside it. Errors, each with the file and what to do: "missing", "unreadable", "foreign", "damaged".
Result<void> check_is_session(const std::string& path);

// What is in the file beside the tables that the recorder makes, which are there word for word or count as missing.
struct Schema {
    bool header = false;     // its table is there
    bool whole = false;      // all of them are
    std::size_t further = 0; // tables beside them, of a newer version of the format perhaps; they are not looked at
};
// There is nothing else: no view, trigger, index or virtual table, which all are programs of the file's author.
// Errors: Foreign (without the file), and those of Database.
Result<Schema> check_schema(const Database& database);
Error unknown_part(std::string_view type); // Foreign

} // namespace fhirscope::session
