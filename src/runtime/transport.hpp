#pragma once
// What may travel how: nothing secret in clear without a word.

#include "fhir/result.hpp"
#include "runtime/config.hpp"

#include <string>
#include <string_view>

namespace fhirscope::runtime {

// Below a space, or DEL. In a header a line break would begin another header, or another request.
bool has_control_character(std::string_view text);

// A host that is this machine: "localhost", 127.0.0.0/8, ::1. A name that only begins like one ("127.evil.example") is
// not.
bool is_loopback(std::string_view host);

// Whether the connection's credentials may be sent as it says. Returns what a person should know, "" for nothing.
// Errors: Insecure: the login address of an https server is http; or a secret would travel unencrypted to another
// machine, and Connection::insecure_http does not allow that.
Result<std::string> check_transport(const Connection& connection);

} // namespace fhirscope::runtime
