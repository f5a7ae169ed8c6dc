#include "session/session_file.hpp"

#include "session/format.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace fhirscope::session {

namespace {

tl::unexpected<Error> not_made(const std::string& path, const std::string& reason) {
    return fail(ErrorCode::Write, "cannot make the session file " + path + ": " + reason + ". Give another place.");
}

Result<void> make_private_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        ::close(descriptor);
        return {};
    }
    if (errno == EEXIST) {
        return fail(ErrorCode::Exists,
                    path + " exists already and is not overwritten. Give another name, or remove it first.");
    }
    return not_made(path, std::generic_category().message(errno));
}

// SQLite would take it for this file's.
Result<void> check_nothing_left(const std::string& path) {
    for (const char* beside : {"-wal", "-journal"}) {
        const std::string left = path + beside;
        if (::access(left.c_str(), F_OK) == 0)
            return fail(ErrorCode::Exists,
                        left +
                            " is left from another recording of that name, and belongs to it. Give another "
                            "name, or remove it first.");
    }
    return {};
}

// With the journal in memory: on the disk it would be the half-made file's only way back.
Result<void> fill(const std::string& path, const HeaderLines& lines) {
    auto database = Database::open(path, Database::Mode::Write);
    if (!database) return tl::unexpected(database.error());
    const std::string tables =
        "PRAGMA journal_mode=MEMORY; PRAGMA application_id=" + std::to_string(application_id) + "; BEGIN;" + schema;
    if (auto ran = database->run(tables.c_str()); !ran) return ran;
    if (auto put = put_header(*database, lines); !put) return put;
    return database->run("COMMIT; PRAGMA journal_mode=WAL");
}

} // namespace

Result<void> put_header(const Database& database, const HeaderLines& lines) {
    auto statement = database.prepare("INSERT OR REPLACE INTO header VALUES (?, ?)");
    if (!statement) return tl::unexpected(statement.error());
    for (const auto& [key, value] : lines) {
        statement->bind(1, key);
        statement->bind(2, value);
        if (auto step = statement->step(); !step) return tl::unexpected(step.error());
        statement->reset();
    }
    return {};
}

Result<void> make_session_file(const std::string& path, const HeaderLines& lines) {
    if (auto made = make_private_file(path); !made) return made;
    const std::string fresh = path + "." + std::to_string(::getpid()) + ".part";
    ::unlink(fresh.c_str()); // of a process that had this number and was killed
    auto done = check_nothing_left(path);
    if (done) done = make_private_file(fresh);
    if (done) {
        if (auto filled = fill(fresh, lines); !filled) done = not_made(path, filled.error().message);
    }
    if (done && ::rename(fresh.c_str(), path.c_str()) != 0)
        done = not_made(path, std::generic_category().message(errno));
    if (!done) {
        ::unlink(fresh.c_str());
        ::unlink(path.c_str());
    }
    return done;
}

WrittenFile::WrittenFile(std::string path) : file_{path}, journal_{path + "-wal"} {}

bool WrittenFile::is_there() {
    const bool file = file_.is_there();
    return journal_.is_there() && file;
}

bool WrittenFile::Known::is_there() {
    struct stat now {};
    const bool found = ::stat(path.c_str(), &now) == 0;
    if (number == 0 && found) {
        device = now.st_dev;
        number = now.st_ino;
    }
    return number == 0 || (found && now.st_dev == device && now.st_ino == number);
}

} // namespace fhirscope::session
