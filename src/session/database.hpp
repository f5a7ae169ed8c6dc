#pragma once
// SQLite, owned and checked. Private to this folder.
//
// A session file may come from a stranger: views, triggers and functions of its schema do not run, what SQLite takes
// is bounded, and whatever lasts can be given up.

#include "fhir/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace fhirscope::session {

class Statement {
public:
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
    ~Statement();
    Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Statement& operator=(Statement&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }

    // Parameters are numbered from 1. Bound text must outlive the step.
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, std::string_view text);
    void bind_blob(int parameter, std::string_view bytes);

    enum class Step { Row, Done };
    // Errors: those of Database.
    Result<Step> step();
    void reset();

    // Columns are numbered from 0; views last until the next step.
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    std::string_view blob(int column) const;

private:
    sqlite3_stmt* handle_;
};

// Errors: Database and Damaged, with SQLite's own message; Cancelled, when `stop` asked for it;
// InterruptedChange, when FILE-journal lies beside the file and would have to be put back, which reading does not;
// NeedsFolder, when FILE-wal can be read only where files can be made beside it.
class Database {
public:
    // ReadAsIs: what lies beside the file (FILE-journal, FILE-wal) is not looked at.
    enum class Mode { Read, ReadAsIs, Write };
    static Result<Database> open(const std::string& path, Mode mode, std::stop_token stop = {});

    // The most bytes that a value of a row, or a row, may have from now on; what is larger is an error, and not read.
    void limit_values(std::uint32_t bytes);

    Result<void> run(const char* sql);
    Result<Statement> prepare(const char* sql) const;
    // The first column of the first row. Error: also when there is no row.
    Result<std::int64_t> integer(const char* sql) const;

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    Database(sqlite3* handle, std::stop_token stop);
    void protect();

    std::unique_ptr<std::stop_token> stop_; // SQLite keeps its address, so it outlives the handle
    std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace fhirscope::session
