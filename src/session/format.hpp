#pragma once
// What a session file is made of: docs/session-format.md. Private to this folder.

#include "engine/figures.hpp"
#include "engine/message.hpp"
#include "fhir/result.hpp"
#include "session/inputs.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace fhirscope::session {

constexpr std::uint32_t application_id = 0x46485253; // "FHRS"
// Of the tables, and of the rules by which inputs become messages; that these have another field is no other version.
constexpr int format_version = 2;

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
    CREATE TABLE keyframes (
        build    TEXT NOT NULL,
        before   INTEGER NOT NULL,
        at       INTEGER NOT NULL,
        size     INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        data     BLOB NOT NULL,
        PRIMARY KEY (build, before)
    ) WITHOUT ROWID;
)sql";

// The most that a batch may unpack to: one input of the largest accepted size and room for those before it. No input
// takes less than two bytes.
constexpr std::uint64_t largest_batch = 256u << 20;
constexpr std::uint64_t most_batch_inputs = largest_batch / 2;
// What compression cannot make smaller, it makes a little larger.
constexpr std::uint32_t largest_batch_row = (256u << 20) + (2u << 20);

constexpr std::uint64_t largest_keyframe = 512u << 20; // of a larger state none is kept

// One row of the table `inputs`.
struct Batch {
    std::uint64_t first = 0; // number of its first input, from 0
    std::uint64_t count = 0;
    LocalTime first_at, last_at;
    std::uint64_t size = 0; // bytes of `data` when decompressed
    std::uint64_t checksum = 0;
    std::string data;
};

// A further input of a batch's message, as docs/session.proto describes it.
void append(std::string& message, const engine::Input& input);
// `message`: of so many inputs.
Batch pack(std::uint64_t first, std::uint64_t count, LocalTime first_at, LocalTime last_at, std::string_view message,
           int level);
// Gives its inputs one after the other: a small batch may hold very many. Stops early when the call returns false.
// `passed_over` grows by what was not understood. Error: Damaged, with what does not fit; the inputs before it were given.
Result<void> unpack(const Batch& batch, engine::PassedOver& passed_over,
                    const std::function<bool(engine::Input&)>& call);

// The same of a message.
Result<void> read_inputs(std::string_view message, std::uint64_t count, engine::PassedOver& passed_over,
                         const std::function<bool(engine::Input&)>& call);

// One row of the table `keyframes`: the state of this build's engine before input number `before`.
struct KeyframeRow {
    std::uint64_t before = 0;
    LocalTime at; // of the input before it
    std::uint64_t size = 0, checksum = 0;
    std::string data;
};
KeyframeRow pack(const Keyframe& keyframe, LocalTime at);
// Nothing: it is damaged, which costs no more than the time to do without.
std::optional<Keyframe> unpack(const KeyframeRow& row);

struct NamedCounter {
    const char* name;
    std::uint64_t engine::Counters::*member;
};
std::span<const NamedCounter> counters();

} // namespace fhirscope::session
