#pragma once
// What comes on a socket, and how updates get into the queue.

#include "engine/core/part.hpp"

namespace fhirscope::engine {

struct Update;

void on_frame(State& s, const Frame& frame);
void on_frame_sent(State& s, const FrameSent& frame);
void enqueue(State& s, Update update);

} // namespace fhirscope::engine
