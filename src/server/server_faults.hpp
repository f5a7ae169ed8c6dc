#pragma once
// Trouble by name: for `fhirscope serve --fault`, and for other programs by POST /$NAME (see EmbeddedServer::cause).

#include "fhir/result.hpp"
#include "server/http.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace fhirscope::server {

class EmbeddedServer;

struct ServerFault {
    std::string_view name;
    std::string_view value; // what it takes, for people; "" when nothing, in brackets when it may be left out
    std::string_view about;
    // `undo`: puts it right; only of those that can be.
    Result<void> (*apply)(EmbeddedServer& server, std::string_view value, bool undo);
    bool can_be_undone = false;
};
std::span<const ServerFault> server_faults();
// nullptr: there is none of this name.
const ServerFault* find_server_fault(std::string_view name);

struct FaultOrder {
    std::string name, value;
    std::chrono::milliseconds after{0}, lasts{0}; // lasts 0: not undone by itself
};
// "NAME", "NAME=VALUE", "NAME@SECONDS", "NAME=VALUE@FROM-TO": from and to count from the server's start.
// Errors: Fault, with the names that exist.
Result<FaultOrder> parse_fault_order(std::string_view text);
// The same from the query of POST /$NAME: value, after (seconds), seconds (that it lasts).
Result<FaultOrder> fault_order_of(std::string_view name, const Parameters& parameters);

} // namespace fhirscope::server
