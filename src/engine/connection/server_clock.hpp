#pragma once
// What is known of the server's clock.

#include "engine/core/part.hpp"

#include <chrono>
#include <optional>

namespace fhirscope::engine {

struct ServerClockReading {
    ServerTime said{}; // what the server last said that it is
    LocalTime at = never;
    template <class A>
    void archive(A& a) {
        a(said, at);
    }
};

void sample_clock(State& s, ServerTime stamped, LocalTime sent);
// `age`: how old it may be, for it was under way.
void note_server_time(State& s, ServerTime said, std::chrono::microseconds age = {});
std::optional<ServerTime> server_now(const State& s); // an estimate; nothing before the server has said its time
// Of the server's clock, so from before it was set back.
bool is_ahead(const State& s, std::optional<ServerTime> stamped);

} // namespace fhirscope::engine
