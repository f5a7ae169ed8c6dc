#pragma once
// Documents by which clients find out what a server is; the same for every client.

#include "fhir/notification.hpp"
#include "server/behaviour.hpp"

#include <string>
#include <string_view>

namespace fhirscope::server {

// Says what a client needs to tell the dialects apart (PROTOCOL H9): software, fhirVersion, topics, operations, and for
// HAPI the address of the socket.
std::string capability_statement(fhir::Dialect dialect, Behaviour behaviour, std::string_view base_url,
                                 std::string_view websocket_url, std::string_view date);
std::string smart_configuration(std::string_view base_url);
std::string openid_configuration(std::string_view base_url);
std::string health(Behaviour behaviour); // /healthcheck

} // namespace fhirscope::server
