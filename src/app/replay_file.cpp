#include "app/replay_file.hpp"

#include "app/command_line.hpp"
#include "app/resource_memory.hpp"

namespace fhirscope::app {

namespace {

std::string passed_over_text(const session::Reader& reader) {
    std::string counts;
    const auto count = [&](std::uint64_t number, const char* what) {
        if (number == 0) return;
        counts += (counts.empty() ? "" : ", ") + std::to_string(number) + " " + what + (number == 1 ? "" : "s");
    };
    const engine::PassedOver unknown = reader.passed_over();
    count(unknown.inputs, "input");
    count(unknown.fields, "field");
    count(unknown.values, "value");
    count(reader.summary().further_tables, "table");
    if (counts.empty()) return "";
    return "it was recorded by fhirscope " + reader.summary().tool_version +
           ", and not all of it is understood here; passed over: " + counts + ".";
}

} // namespace

std::string lowered_text(const session::Reader& reader) {
    std::string text;
    for (const std::string& bound : reader.lowered()) text += (text.empty() ? "" : "; ") + bound;
    if (text.empty()) return text;
    return "it was recorded with larger bounds than are allowed here (" + text +
           "), so its state is not compared with the recorded one. --resource-memory allows more for what is shown.";
}

void complain_of(const session::Reader& reader) {
    for (const std::string& text : {lowered_text(reader), passed_over_text(reader)})
        if (!text.empty()) complain(reader.path() + ": " + text);
}

std::string interrupted_change(const std::string& path) {
    return path + ": the program was ended while it changed the file, and " + path +
           "-journal lies beside it; the file is read as it is.";
}

Result<session::Reader> open_reader(const std::string& path, const MemoryOptions& memory, const std::stop_token& stop) {
    auto reader = session::Reader::open(path, stop);
    if (!reader) return tl::unexpected(reader.error());
    reader->bound_resources(resource_memory(memory));
    const session::Summary& summary = reader->summary();
    bool resumes_elsewhere = false;
    const auto first = reader->for_each([&](const engine::Input& input) {
        if (const auto* resumed = std::get_if<engine::Resumed>(&input.body))
            resumes_elsewhere = !resumed->keyframe || !engine::Engine::can_restore(*resumed->keyframe);
        return false;
    });
    if (!first) return tl::unexpected(first.error());
    if (resumes_elsewhere)
        return fail(ErrorCode::Older, path +
                                          " begins in the middle of a session, with a state that only the version that "
                                          "recorded it reads: fhirscope " +
                                          summary.tool_version + ". Use that version to replay it.");
    if (summary.as_is) complain(interrupted_change(path));
    if (!summary.complete) complain(path + " was cut off while it was recorded; what is in it is replayed.");
    if (summary.redacted > 0) {
        complain("the recorder replaced " + std::to_string(summary.redacted) +
                 " secrets in the inputs, so the replay may reach another state than the recorded one.");
    }
    return reader;
}

Result<ReplayedFile> replay_file(const std::string& path, const MemoryOptions& memory, Progress* progress) {
    const auto reader = open_reader(path, memory, progress ? progress->stop : std::stop_token());
    if (!reader) return tl::unexpected(reader.error());
    const session::Summary& summary = reader->summary();
    engine::Engine engine;
    if (progress) progress->of = summary.inputs;
    const auto replayed = session::replay(
        *reader, engine, [&] { return !progress || (++progress->done, !progress->stop.stop_requested()); });
    if (!replayed) return tl::unexpected(replayed.error());
    if (progress && progress->stop.stop_requested())
        return fail(ErrorCode::Cancelled, path + " was not replayed to its end.");
    complain_of(*reader);
    return ReplayedFile{engine.publish(), *replayed, session::recorded_state(summary), lowered_text(*reader)};
}

} // namespace fhirscope::app
