#include "app/replay_file.hpp"

#include "app/command_line.hpp"

namespace fhirscope::app {

Result<ReplayedFile> replay_file(const std::string& path, Progress* progress) {
    const auto reader = session::Reader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    const session::Summary& summary = reader->summary();
    if (!summary.complete) complain(path + " was cut off while it was recorded; what is in it is replayed.");
    if (summary.redacted > 0) {
        complain("the recorder replaced " + std::to_string(summary.redacted) +
                 " secrets in the inputs, so the replay may reach another state than the recorded one.");
    }
    engine::Engine engine;
    if (progress) progress->of = summary.inputs;
    const auto replayed = session::replay(
        *reader, engine, [&] { return !progress || (++progress->done, !progress->stop.stop_requested()); });
    if (!replayed) return tl::unexpected(replayed.error());
    if (progress && progress->stop.stop_requested()) return fail("cancelled", path + " was not replayed to its end.");
    return ReplayedFile{engine.publish(), *replayed, summary.state_hash};
}

} // namespace fhirscope::app
