#pragma once
// "Local = server", on demand and by schedule.

#include "engine/core/part.hpp"
#include "engine/core/versions.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace fhirscope::engine {

struct PendingRequest;

struct Verification {
    VerifyView view;
    std::map<std::string, Listed> server; // by reference
    LocalTime pass_began = never;
    std::set<std::string> types;
    std::uint32_t next_subscription = 0, passes = 0;
    std::uint64_t updates_at_start = 0;
    std::uint64_t rows = 0;          // in `server`
    LocalTime next = never;          // reconciliation by schedule
    std::string resume;              // the page at which a scheduled one was interrupted
    bool by_offset = false;          // cannot go by cursor
    std::set<std::string> left_out;  // types of which the server refuses a search
    bool repairs = false;            // what differed is read again
    std::set<std::string> repairing; // that were not answered yet
    template <class A>
    void archive(A& a) {
        a(view, server, pass_began, types, next_subscription, passes, updates_at_start, rows, next, resume, by_offset,
          left_out, repairs, repairing);
    }
};

void restart_pass(State& s);
void begin_verify(State& s, bool scheduled = false);
void on_verify(State& s, const PendingRequest& request, const HttpAnswer& answer);
void fail_verify(State& s, Fact problem);
void note_repaired(State& s); // all that differed has been read again
void tick_verify(State& s);
LocalTime next_verify(const State& s);

} // namespace fhirscope::engine
