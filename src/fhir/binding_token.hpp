#pragma once
// The answer to $get-ws-binding-token: which token, for which socket, and how long.

#include "fhir/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

struct BindingToken {
    std::string token, url;            // url: "" where there is none
    std::optional<ServerTime> expires; // the parameter `expiration`
};

// Null: no Parameters with a token.
std::optional<BindingToken> parse_binding_token(std::string_view body);

// When the token itself ends: a JWT's `exp`, which is what a server goes by. Medplum's is up to a second earlier than
// its `expiration` (PROTOCOL A14), other servers' can be much earlier. Null: it is no JWT, or does not say.
std::optional<ServerTime> token_end(std::string_view token);
// The same of the token in an answer to $get-ws-binding-token.
std::optional<ServerTime> binding_end(std::string_view body);

} // namespace fhirscope::fhir
