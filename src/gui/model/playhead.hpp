#pragma once
// The moment that is shown, in a recording and in a session that is looked back at: what the window asks of the program
// (src/app/playhead), and what it is told.

#include "fhir/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

// A moment with a note, kept beside the recording or in it.
struct Bookmark {
    std::uint64_t number = 0; // names it as long as the session is open
    LocalTime at;
    std::string text;
    bool operator==(const Bookmark&) const = default;
};

struct PlayheadStatus {
    LocalTime first, last; // what can be shown; `last` goes on in a live session
    LocalTime at;          // what is asked for: every input up to and including this moment counts
    bool at_end = true;    // a live session goes on on the screen; a recording is at its end
    bool seeking = false;  // what is shown is still another moment than `at`
    bool playing = false;
    double speed = 1;                  // of play(), as a multiple of the time that passed; 0: as fast as possible
    std::uint64_t inputs = 0, of = 0;  // up to `at`, and in all
    std::optional<bool> as_recorded{}; // the end reaches the recorded state; nothing: not known, not yet known, live
    std::string not_compared{};        // why it cannot be; "" where it can
    std::string problem{};             // why a moment could not be shown; "" for nothing
    std::vector<Bookmark> bookmarks{}; // in the order of time
    std::string bookmarks_kept_in{};   // path; "" where they are lost when the session is closed
    std::uint64_t hash = 0;            // of the state that is shown; 0: not known
};

// Thread safety: called by the window's thread; nothing here waits for anything. While a moment is looked for, the
// snapshot that was shown stays.
class PlayheadControl {
public:
    PlayheadControl() = default;
    PlayheadControl(const PlayheadControl&) = delete;
    PlayheadControl& operator=(const PlayheadControl&) = delete;
    virtual ~PlayheadControl() = default;

    virtual PlayheadStatus status() const = 0;
    virtual void seek(LocalTime at) = 0; // held within first and last; ends playing
    virtual void play(double speed) = 0; // on from `at`, to the end; at the end: from the beginning
    virtual void pause() = 0;
    virtual void to_end() = 0; // of the recording; back to live
    virtual void add_bookmark(LocalTime at, std::string text) = 0;
    virtual void rename_bookmark(std::uint64_t number, std::string text) = 0;
    virtual void remove_bookmark(std::uint64_t number) = 0;
};

} // namespace fhirscope::gui
