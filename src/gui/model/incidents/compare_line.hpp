#pragma once
// "Last compared with the server … ago": the statement that all is well, which the absence of incidents is not.

#include "engine/snapshot.hpp"
#include "gui/base/marks.hpp"

#include <string>

namespace fhirscope::gui {

// The result of the last comparison that came to an end: the engine forgets it when it begins the next.
class LastCompared {
public:
    void update(const engine::SnapshotPtr& snapshot);
    const engine::VerifyView& result() const { return result_; } // None: not compared yet
    bool running() const { return running_; }

private:
    engine::SnapshotPtr snapshot_;
    engine::VerifyView result_;
    bool running_ = false;
};

struct CompareLine {
    Mark mark = Mark::Unknown;
    std::string text;      // figures between `backticks`
    std::string left_out;  // what was not compared, and why; "": nothing
    std::string reference; // the first that differed; "": none
};
CompareLine compare_line(const engine::VerifyView& result, LocalTime now);

} // namespace fhirscope::gui
