#pragma once
// What the scopes of a login allow.

#include <string_view>

namespace fhirscope::runtime {

// Whether SMART scopes (versions 1 and 2, separated by spaces) allow resources of this type to be updated. Where none
// of them is about resources, the server's own policy alone decides, and this is true (PROTOCOL D4).
bool may_update(std::string_view scopes, std::string_view type);

} // namespace fhirscope::runtime
