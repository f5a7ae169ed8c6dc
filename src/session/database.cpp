#include "session/database.hpp"

#include "fhir/percent.hpp"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

namespace fhirscope::session {

namespace {

using namespace std::chrono_literals;

// Others may read a session while it is written; changing its journal waits for them rather than failing.
constexpr auto longest_wait_for_lock = 10s;
constexpr auto lock_look_every = 10ms;
// Of SQLite's own instructions: some microseconds.
constexpr int steps_between_questions = 1'000;
// All that SQLite takes in this process: the largest batch twice, and its cache.
constexpr sqlite3_int64 most_memory = 640 << 20;

// Far more than our own two tables and the statements on them need.
constexpr std::array<std::pair<int, int>, 8> sqlite_limits{{
    {SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
    {SQLITE_LIMIT_COLUMN, 64},
    {SQLITE_LIMIT_EXPR_DEPTH, 32},
    {SQLITE_LIMIT_COMPOUND_SELECT, 4},
    {SQLITE_LIMIT_FUNCTION_ARG, 8},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
}};
constexpr std::array<std::pair<int, int>, 6> sqlite_settings{{
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
}};

tl::unexpected<Error> sqlite_error(sqlite3* handle) {
    if (!handle) return fail(ErrorCode::Database, "out of memory");
    const int reason = sqlite3_extended_errcode(handle);
    const int family = reason & 0xff;
    ErrorCode code = family == SQLITE_CORRUPT || family == SQLITE_NOTADB ? ErrorCode::Damaged : ErrorCode::Database;
    switch (reason) {
        case SQLITE_INTERRUPT:
            code = ErrorCode::Cancelled;
            break;
        case SQLITE_READONLY_ROLLBACK:
            code = ErrorCode::InterruptedChange;
            break;
        case SQLITE_READONLY_RECOVERY:
        case SQLITE_READONLY_CANTINIT:
        case SQLITE_READONLY_DIRECTORY:
        case SQLITE_CANTOPEN:
            code = ErrorCode::NeedsFolder;
            break;
        default:
            break;
    }
    return fail(code, sqlite3_errmsg(handle));
}

int asked_to_stop(void* stop) { return static_cast<std::stop_token*>(stop)->stop_requested() ? 1 : 0; }

// 0: the lock is not waited for any longer.
int wait_for_lock(void* stop, int waited_before) {
    if (asked_to_stop(stop) || waited_before * lock_look_every >= longest_wait_for_lock) return 0;
    std::this_thread::sleep_for(lock_look_every);
    return 1;
}

// "file:" with the path's bytes, and without any meaning of its own in them.
std::string uri_as_is(const std::string& path) { return "file:" + fhir::percent_encode(path) + "?immutable=1"; }

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

Database::Database(sqlite3* handle, std::stop_token stop)
    : stop_(std::make_unique<std::stop_token>(std::move(stop))), handle_(handle) {}

Result<Database> Database::open(const std::string& path, Mode mode, std::stop_token stop) {
    sqlite3_hard_heap_limit64(most_memory);
    sqlite3* handle = nullptr;
    const int flags = mode == Mode::Write      ? SQLITE_OPEN_READWRITE
                      : mode == Mode::ReadAsIs ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                               : SQLITE_OPEN_READONLY;
    const std::string name = mode == Mode::ReadAsIs ? uri_as_is(path) : path;
    const int result = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(handle, std::move(stop));
    if (result != SQLITE_OK) return sqlite_error(handle);
    database.protect();
    // Opening alone reads nothing.
    if (auto readable = database.integer("PRAGMA schema_version"); !readable) return tl::unexpected(readable.error());
    return database;
}

void Database::protect() {
    sqlite3* const handle = handle_.get();
    sqlite3_extended_result_codes(handle, 1);
    for (const auto& [setting, value] : sqlite_settings) sqlite3_db_config(handle, setting, value, nullptr);
    for (const auto& [limit, value] : sqlite_limits) sqlite3_limit(handle, limit, value);
    sqlite3_busy_handler(handle, &wait_for_lock, stop_.get());
    if (stop_->stop_possible()) sqlite3_progress_handler(handle, steps_between_questions, &asked_to_stop, stop_.get());
}

void Database::limit_values(std::uint32_t bytes) {
    sqlite3_limit(handle_.get(), SQLITE_LIMIT_LENGTH, static_cast<int>(bytes));
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
    if (*step == Statement::Step::Done) return fail(ErrorCode::Database, "no row");
    return statement->integer(0);
}

} // namespace fhirscope::session
