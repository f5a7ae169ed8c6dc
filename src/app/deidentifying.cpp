#include "app/deidentifying.hpp"

#include "app/new_recording.hpp"
#include "fhir/time.hpp"
#include "session/recorder.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fhirscope::app {

Result<std::string> chance_bytes() {
    std::string bytes(32, '\0');
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got != static_cast<ssize_t>(bytes.size()))
        return fail(ErrorCode::Failed,
                    std::string("this system gives no bytes of chance: ") + std::strerror(errno) + ".");
    return bytes;
}

namespace {

// Of a recording that is made of another.
session::RecorderOptions deidentified_options(const session::Summary& summary, deidentify::Deidentifier& deidentifier) {
    session::RecorderOptions options;
    options.tool_version = summary.tool_version;
    options.server = deidentifier.address(summary.server);
    if (const auto created = fhir::parse_instant(summary.created))
        options.created = deidentifier.moved(LocalTime(created->time_since_epoch()));
    options.deidentified = deidentify::what_is_kept();
    return options;
}

} // namespace

Result<Deidentified> deidentify_file(const std::string& in, const std::string& out, const MemoryOptions& memory,
                                     bool shift_time) {
    auto key = chance_bytes();
    if (!key) return tl::unexpected(key.error());
    deidentify::Deidentifier deidentifier({std::move(*key), shift_time});
    auto reader = session::Reader::open(in);
    if (!reader) return tl::unexpected(reader.error());
    bool in_the_middle = false;
    const auto begun = reader->for_each([&](const engine::Input& input) {
        in_the_middle = std::holds_alternative<engine::Resumed>(input.body);
        return false;
    });
    if (!begun) return tl::unexpected(begun.error());
    if (in_the_middle)
        return fail(ErrorCode::Usage,
                    in + " begins in the middle of a session, with a state from which people cannot be "
                         "taken out. Record with --deidentify, or from the session's beginning.");
    auto recording = NewRecording::create(out, deidentified_options(reader->summary(), deidentifier));
    if (!recording) return tl::unexpected(recording.error());
    auto before = look_into(in, {.memory = memory, .on_input = [&](engine::Input input) {
                                     deidentifier.apply(input);
                                     recording->add(input);
                                 }});
    if (!before) return tl::unexpected(before.error());
    if (auto closed = recording->close(); !closed) return tl::unexpected(closed.error());
    return Deidentified{std::move(*before), deidentifier.counts(), deidentifier.moved(LocalTime{}) - LocalTime{}};
}

} // namespace fhirscope::app
