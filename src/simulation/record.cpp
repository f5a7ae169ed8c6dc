#include "simulation/record.hpp"

#include "session/recorder.hpp"
#include "simulation/virtual_world.hpp"

#include <memory>
#include <vector>

namespace fhirscope::simulation {

std::string session_path(const std::string& path, const Scenario& scenario, std::size_t client) {
    if (scenario.clients == 1) return path;
    const std::size_t dot = path.rfind('.');
    return path.substr(0, dot) + ".client-" + std::to_string(client) + (dot < path.size() ? path.substr(dot) : "");
}

Result<Verdict> record(const Scenario& scenario, const std::string& path, const std::string& tool_version) {
    session::RecorderOptions options;
    options.tool_version = tool_version;
    options.server = VirtualWorld::base();
    options.created = LocalClock{}.at(VirtualTime(0)); // virtual, so that the same seed writes the same file
    std::vector<std::unique_ptr<session::Recorder>> recorders;
    for (std::size_t i = 0; i < scenario.clients; ++i) {
        auto recorder = session::Recorder::create(session_path(path, scenario, i), options);
        if (!recorder) return tl::unexpected(recorder.error());
        recorders.push_back(std::move(*recorder));
    }
    Verdict verdict = run(scenario, Thoroughness::Every,
                          [&](std::size_t client, const engine::Input& input) { recorders[client]->add(input); });
    for (std::size_t i = 0; i < recorders.size(); ++i) {
        session::Ending ending;
        ending.state_hash = verdict.clients[i].state_hash;
        ending.counters = verdict.clients[i].counters;
        if (auto closed = recorders[i]->close(ending); !closed) return tl::unexpected(closed.error());
    }
    return verdict;
}

} // namespace fhirscope::simulation
