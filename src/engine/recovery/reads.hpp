#pragma once
// Reads of single resources.

#include "engine/core/part.hpp"
#include "engine/core/requests.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace fhirscope::engine {

struct WantedRead {
    std::uint32_t tries = 0;
    RequestId request = 0; // 0: not under way
    LocalTime due = never; // not before: it was tried in vain, or more is expected
    bool again = false;    // wished for once more while it was: its answer may be older than the wish
    ReadCause cause;
    template <class A>
    void archive(A& a) {
        a(tries, request, due, again, cause);
    }
};

struct Reads {
    std::map<std::string, WantedRead> wanted; // by reference
    bool left_out = false;                    // more were wished for than are kept
    LocalTime after = never;                  // the last one found nobody: not at once again
    LocalTime next_unhurried = never;         // the first of those that wait for what may follow
    template <class A>
    void archive(A& a) {
        a(wanted, left_out, after, next_unhurried);
    }
};

void want_read(State& s, const std::string& reference, const ReadCause& cause = {});
void pump_reads(State& s);
LocalTime next_read(const State& s);
void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_confirmed_gone(State& s, const PendingRequest& request, const HttpAnswer& answer);
// Observe mode: the client read it.
void observed_read(State& s, const std::string& reference, const HttpAnswer& answer, LocalTime asked);

} // namespace fhirscope::engine
