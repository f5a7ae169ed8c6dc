#include "app/replay_file.hpp"

#include "app/command_line.hpp"

namespace fhirscope::app {

std::string interrupted_change(const std::string& path) {
    return path + ": the program was ended while it changed the file, and " + path +
           "-journal lies beside it; the file is read as it is.";
}

Result<ReplayedFile> replay_file(const std::string& path, Progress* progress) {
    const auto reader = session::Reader::open(path, progress ? progress->stop : std::stop_token());
    if (!reader) return tl::unexpected(reader.error());
    const session::Summary& summary = reader->summary();
    if (summary.as_is) complain(interrupted_change(path));
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
