#pragma once
// Writes a session file while inputs arrive (docs/session-format.md).
//
// Thread safety: one thread adds and closes; the file is written by a thread of the recorder's own. Nothing is dropped:
// when the writer falls behind by more than the queue's bound, add() waits for it.

#include "engine/figures.hpp"
#include "engine/input.hpp"
#include "fhir/result.hpp"
#include "session/content_digest.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace fhirscope::session {

struct RecorderOptions {
    std::string tool_version{}; // "0.1.0"
    std::string server{};       // base URL, for people
    LocalTime created{};        // wall clock
    std::string deidentified{}; // what was kept where the people were taken out of the inputs; "": nothing was taken

    // What was added is in the file after this time at the latest, and the time that writing it takes: this is what is
    // lost when the program is killed, which may be 100 ms.
    std::chrono::milliseconds commit_every{50};
    // A batch ends at the first of these bounds. Until then its row is replaced with every commit, so that slow
    // sessions are packed as well as fast ones.
    std::size_t batch_inputs = 512;
    std::size_t batch_bytes = 64u << 10; // before compression
    std::chrono::milliseconds batch_age{1'000};
    std::size_t queue_bytes = 64u << 20; // waiting for the writer
    int compression = 3;                 // zstd level

    // Called once, from the writer's thread, when the file cannot be written any more, or is no longer where it was;
    // recording has stopped then.
    std::function<void(const Error&)> on_error{};
};

// What is known when a session ends.
struct Ending {
    std::optional<std::uint64_t> state_hash; // after the last input; absent when the session was cut off
    std::optional<engine::Counters> counters;
    std::optional<ContentDigest> content{}; // of the last snapshot
};

class Recorder {
public:
    // Makes the file, readable by its owner alone. Errors: Exists, Write (with the file and the reason).
    static Result<std::unique_ptr<Recorder>> create(const std::string& path, RecorderOptions options);
    ~Recorder(); // closes without an ending
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    // Takes the next input. Does nothing after an error or close().
    void add(const engine::Input& input);

    // Writes what waits and the ending, and leaves one file. Errors: the one that stopped the recording, or that of
    // closing: Write, Gone (removed, renamed or replaced meanwhile). A second call does nothing.
    Result<void> close(const Ending& ending);

    std::uint64_t inputs() const;   // taken so far
    std::uint64_t redacted() const; // secrets that had slipped into inputs, replaced in the file
    bool failed() const;

private:
    class Impl;
    explicit Recorder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::session
