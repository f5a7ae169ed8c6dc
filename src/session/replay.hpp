#pragma once
// The same inputs again.

#include "engine/engine.hpp"
#include "session/reader.hpp"

#include <cstdint>
#include <functional>

namespace fhirscope::session {

struct Replayed {
    std::uint64_t inputs = 0;
    std::uint64_t hash = 0;    // of the state reached
    std::optional<bool> equal; // to the recorded hash; absent when the file has none, or its bounds were lowered
};

// Feeds all inputs of a file to an engine that has had none. Effects are dropped: their answers are inputs of the file.
// `go_on` is asked before each input: false ends it there, and then the state is compared with nothing.
// Errors: those of Reader::for_each.
Result<Replayed> replay(const Reader& reader, engine::Engine& engine, const std::function<bool()>& go_on = {});

} // namespace fhirscope::session
