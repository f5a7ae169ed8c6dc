#pragma once
// The program's only way to the terminal. Stdout has the result: text for people, or with --json one JSON object and
// nothing else. Stderr has everything else. Whatever a server or a file said in it comes out harmless.

#include "app/options.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"
#include "fhir/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::app {

// Any thread may call what follows.

// For people, on stdout; on stderr where stdout is for JSON alone.
void print(const fhir::Text& text);
// On stderr in any case.
void print_aside(const fhir::Text& text);

struct Complaint {
    std::string what, why; // why: "" where nothing more is known
    std::string text() const { return why.empty() ? what : what + ": " + why; }
};
// "fhirscope: what: why" on stderr, in one line, and a notice in the window where there is one.
void complain(const std::string& what, const std::string& why = "");
// The same for a message that has lines of its own.
void complain(const fhir::Text& message);
// What was complained about since the last call; at most the last hundred.
std::vector<Complaint> take_complaints();
ExitCode fail_with(const Error& error);
// Why the program fails, where it was said already.
void set_failure(Error error);

// From now on stdout is for JSON alone.
void expect_json();
// The result, as members of the one object: `kind` and its number name its schema (docs/json.md). Printed at the end.
void set_result(std::string_view kind, const std::function<void(fhir::JsonWriter&)>& members);
// The last thing that the program does: prints the object where one is expected, also of a run that failed. Gives the
// exit code, which is another one where the object could not be written.
ExitCode finish_output(ExitCode code);

} // namespace fhirscope::app
