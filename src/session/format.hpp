#pragma once
// What a session file is made of: docs/session-format.md. Private to this folder.

#include "engine/input.hpp"
#include "engine/metrics.hpp"
#include "fhir/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::session {

constexpr std::uint32_t application_id = 0x46485253; // "FHRS"
constexpr int format_version = 1;                    // of the tables; see layout() for what is in a batch

constexpr const char* schema = R"sql(
    CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE inputs (
        first    INTEGER PRIMARY KEY,
        count    INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        last_at  INTEGER NOT NULL,
        size     INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        data     BLOB NOT NULL
    );
)sql";

// One row of the table `inputs`.
struct Batch {
    std::uint64_t first = 0; // number of its first input, from 0
    std::uint64_t count = 0;
    LocalTime first_at, last_at;
    std::uint64_t size = 0; // bytes of `data` when decompressed
    std::uint64_t checksum = 0;
    std::string data;
};

// `archived`: the inputs' archives, one after the other.
Batch pack(std::uint64_t first, std::uint64_t count, LocalTime first_at, LocalTime last_at, std::string_view archived,
           int level);
// Error: "damaged", with what does not fit.
Result<std::vector<engine::Input>> unpack(const Batch& batch);

// A fingerprint of how inputs are archived: it changes when a field is added, removed or moved. Files of another layout
// are refused rather than misread.
std::string layout();

struct NamedCounter {
    const char* name;
    std::uint64_t engine::Counters::*member;
};
std::span<const NamedCounter> counters();

} // namespace fhirscope::session
