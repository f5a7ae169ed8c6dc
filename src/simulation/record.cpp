#include "simulation/record.hpp"

#include "session/recorder.hpp"
#include "simulation/virtual_world.hpp"

namespace fhirscope::simulation {

Result<Verdict> record(const Scenario& scenario, const std::string& path, const std::string& tool_version,
                       unsigned client) {
    session::RecorderOptions options;
    options.tool_version = tool_version;
    options.server = VirtualWorld::base();
    options.created = LocalClock{}.at(VirtualTime(0)); // virtual, so that the same seed writes the same file
    auto recorder = session::Recorder::create(path, options);
    if (!recorder) return tl::unexpected(recorder.error());
    const Verdict verdict = run(scenario, Thoroughness::Every, [&](unsigned of, const engine::Input& input) {
        if (of == client) (*recorder)->add(input);
    });
    session::Ending ending;
    ending.state_hash = verdict.state_hashes.at(client);
    ending.counters = verdict.counters.at(client);
    ending.content = verdict.contents.at(client);
    if (auto closed = (*recorder)->close(ending); !closed) return tl::unexpected(closed.error());
    return verdict;
}

} // namespace fhirscope::simulation
