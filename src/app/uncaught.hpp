#pragma once
// What becomes of an error that nobody could handle: too little memory, too few file descriptors or threads.

namespace fhirscope::app {

// From now on such an error, in whatever thread, ends the program with a line on stderr that says what is short, and
// ExitCode::Failed. Nothing else is tried, since there is no memory to try it with: a recording keeps what kill -9
// would have left of it.
void end_in_words();

} // namespace fhirscope::app
