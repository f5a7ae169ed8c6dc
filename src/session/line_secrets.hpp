#pragma once
// What a line of a transcript uses as a secret, wherever the transcript says that it is one.

#include <rapidjson/document.h>

#include <functional>
#include <string_view>

namespace fhirscope::session {

// The token or the credentials of an Authorization header, also as Basic hides them, and the token that a socket is
// bound with. `line` is an object.
void each_secret_used(const rapidjson::Value& line, const std::function<void(std::string_view)>& visit);

} // namespace fhirscope::session
