#pragma once
// How what may fail from outside is returned.

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace fhirscope {

// What can go wrong: all of it. A code stands for one word ("no-server"), which is for scripts, tables and tests, and
// which docs/json.md lists; so no word is changed, and none is taken away.
enum class ErrorCode : std::uint8_t {
    // What is read
    Malformed,   // cannot be read as what it should be
    Invalid,     // can be read, but what it says is not allowed
    TooLarge,    // larger than is accepted
    TooDeep,     // nested deeper than is accepted
    NotABundle,  // an answer that is something else than a Bundle
    Unsupported, // well formed, and not offered here or there
    Criteria,    // search criteria that cannot be used
    Path,        // a path that leads nowhere or cannot be edited
    Value,       // a value that a field cannot have
    Filter,      // a filter that is not understood
    Hidden,      // a part is hidden here, so the whole cannot be sent
    // Files
    Missing,     // there is no such file
    Unreadable,  // a file that cannot be read
    Special,     // a folder, pipe, device or socket in place of a file
    LineTooLong, // a line longer than is accepted
    Exists,      // a file is there already and is not overwritten
    Folder,      // a folder that cannot be made or used
    Write,       // a file or the output that cannot be written
    // Files of this program
    Foreign,           // not a session file
    Damaged,           // a session file or a state in it that cannot be read
    Older,             // made by an older version, which alone can read it
    Gone,              // was removed
    Database,          // what SQLite says of a file
    InterruptedChange, // SQLite was stopped within a change
    NeedsFolder,       // SQLite wants to make files beside it
    Transcript,        // a transcript that cannot be imported
    Panel,             // a panel definition that cannot be used
    Scenario,          // a scenario that cannot be used
    Expectation,       // expectations that cannot be used
    Settings,          // settings that cannot be read or kept
    // The way to a server
    NoServer,    // no server is named
    BadUrl,      // no address to connect to
    Insecure,    // a secret would travel unprotected
    CaFile,      // certificates that cannot be used
    Profile,     // a Medplum profile that cannot be used
    SecretFile,  // a file without a secret
    NoSecret,    // a client id without its secret
    BadToken,    // an access token that cannot be sent
    Login,       // the server wants another login
    Refused,     // the server refused
    Unreachable, // the server cannot be reached
    Timeout,     // no answer in time
    Tls,         // no protected connection
    Protocol,    // an answer that is no HTTP or WebSocket
    NoFhir,      // a server without FHIR
    // What was asked for
    Usage,        // a wrong command line
    Cancelled,    // given up by whoever asked
    NotFound,     // there is no such thing
    NotHeld,      // a resource that is not held here
    NotConnected, // the connection never came up
    Unanswered,   // an edit that did not end in time
    Conflict,     // an edit that asks for a decision
    Dropped,      // an edit that another version replaced
    NoDisplay,    // no window can be opened
    NoOpenGl,     // no picture can be drawn
    Screenshot,   // a picture that was not saved
    // The embedded server
    Listen,      // it cannot listen
    Address,     // no address to listen at
    PortBusy,    // another program listens there
    Certificate, // its certificate or key cannot be used
    NotStarted,  // it does not run
    Fault,       // there is no such fault
    // All else
    Failed, // it is said by the message alone
};
std::string_view to_string(ErrorCode code);
constexpr std::size_t error_codes = static_cast<std::size_t>(ErrorCode::Failed) + 1;

// What went wrong with something from outside. `message` says what happened and to what, in a form that a person can
// act on; `offset` is a byte position in the text read, if any.
struct Error {
    ErrorCode code = ErrorCode::Failed;
    std::string message;
    std::size_t offset = 0;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::size_t offset = 0) {
    return tl::unexpected<Error>(Error{code, std::move(message), offset});
}

} // namespace fhirscope
