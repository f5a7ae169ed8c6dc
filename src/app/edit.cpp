// One field of one resource, changed by hand: with a precondition, and with every conflict said.

#include "fhir/edit.hpp"

#include "app/command_line.hpp"
#include "app/conflict_report.hpp"
#include "app/live.hpp"
#include "app/server_choice.hpp"
#include "engine/strategy.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "fhir/task.hpp"
#include "runtime/log.hpp"
#include "words/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace fhirscope::app {

namespace {

using engine::Snapshot;

struct EditOptions {
    ServerChoice server;
    std::string reference, path, value;
    bool remove = false, json = false;
    std::string method = "put", on_conflict = "ask";
    double seconds = 30;
};

// What it came to: a failure, or all is well. `unchanged`: the field had the value before, so nothing was written.
struct Ending {
    ExitCode code = ExitCode::Failed;
    std::optional<Error> failure;
    bool unchanged = false;
    std::string before, after; // JSON values
    engine::LocalEditPtr edit;
    std::vector<engine::ConflictPtr> conflicts;
};

// The JSON text at a path; "" where nothing is, which "note[+].text" always names.
std::string value_at(const fhir::Resource& resource, std::string_view path) {
    fhir::Slice value(resource.text());
    while (!path.empty() && value.exists()) {
        const auto end = path.find_first_of(".[", 1);
        const std::string_view step = path.substr(0, end);
        path = end == path.npos ? std::string_view() : path.substr(end);
        if (!step.starts_with('[')) {
            value = value.member(step.starts_with('.') ? step.substr(1) : step);
            continue;
        }
        std::size_t index = 0, at = 0;
        fhir::Slice found;
        const auto [last, error] = std::from_chars(step.data() + 1, step.data() + step.size(), index);
        if (error == std::errc())
            value.each_element([&](fhir::Slice element) {
                if (at++ == index) found = element;
            });
        value = found;
    }
    return std::string(value.text());
}

Ending failed(ErrorCode why, std::string message, ExitCode code = ExitCode::Failed) {
    Ending ending;
    ending.code = code;
    ending.failure = Error{why, std::move(message)};
    return ending;
}

class Editing {
public:
    Editing(const EditOptions& options, runtime::Runtime& runtime)
        : options_(options),
          runtime_(runtime),
          end_(std::chrono::steady_clock::now() +
               std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000))) {}

    Ending run() {
        if (auto problem = go_live(); !problem.empty()) return failed(ErrorCode::NotConnected, problem);
        const auto record = hold();
        if (!record) return failed(ErrorCode::NotHeld, why_not_held());
        const auto json = fhir::to_json(*record->resource(), options_.path, options_.value);
        if (!json) return failed(ErrorCode::Invalid, invalid(*record->resource(), json.error()), ExitCode::Usage);
        warn_of_transition(*record->resource(), *json);
        const std::string before = value_at(*record->resource(), options_.path);
        runtime_.send(engine::Edit{options_.reference,
                                   {{options_.path, *json}},
                                   options_.method == "patch" ? engine::EditMethod::Patch : engine::EditMethod::Put});
        Ending ending = await_end();
        ending.before = before;
        return ending;
    }

private:
    bool until(const std::function<bool(const Snapshot&)>& predicate) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
        return runtime_.run_until(predicate, std::max(left, std::chrono::milliseconds(0)));
    }
    std::string within() const { return fmt::format("within {:g} s", options_.seconds); }

    // "" when the resources of the type are held; else why not.
    std::string go_live() {
        const auto refused = [](const Snapshot& s) {
            return !s.subscriptions.empty() && s.subscriptions[0].left_out; // without real time it is polled for
        };
        const bool held = until([&](const Snapshot& s) {
            return refused(s) || s.connection.phase == engine::Phase::LoginEnded ||
                   (s.connection.phase == engine::Phase::Live && s.queue_size == 0) ||
                   (s.connection.polling && s.find(options_.reference));
        });
        const auto snapshot = runtime_.snapshot();
        if (refused(*snapshot))
            return "the server refused the subscription to " + snapshot->subscriptions[0].criteria + ": " +
                   words::text(snapshot->subscriptions[0].problem) + ". Nothing was sent.";
        if (snapshot->connection.phase == engine::Phase::LoginEnded)
            return "the login has ended: " + words::text(snapshot->connection.login_problem) + ". Nothing was sent.";
        if (held) return {};
        return fmt::format("the server's {} resources were not all read {} (connection: {}, {}). Nothing was sent.",
                           snapshot->subscriptions.empty() ? "" : snapshot->subscriptions[0].criteria, within(),
                           engine::to_string(snapshot->connection.phase), words::text(snapshot->connection.reason));
    }

    // Null where it is not held; then the server is asked for it, so that the message can say why.
    engine::RecordPtr hold() {
        const auto held = [&](const Snapshot& s) {
            const auto record = s.find(options_.reference);
            return record && record->resource() ? record : nullptr;
        };
        const auto before = runtime_.snapshot();
        if (auto record = held(*before)) return record;
        first_event_ = before->events.end();
        first_update_ = before->updates.end();
        runtime_.send(engine::ReadResource{options_.reference});
        until([&](const Snapshot& s) { return held(s) || is_deleted(s) || !answer_of_read(s).empty(); });
        return held(*runtime_.snapshot());
    }
    bool is_deleted(const Snapshot& s) const {
        if (const auto record = s.find(options_.reference); record && !record->resource()) return true;
        for (auto n = std::max(first_update_, s.updates.first()); n < s.updates.end(); ++n)
            if (s.updates[n].channel == engine::Channel::Read && s.updates[n].deleted) return true;
        return false;
    }
    engine::Fact answer_of_read(const Snapshot& s) const {
        using engine::FactCode;
        for (auto n = std::max(first_event_, s.events.first()); n < s.events.end(); ++n) {
            const engine::Fact& what = s.events[n].what;
            if ((what.code == FactCode::ReadHidden || what.code == FactCode::ReadFailed) &&
                what.about == options_.reference)
                return what.why();
        }
        return {};
    }
    std::string why_not_held() const {
        const auto snapshot = runtime_.snapshot();
        if (is_deleted(*snapshot)) return options_.reference + " was deleted on the server. Nothing was sent.";
        const engine::Fact answer = answer_of_read(*snapshot);
        if (answer.status == 404)
            return options_.reference + " is not on the server, or hidden from this login (" + words::text(answer) +
                   "). Nothing was sent.";
        return options_.reference +
               " cannot be read: " + (answer.empty() ? "no answer " + within() : words::text(answer)) +
               ". Nothing was sent.";
    }

    bool is_task_status(const fhir::Resource& resource) const {
        return resource.type() == "Task" && options_.path == "status";
    }
    static std::string status_of(const fhir::Resource& resource) {
        const auto status = fhir::parse_json(resource.text());
        return status ? std::string(fhir::string_at(*status, "status")) : std::string();
    }
    std::string invalid(const fhir::Resource& resource, const Error& error) const {
        std::string text = options_.reference + " " + options_.path + ": " + error.message;
        if (is_task_status(resource)) {
            const std::string from = status_of(resource);
            std::string next;
            for (const std::string_view state : fhir::usual_next(from))
                next += (next.empty() ? "" : ", ") + std::string(state);
            text += ". It is " + from +
                    (next.empty() ? ", which is an end: usually nothing follows" : "; usually next: " + next);
        }
        return text + ". Nothing was sent.";
    }
    void warn_of_transition(const fhir::Resource& resource, const std::string& json) const {
        if (!is_task_status(resource) || json.size() < 2) return;
        const std::string from = status_of(resource), to = json.substr(1, json.size() - 2);
        if (from == to || fhir::grade_transition(from, to) != fhir::Transition::Suspicious) return;
        complain("unusual for a Task",
                 from + " → " + to + (fhir::is_terminal(from) ? " (" + from + " is an end)" : ""));
    }

    Ending await_end() {
        const auto ended = [&](const Snapshot& s) -> engine::LocalEditPtr {
            for (auto n = s.ended_edits.first(); n < s.ended_edits.end(); ++n)
                if (s.ended_edits[n]->reference == options_.reference) return s.ended_edits[n];
            return nullptr;
        };
        const auto pending = [&](const Snapshot& s) -> engine::LocalEditPtr {
            for (const auto& edit : s.edits)
                if (edit->reference == options_.reference && edit->pending()) return edit;
            return nullptr;
        };
        const auto asks = [&](const Snapshot& s) {
            const auto edit = pending(s);
            return edit && edit->state == engine::EditState::Conflicted;
        };
        until([&](const Snapshot& s) { return ended(s) || asks(s); });
        const auto snapshot = runtime_.snapshot();
        Ending ending;
        ending.edit = ended(*snapshot);
        const bool open = !ending.edit && asks(*snapshot);
        if (!ending.edit) ending.edit = pending(*snapshot);
        for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i)
            if (snapshot->conflicts[i]->reference == options_.reference && snapshot->conflicts[i]->edit != 0)
                ending.conflicts.push_back(snapshot->conflicts[i]);
        describe(ending, open);
        return ending;
    }

    void describe(Ending& ending, bool open) const {
        using engine::EditState;
        if (open) {
            ending.code = ExitCode::Different;
            ending.failure = {ErrorCode::Conflict,
                              options_.reference +
                                  ": the edit met another version and asks for a decision; it is not written. "
                                  "Repeat it with --on-conflict local, server or merge, or edit the new version."};
            return;
        }
        if (!ending.edit || ending.edit->pending()) {
            const bool sent = ending.edit && ending.edit->attempts > 0;
            ending.failure = {ErrorCode::Unanswered,
                              options_.reference + ": the edit did not end " + within() +
                                  (sent ? "; whether it was written is not known." : "; nothing was sent.")};
            return;
        }
        const engine::LocalEdit& edit = *ending.edit;
        ending.after = edit.local ? value_at(*edit.local, options_.path) : std::string();
        if (edit.state == EditState::Acknowledged) {
            ending.code = ExitCode::Ok;
            ending.unchanged = edit.version.empty();
        } else if (edit.state == EditState::Dropped) {
            ending.code = ExitCode::Different;
            ending.failure = {ErrorCode::Dropped, options_.reference +
                                                      ": the server's version stands, as --on-conflict " +
                                                      options_.on_conflict + " says."};
        } else {
            ending.failure = {ErrorCode::Refused,
                              options_.reference + ": the edit was refused: " + words::text(edit.problem) +
                                  (edit.attempts == 0 ? ". Nothing was sent." : ". The server's version stands.")};
        }
    }

    const EditOptions& options_;
    runtime::Runtime& runtime_;
    const std::chrono::steady_clock::time_point end_;
    std::uint64_t first_event_ = 0, first_update_ = 0;
};

// As it was asked for, unless a part that is hidden here could not be sent (engine/alias.hpp).
std::string_view method_of(const EditOptions& options, const Ending& ending) {
    return ending.edit && ending.edit->method == engine::EditMethod::Patch ? "patch" : std::string_view(options.method);
}

std::string_view outcome_of(const Ending& ending) {
    if (ending.failure) return to_string(ending.failure->code);
    return ending.unchanged ? "unchanged" : "written";
}

void write_members(fhir::JsonWriter& json, const EditOptions& options, const Ending& ending) {
    const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    json.member("resource", options.reference)
        .member("path", options.path)
        .member("outcome", outcome_of(ending))
        .member("problem", ending.failure ? std::optional(ending.failure->message) : std::nullopt)
        .member("problem_code", code_of(ending.edit ? ending.edit->problem : engine::Fact()))
        .member("method", method_of(options, ending))
        .member("attempts", ending.edit ? ending.edit->attempts : 0)
        .member("written_version", ending.edit ? given(ending.edit->version) : std::nullopt);
    write_value(json, "before", ending.before);
    write_value(json, "after", ending.after);
    write(json.name("server_changed"), ending.edit ? ending.edit->server_changed : std::vector<fhir::FieldChange>());
    write_conflicts(json, ending.conflicts);
}

fhir::Text text_of(const EditOptions& options, const Ending& ending) {
    fhir::Text text;
    if (!ending.failure && ending.unchanged) text << options.reference << " is so already; nothing was written\n";
    if (!ending.failure && !ending.unchanged)
        text << options.reference << " written as version " << ending.edit->version
             << (method_of(options, ending) == options.method ? "" : ", as a patch of the edited fields") << "\n  "
             << value_text(ending.before) << " → " << value_text(ending.after) << "\n";
    if (ending.edit)
        for (const fhir::FieldChange& change : ending.edit->server_changed)
            text << "  the server changed " << change.path << ": sent " << value_text(change.before) << ", stored "
                 << value_text(change.after) << "\n";
    for (const auto& conflict : ending.conflicts) {
        text << "  " << engine::to_string(conflict->kind) << " with ";
        if (conflict->server)
            text << "version " << conflict->server->version_id();
        else
            text << "a deletion";
        if (!conflict->author.empty()) text << " by " << conflict->author;
        text << ": " << engine::to_string(conflict->outcome);
        if (!conflict->note.empty()) text << ": " << words::text(conflict->note);
        text << "\n" << fields_text(*conflict);
    }
    return text;
}

ExitCode edit(const EditOptions& options) {
    auto chosen = runtime_options(options.server);
    if (!chosen) return fail_with(chosen.error());
    // No panel, so none of its rules: what becomes of a conflict is what the command line says.
    const std::string type(fhir::type_part(options.reference));
    chosen->engine.subscriptions = {{type, type}};
    chosen->engine.default_strategy = options.on_conflict;
    const auto log = runtime::set_up_log({.directory = {}, .headless = true, .verbose = false});
    if (!log.problem.empty()) complain("no log file", log.problem);
    runtime::Runtime runtime(std::move(*chosen));
    if (auto started = runtime.start(); !started) return fail_with(started.error());
    const Ending ending = Editing(options, runtime).run();
    take_leave(runtime);
    runtime.stop();
    if (options.json)
        set_result("edit", [&](fhir::JsonWriter& json) { write_members(json, options, ending); });
    else
        print(text_of(options, ending));
    if (ending.failure) fail_with(*ending.failure);
    return ending.code;
}

} // namespace

void add_edit(CommandLine& program) {
    const auto options = std::make_shared<EditOptions>();
    Subcommand command = program.command(
        "edit", "Changes one field of a resource on a real server, and says what became of it",
        [options] { return edit(*options); });
    command.option("RESOURCE", &options->reference, "Type/id, e.g. Task/8d0c2f5e-…")
        .required()
        .check([](const std::string& text) {
            return fhir::is_reference(text) ? std::string() : "expected Type/id, not \"" + text + '"';
        });
    command.option("PATH", &options->path, "A primitive field: status, restriction.period.end, note[+].text, …")
        .required();
    Option value = command.option("VALUE", &options->value, "As a person writes it: in-progress, 2026-03-01, …");
    Option remove = command.flag("--remove", options->remove, "Take the field away");
    value.excludes(remove);
    command.option("--method", &options->method, "How it is written: the whole resource, or the changed fields")
        .one_of({"put", "patch"})
        .show_default();
    std::vector<std::string> strategies;
    for (const engine::Strategy& strategy : engine::all_strategies()) strategies.emplace_back(strategy.name);
    command
        .option("--on-conflict", &options->on_conflict,
                "What decides where another version changed the same field; ask: nothing does, it is reported")
        .one_of(strategies)
        .show_default()
        .type_name("STRATEGY");
    command.option("--seconds", &options->seconds, "Give up after so long")
        .range(0.1, 1e6)
        .show_default()
        .type_name("N");
    command.flag("--json", options->json, "Print what became of it as one JSON object");
    add_server_url_option(command, options->server);
    add_server_options(command, options->server,
                       "Fields that others changed meanwhile are merged and the edit is sent again; nothing is "
                       "overwritten unseen.\n"
                       "Exit codes: 0 written (or so already), 1 refused, not there or no answer, 2 wrong path or "
                       "value, 3 a conflict stands.\n\n");
    command.check([options, value, remove]() -> std::string {
        if (!value.given() && !remove.given()) return "VALUE or --remove is required";
        if (value.given() && options->value.empty()) return "VALUE is empty; to take the field away: --remove";
        return {};
    });
}

} // namespace fhirscope::app
