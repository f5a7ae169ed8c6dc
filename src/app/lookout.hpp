#pragma once
// The diagnosis of a session while it goes on, as a window has it: incidents follow from a series of snapshots.

#include "diagnosis/diagnosis.hpp"
#include "engine/snapshot.hpp"

#include <functional>
#include <thread>

namespace fhirscope::app {

// Looks once a second, on a thread of its own.
class Lookout {
public:
    // `snapshot` is called from that thread; it may give none as yet. The other one, too.
    explicit Lookout(std::function<engine::SnapshotPtr()> snapshot, std::function<void()> on_first_incident = {});
    ~Lookout();

    // The last look, at this snapshot; what was found so far comes with it. Afterwards nothing is looked at any more.
    const diagnosis::Diagnosis& end(const engine::SnapshotPtr& last);

private:
    void run(std::stop_token stop);

    std::function<engine::SnapshotPtr()> snapshot_;
    std::function<void()> on_first_incident_;
    diagnosis::Diagnosis diagnosis_;
    std::jthread thread_; // the last, since it uses the others
};

} // namespace fhirscope::app
