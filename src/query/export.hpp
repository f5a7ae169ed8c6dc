#pragma once
// Rows of the update log as text for people and as CSV and NDJSON for programs: the window's export and
// `fhirscope log` write the same. Whatever a server put into a value, it neither breaks a line nor steers a terminal,
// and no cell of CSV is a formula.

#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "query/conflict_rows.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::query {

enum class Format : std::uint8_t { Text, Csv, Ndjson };
constexpr std::array<std::string_view, 3> format_names = {"text", "csv", "ndjson"};
std::optional<Format> format_named(std::string_view name);

// Columns of CSV and members of NDJSON (where what is not known is left out): docs/query.md.
class RowWriter {
public:
    // Both must outlive it.
    RowWriter(const engine::Snapshot& snapshot, const ConflictRows& conflicts, Format format)
        : snapshot_(snapshot), conflicts_(conflicts), format_(format) {}
    // The line of names; "" for NDJSON.
    std::string head() const;
    // Appends the row's line.
    void row(std::uint64_t number, std::string& out) const;

private:
    std::string people_row(std::uint64_t number) const;

    const engine::Snapshot& snapshot_;
    const ConflictRows& conflicts_;
    Format format_;
};

// "2026-03-12T14:32:07.412345Z".
std::string utc(LocalTime time);

// A file that nobody but its owner can read (it may name patients), and that is there whole or not at all: written
// beside its path and moved there by commit().
class PrivateFile {
public:
    enum class Existing { Refuse, Replace };
    // Errors: Write, with the path and why.
    static Result<PrivateFile> create(const std::string& path, Existing existing);
    PrivateFile(PrivateFile&& other) noexcept;
    PrivateFile& operator=(PrivateFile&&) = delete;
    ~PrivateFile(); // takes away what was not committed
    Result<void> write(std::string_view bytes);
    Result<void> commit();

private:
    PrivateFile(std::string path, Existing existing) : path_(std::move(path)), existing_(existing) {}
    tl::unexpected<Error> failed() const; // as errno says
    std::string path_, fresh_;
    Existing existing_;
    int descriptor_ = -1;
};

} // namespace fhirscope::query
