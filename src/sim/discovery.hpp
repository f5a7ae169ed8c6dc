#pragma once
// Documents by which clients find out what a server is; the same for every client.

#include <string>
#include <string_view>

namespace fhirscope::sim {

std::string capability_statement(std::string_view base_url, std::string_view date);
std::string smart_configuration(std::string_view base_url);
std::string openid_configuration(std::string_view base_url);
std::string health(); // /healthcheck

} // namespace fhirscope::sim
