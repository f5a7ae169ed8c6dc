#pragma once
// Which Medplum the server behaves as: 5.0.10 (PROTOCOL A1 to A13) or 5.1.26 (A14). Both were seen; the other dialects
// of ServerOptions::dialect share what is not about subscriptions.

#include <cstdint>
#include <optional>
#include <string_view>

namespace fhirscope::server {

enum class Behaviour : std::uint8_t { Medplum50, Medplum51 };

Behaviour default_behaviour();                   // the newer one
std::string_view to_string(Behaviour behaviour); // "medplum-5.1"
std::optional<Behaviour> parse_behaviour(std::string_view name);

} // namespace fhirscope::server
