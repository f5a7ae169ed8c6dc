#pragma once
// What a session file is made of: docs/session-format.md. Private to this folder.

#include "engine/figures.hpp"
#include "engine/input.hpp"
#include "fhir/result.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

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

// The most that a batch may unpack to: one input of the largest accepted size and room for those before it. No input
// takes less than its time.
constexpr std::uint64_t largest_batch = 256u << 20;
constexpr std::uint64_t most_batch_inputs = largest_batch / sizeof(std::int64_t);
// What compression cannot make smaller, it makes a little larger.
constexpr std::uint32_t largest_batch_row = (256u << 20) + (2u << 20);

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
// Gives its inputs one after the other: a small batch may hold very many. Stops early when the call returns false.
// Error: Damaged, with what does not fit; the inputs before it were given.
Result<void> unpack(const Batch& batch, const std::function<bool(engine::Input&)>& call);

// A fingerprint of how inputs are archived: it changes when a field is added, removed or moved. Files of another layout
// are refused rather than misread.
std::string layout();

struct NamedCounter {
    const char* name;
    std::uint64_t engine::Counters::*member;
};
std::span<const NamedCounter> counters();

} // namespace fhirscope::session
