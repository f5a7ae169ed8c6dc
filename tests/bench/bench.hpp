#pragma once
// A figure, and beside it a reference measured in the same run on the same machine: only their ratio means anything.

#include <string>
#include <utility>
#include <vector>

namespace fhirscope::bench {

struct Figure {
    std::string name, unit;
    double figure = 0, reference = 0;
    std::string reference_is; // what the reference does
    double ratio = 0;         // figure to reference, or for times of frames the slowest view to the reference
    std::vector<std::pair<std::string, double>> parts;
};

Figure
pipeline(); // notifications a second through the whole engine, beside RapidJSON's in-situ parse of the same bytes
Figure end_to_end(); // server commit → applied over loopback, beside a bare Beast echo
Figure replay();     // inputs of a recording a second, beside a parse of its frames; seeks, first picture, memory
Figure recording();  // inputs a second from a session file, beside the same from memory
Figure process();    // CPU of the whole program with its window, at a hundred updates a second beside idle

} // namespace fhirscope::bench
