// A recording without the people in it, to be attached to a ticket (docs/deidentify.md).

#include "app/command_line.hpp"
#include "app/deidentifying.hpp"
#include "app/incident_report.hpp"
#include "app/look_into.hpp"
#include "app/recording_file.hpp"
#include "diagnosis/report_parts.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::app {

namespace {

struct DeidentifyOptions {
    MemoryOptions memory;
    std::string in, out;
    bool shift_time = false;
};

// What must be the same of an incident, whatever things are called.
std::vector<std::string> marks_of(const LookedInto& looked, std::chrono::microseconds moved) {
    std::vector<std::string> marks;
    const auto time = [&](LocalTime at) { return at == LocalTime{} ? "-" : diagnosis::instant_text(at - moved); };
    const auto count = [](const std::optional<std::uint64_t>& of) { return of ? std::to_string(*of) : "-"; };
    for (const diagnosis::IncidentPtr& one : met_incidents(looked.diagnosis.incidents(), looked.last->at).all) {
        std::string mark(one->id);
        for (const std::string& part :
             {std::string(diagnosis::to_string(one->state)), time(one->from), time(one->to), time(one->noticed),
              count(one->missed), count(one->recovered), count(one->deleted), std::to_string(one->affects),
              std::to_string(one->times), std::to_string(one->evidence_count)})
            mark += ' ' + part;
        marks.push_back(std::move(mark));
    }
    std::ranges::sort(marks);
    return marks;
}

// What differs between the two, a line each.
std::vector<std::string> difference(const LookedInto& before, const LookedInto& after,
                                    std::chrono::microseconds moved) {
    const auto a = marks_of(before, {}), b = marks_of(after, moved);
    std::vector<std::string> only_before, only_after, lines;
    std::ranges::set_difference(a, b, std::back_inserter(only_before));
    std::ranges::set_difference(b, a, std::back_inserter(only_after));
    for (const std::string& mark : only_before) lines.push_back("was " + mark);
    for (const std::string& mark : only_after) lines.push_back("is  " + mark);
    const auto counts = [](const LookedInto& looked) {
        const engine::Counters& c = looked.last->metrics.counters;
        return std::to_string(c.received) + " received, " + std::to_string(c.applied) + " applied, " +
               std::to_string(c.missed) + " missed, " + std::to_string(c.rejected) + " rejected";
    };
    if (counts(before) != counts(after)) {
        lines.push_back("was " + counts(before));
        lines.push_back("is  " + counts(after));
    }
    return lines;
}

fhir::Text counts_text(const deidentify::Counts& counts) {
    fhir::Text text;
    text << "replaced: " << counts.ids << " ids, " << counts.texts << " names and texts, " << counts.identifiers
         << " identifiers and contacts, " << counts.addresses << " addresses, " << counts.codes << " codes, "
         << counts.numbers << " numbers, " << counts.members << " names of members, " << counts.messages
         << " messages; removed: " << counts.attachments << " attachments; shifted: " << counts.dates << " dates\n";
    return text;
}

ExitCode deidentify(const DeidentifyOptions& options) {
    const auto file = RecordingFile::open(options.in);
    if (!file) return fail_with(file.error());
    const auto made = deidentify_file(file->path(), options.out, options.memory, options.shift_time);
    if (!made) return fail_with(made.error());
    const auto after = look_into(options.out, {.memory = options.memory});
    if (!after) return fail_with(after.error());
    print(counts_text(made->counts));
    const auto differs = difference(made->before, *after, made->moved);
    if (!differs.empty()) {
        complain(
            "the new recording does not show all incidents as the first one does; the people are out of it all "
            "the same.");
        for (const std::string& line : differs) print_aside(fhir::Text() << line << "\n");
        return ExitCode::Different;
    }
    print(fhir::Text() << "the incidents are the same: "
                       << met_incidents(after->diagnosis.incidents(), after->last->at).all.size() << "\n");
    return ExitCode::Ok;
}

} // namespace

void add_deidentify(CommandLine& program) {
    const auto options = std::make_shared<DeidentifyOptions>();
    Subcommand command = program.command(
        "deidentify", "A recording without the people in it: invented names, ids and texts, the same incidents",
        [options] { return deidentify(*options); });
    command.option("IN", &options->in, "Session file (.fhirscope); - reads it from the standard input").required();
    command.option("OUT", &options->out, "Session file to write").required();
    command.flag("--shift-time", options->shift_time,
                 "Move all times of the recording, too, by one number of days, 366 to 730");
    add_memory_options(command, options->memory);
    command.footer(
        "What is replaced, what is kept and what this does not promise: docs/deidentify.md.\n"
        "Exit code 3 where the new recording shows other incidents than the first one.");
}

} // namespace fhirscope::app
