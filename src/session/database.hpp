#pragma once
// SQLite, owned and checked. Private to this folder.

#include "fhir/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
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
    // Error: "sqlite", with SQLite's own message.
    Result<Step> step();
    void reset();

    // Columns are numbered from 0; views last until the next step.
    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    std::string_view blob(int column) const;

private:
    sqlite3_stmt* handle_;
};

class Database {
public:
    enum class Mode { Read, Write };
    // Error: "sqlite", with SQLite's own message.
    static Result<Database> open(const std::string& path, Mode mode);

    Result<void> run(const char* sql);
    Result<Statement> prepare(const char* sql) const;
    // The first column of the first row. Error: "sqlite"; also when there is no row.
    Result<std::int64_t> integer(const char* sql) const;

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace fhirscope::session
