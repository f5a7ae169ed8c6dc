#pragma once
// What is looked at before a session file is read: it may be no session, or made to do harm. Private to this folder.

#include "fhir/result.hpp"
#include "session/database.hpp"

#include <string>

namespace fhirscope::session {

// By its first bytes, so that a foreign file is named as such, and by the kind of the files that SQLite would open
// beside it. Errors, each with the file and what to do: "missing", "unreadable", "foreign", "damaged".
Result<void> check_is_session(const std::string& path);

// Its tables are those that the recorder makes, word for word, and there is nothing else: no view, trigger, index,
// generated column or virtual table, which all are programs of the file's author. Errors: Foreign, Damaged (without
// the file), and those of Database.
Result<void> check_schema(const Database& database);

} // namespace fhirscope::session
