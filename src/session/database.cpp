#include "session/database.hpp"

#include <sqlite3.h>

namespace fhirscope::session {

namespace {

tl::unexpected<Error> sqlite_error(sqlite3* handle) {
    return fail("sqlite", handle ? sqlite3_errmsg(handle) : "out of memory");
}

} // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::bind(int parameter, std::int64_t value) { sqlite3_bind_int64(handle_, parameter, value); }

// A null destructor is SQLITE_STATIC: the caller keeps the bytes until the step is done.
void Statement::bind(int parameter, std::string_view text) {
    sqlite3_bind_text64(handle_, parameter, text.data(), text.size(), nullptr, SQLITE_UTF8);
}
void Statement::bind_blob(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(handle_, parameter, bytes.data(), bytes.size(), nullptr);
}

Result<Statement::Step> Statement::step() {
    switch (sqlite3_step(handle_)) {
        case SQLITE_ROW:
            return Step::Row;
        case SQLITE_DONE:
            return Step::Done;
        default:
            return sqlite_error(sqlite3_db_handle(handle_));
    }
}

void Statement::reset() { sqlite3_reset(handle_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const { return blob(column); }

std::string_view Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)))
                 : std::string_view();
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

Result<Database> Database::open(const std::string& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = (mode == Mode::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    Database database(handle);
    if (result != SQLITE_OK) return sqlite_error(handle);
    // Others may read a session while it is written; changing its journal waits for them rather than failing.
    sqlite3_busy_timeout(handle, 10'000);
    return database;
}

Result<void> Database::run(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_error(handle_.get());
    return {};
}

Result<Statement> Database::prepare(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
        return sqlite_error(handle_.get());
    return Statement(statement);
}

Result<std::int64_t> Database::integer(const char* sql) const {
    auto statement = prepare(sql);
    if (!statement) return tl::unexpected(statement.error());
    const auto step = statement->step();
    if (!step) return tl::unexpected(step.error());
    if (*step == Statement::Step::Done) return fail("sqlite", "no row");
    return statement->integer(0);
}

} // namespace fhirscope::session
