#pragma once
// What looks like a secret, whoever's it is. For secret_finder.cpp only.

#include "session/text_layers.hpp"

#include <functional>
#include <string_view>

namespace fhirscope::session {

// Kinds are "jwt", "access-token" and so on.
using ShapeFound = std::function<void(TextRange, std::string_view kind)>;

// header.payload.signature, the signature perhaps empty.
void find_jwts(std::string_view text, const ShapeFound& found);
// The values of JSON members and form fields that are named for secrets: "access_token":"…", client_secret=….
void find_named_secrets(const TextLayers& layers, std::size_t layer, const ShapeFound& found);
// The values of Parameters' parameters named "token" (PROTOCOL A9), as they stand in JSON strings.
void find_binding_tokens(const TextLayers& layers, const std::function<void(TextRange)>& found);

} // namespace fhirscope::session
