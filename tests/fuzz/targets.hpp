#pragma once
// What is fuzzed: each target takes any bytes, and may refuse them, but not crash, hang or take memory without bound.
// script/fuzz runs them under libFuzzer; the test `fuzz` runs each over tests/fuzz/regressions/<target>.

#include <string_view>

namespace fhirscope::fuzz {

void frame(std::string_view bytes);      // a frame of a socket, decoded, and through an engine's whole pipeline
void validation(std::string_view bytes); // a resource, a page, an outcome
void criteria(std::string_view bytes);   // first line: criteria; the rest: the resource to match
void fhirpath(std::string_view bytes);   // first line: a path; the rest: the resource to evaluate it on
// First byte 'F': the rest is a session file. 'J': the rest is the journal beside a good one. Any other: the rest is
// the message of a batch. What can be read is replayed.
void session(std::string_view bytes);
void transcript(std::string_view bytes); // JSON lines, imported
void edit(std::string_view bytes);       // a resource, edited: what is not edited keeps its bytes
void vault(std::string_view bytes);      // first line: a secret; the rest: what a server sent, hidden and put back
void lines(std::string_view bytes);      // a file of lines of at most 1,000 bytes, split as getline splits it

} // namespace fhirscope::fuzz
