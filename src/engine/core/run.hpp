#pragma once
// How far the engine has come with its inputs.

#include "engine/core/part.hpp"

#include <cstdint>
#include <memory>

namespace fhirscope::engine {

struct Run {
    bool started = false;
    std::uint64_t inputs = 0, ignored_inputs = 0;
    LocalTime wake = never; // asked for last
    // Not archived: a revision names a snapshot of this process, and the facts are made from the configuration.
    std::uint64_t revision = 0;
    std::shared_ptr<const ServerFacts> server_facts;
    template <class A>
    void archive(A& a) {
        a(started, inputs, ignored_inputs, wake);
    }
};

} // namespace fhirscope::engine
