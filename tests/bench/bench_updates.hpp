#pragma once
// A session of another client, with updates of about 3 kB.

#include "engine/input.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fhirscope::bench {

// Its first inputs: the start, a Subscription to Tasks, and the socket 1.
std::vector<engine::Input> beginning(LocalTime at);
// A frame: the version of a Task, from 0.
std::string notification(std::size_t resource, std::size_t version);

double seconds_of(const std::function<void()>& work);

} // namespace fhirscope::bench
