#pragma once
// Reads session files (docs/session-format.md). What a file holds is not trusted: a damaged or foreign one is an error,
// never a crash.

#include "engine/message.hpp"
#include "fhir/result.hpp"
#include "session/content_digest.hpp"
#include "session/inputs.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace fhirscope::session {

struct Summary {
    int format_version = 0;
    std::string tool_version, created, server; // created: "2026-02-10T10:30:15.123Z"
    std::uint64_t inputs = 0;                  // in the file
    LocalTime first, last;                     // of the inputs; the epoch when there is none
    bool complete = false;                     // closed in order; else the program was killed while recording
    std::string build;                         // engine::build() of the program that wrote it
    std::optional<std::uint64_t> state_hash;   // after the last input; holds in an engine of that build alone
    std::optional<ContentDigest> content;      // the same for every build
    std::uint64_t further_tables = 0;          // of a newer version of the format: passed over
    // A change of the file itself was interrupted, and FILE-journal lies beside it: what is in the file was read, and
    // that journal was not.
    bool as_is = false;
    std::uint64_t redacted = 0; // secrets that the recorder had to replace: the inputs differ from what ran
    std::string deidentified;   // RecorderOptions::deidentified
    std::map<std::string, std::uint64_t> counters; // by name; empty when the session was cut off
};

// Thread safety: one thread at a time.
class Reader {
public:
    // The file's own bounds hold up to this program's, and the bytes of resources shown up to these: a small file must
    // not fill the machine of whoever opens it.
    void bound_resources(std::size_t bytes);
    // Which bounds for_each() lowered, in words. With any the inputs lead to another state than the recorded one.
    const std::vector<std::string>& lowered() const;

    // Errors, each with the file and what to do: "missing", "unreadable", "foreign" (no session file), "older" (of
    // the first version of the format, which only its own program reads), "damaged", "cancelled" (`stop` was asked to; it holds for
    // for_each, too).
    static Result<Reader> open(const std::string& path, const std::stop_token& stop = {});
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    const Summary& summary() const;
    const std::string& path() const;

    // Gives every input in order, from number `from` on; stops early when the call returns false. Returns how many were
    // given. Errors: Damaged and Cancelled; the inputs before were given.
    Result<std::uint64_t> for_each(const std::function<bool(const engine::Input&)>& call, std::uint64_t from = 0) const;
    // So many inputs are not later than `at`. Errors: the same.
    Result<std::uint64_t> count_until(LocalTime at) const;
    // What was not understood of the batches that were read whole, each counted once: of a newer version of this program.
    engine::PassedOver passed_over() const;
    // The nearest at or before input number `from` that a program of this build has kept in the file and that is whole.
    // None where the file's own bounds are lowered.
    std::optional<Keyframe> keyframe_before(std::uint64_t from) const;

private:
    struct Impl;
    explicit Reader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::session
