#pragma once
// The same inputs again.

#include "engine/engine.hpp"
#include "session/reader.hpp"

#include <cstdint>
#include <functional>

namespace fhirscope::session {

// The state's hash at its end, where this build recorded it: no other can be expected to reach it.
std::optional<std::uint64_t> recorded_state(const Summary& summary);

// What was reached beside what was recorded.
struct Comparison {
    std::optional<bool> equal; // absent when the file has nothing to compare with, or its bounds were lowered
    bool by_state = false;     // there is a recorded_state(); else the contents were compared
};
Comparison compare_with_recorded(const Reader& reader, std::uint64_t hash, const ContentDigest& content);

struct Replayed {
    std::uint64_t inputs = 0;
    std::uint64_t hash = 0; // of the state reached
    ContentDigest content{};
    std::optional<bool> equal{}; // see Comparison
    bool by_state = false;
};

// Feeds all inputs of a file to an engine that has had none. Effects are dropped: their answers are inputs of the file.
// `go_on` is asked before each input: false ends it there, and then the state is compared with nothing.
// Errors: those of Reader::for_each.
Result<Replayed> replay(const Reader& reader, engine::Engine& engine, const std::function<bool()>& go_on = {});

} // namespace fhirscope::session
