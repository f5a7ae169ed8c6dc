#include "app/output.hpp"

#include "app/command_line.hpp"
#include "fhir/thread_safety.hpp"

#include <cstdio>
#include <optional>
#include <utility>

namespace fhirscope::app {

namespace {

constexpr std::size_t most_complaints = 100;

struct Console {
    mutable Mutex mutex;
    bool json FHIRSCOPE_GUARDED_BY(mutex) = false;
    std::optional<fhir::JsonWriter> result FHIRSCOPE_GUARDED_BY(mutex); // an object that has not ended
    std::optional<Error> failure FHIRSCOPE_GUARDED_BY(mutex);
    std::string last_complaint FHIRSCOPE_GUARDED_BY(mutex);
    std::vector<Complaint> complaints FHIRSCOPE_GUARDED_BY(mutex);
};

Console& console() {
    static Console all;
    return all;
}

// What cannot be written has nowhere to be said.
bool write(std::FILE* file, const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

fhir::JsonWriter begin_object(std::string_view kind) {
    fhir::JsonWriter json;
    json.object().member("schema", "fhirscope." + std::string(kind) + "/1").member("version", version());
    return json;
}

void write_error(fhir::JsonWriter& json, const Console& all, ExitCode code) FHIRSCOPE_REQUIRES(all.mutex) {
    const ErrorCode otherwise = code == ExitCode::Usage ? ErrorCode::Usage : ErrorCode::Failed;
    json.object("error")
        .member("code", to_string(all.failure ? all.failure->code : otherwise))
        .member("message", all.failure ? all.failure->message : all.last_complaint)
        .end();
}

} // namespace

void print(const fhir::Text& text) {
    Console& all = console();
    const Lock lock(all.mutex);
    write(all.json ? stderr : stdout, text.str());
}

void print_aside(const fhir::Text& text) {
    Console& all = console();
    const Lock lock(all.mutex);
    write(stderr, text.str());
}

static void complain(const fhir::Text& message, Complaint complaint) {
    Console& all = console();
    const Lock lock(all.mutex);
    write(stderr, "fhirscope: " + message.str() + "\n");
    all.last_complaint = message.str();
    all.complaints.push_back(std::move(complaint));
    if (all.complaints.size() > most_complaints) all.complaints.erase(all.complaints.begin());
}

void complain(const std::string& what, const std::string& why) {
    const Complaint complaint{fhir::harmless(what), fhir::harmless(why)};
    fhir::Text text;
    text << complaint.text();
    complain(text, complaint);
}

void complain(const fhir::Text& message) { complain(message, {message.str(), ""}); }

std::vector<Complaint> take_complaints() {
    Console& all = console();
    const Lock lock(all.mutex);
    return std::exchange(all.complaints, {});
}

ExitCode fail_with(const Error& error) {
    complain(error.message);
    set_failure(error);
    return ExitCode::Failed;
}

void set_failure(Error error) {
    Console& all = console();
    const Lock lock(all.mutex);
    all.failure = std::move(error);
}

void expect_json() {
    Console& all = console();
    const Lock lock(all.mutex);
    all.json = true;
}

void set_result(std::string_view kind, const std::function<void(fhir::JsonWriter&)>& members) {
    fhir::JsonWriter json = begin_object(kind);
    members(json);
    Console& all = console();
    const Lock lock(all.mutex);
    all.result = std::move(json);
}

ExitCode finish_output(ExitCode code) {
    Console& all = console();
    const Lock lock(all.mutex);
    const bool failed = code == ExitCode::Failed || code == ExitCode::Usage;
    if (!all.json || (!all.result && !failed)) return code; // help was asked for
    fhir::JsonWriter json = all.result ? std::move(*all.result) : begin_object("error");
    all.result.reset();
    if (failed) write_error(json, all, code);
    json.end();
    // What is kept of a resource is in it byte by byte: here, and not before, it becomes harmless.
    if (write(stdout, fhir::harmless_json(json.take()) + "\n")) return code;
    write(stderr, "fhirscope: the result could not be written to the standard output.\n");
    return code == ExitCode::Ok ? ExitCode::Failed : code;
}

} // namespace fhirscope::app
