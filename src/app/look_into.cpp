#include "app/look_into.hpp"

#include "app/replay_file.hpp"
#include "app/resource_memory.hpp"
#include "diagnosis/report_parts.hpp"
#include "engine/engine.hpp"
#include "query/moment.hpp"
#include "session/replay.hpp"

#include <chrono>

namespace fhirscope::app {

namespace {

// Incidents are looked for once in so much recorded time, as a window would.
constexpr std::chrono::seconds look_every{1};

Result<LocalTime> moment_of(const std::string& path, const LookOptions& options, const session::Summary& summary) {
    const std::string& at = options.at;
    const std::string given = options.at_option + " " + at;
    if (at.empty()) return LocalTime::max();
    const auto moment = query::parse_moment(at, summary.first);
    if (!moment) return fail(ErrorCode::Usage, options.at_option + ": " + moment.error().message);
    if (*moment < summary.first)
        return fail(ErrorCode::Usage,
                    given + " is before " + path + " begins, at " + diagnosis::instant_text(summary.first) + ".");
    if (*moment > summary.last + look_every)
        complain(given + " is after " + path + " ends, at " + diagnosis::instant_text(summary.last) +
                 "; it is looked at as of then.");
    return *moment;
}

} // namespace

Result<LookedInto> look_into(const std::string& path, const LookOptions& options) {
    auto reader = session::Reader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    reader->bound_resources(resource_memory(options.memory));
    LookedInto looked;
    looked.summary = reader->summary();
    if (looked.summary.as_is) complain(interrupted_change(path));
    if (!looked.summary.complete) complain(path + " was cut off while it was recorded; what is in it is looked at.");
    const auto until = moment_of(path, options, looked.summary);
    if (!until) return tl::unexpected(until.error());
    engine::Engine engine;
    LocalTime seen{};
    const auto look = [&] {
        looked.last = engine.publish();
        looked.diagnosis.update(looked.last);
        if (options.on_snapshot) options.on_snapshot(looked.last);
    };
    bool is_end = true;
    const auto fed = reader->for_each([&](const engine::Input& input) {
        if (input.at > *until) return is_end = false;
        if (options.on_input) options.on_input(input);
        engine.step(input);
        if (input.at - seen >= look_every) {
            seen = input.at;
            look();
        }
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    complain_of(*reader);
    look();
    looked.state_hash = engine.state_hash();
    if (is_end)
        looked.equal =
            session::compare_with_recorded(*reader, looked.state_hash, session::content_digest(*looked.last)).equal;
    return looked;
}

ExitCode fail_looking(const Error& error) {
    if (error.code != ErrorCode::Usage) return fail_with(error);
    complain(error.message);
    return ExitCode::Usage;
}

void add_at_option(Subcommand& command, std::string& at) {
    command
        .option("--at", &at,
                "As of that moment of a recording: a time with its zone (2026-02-10T10:30:15Z), or how far into it "
                "(1:23, 83s, 250ms)")
        .type_name("TIME");
}

} // namespace fhirscope::app
