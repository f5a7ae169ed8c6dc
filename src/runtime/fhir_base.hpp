#pragma once
// Where a server has its FHIR base: the first address whose metadata is a CapabilityStatement (PROTOCOL H9).

#include "fhir/json.hpp"
#include "runtime/net.hpp"

#include <string>
#include <vector>

namespace fhirscope::runtime {

// A CapabilityStatement lists every resource type with every parameter.
inline constexpr fhir::Limits metadata_limits{.max_bytes = 64u << 20};

// What was found at one address.
struct Looked {
    std::string path; // of the FHIR base, below the server's address
    Url asked;
    NetResult<HttpResponse> answer;
};

enum class Base {
    Found,     // its metadata is a CapabilityStatement
    Elsewhere, // there is certainly no FHIR server here
    Unclear,   // it may be one: the network failed, a login is wanted, the server is in trouble
};
Base judge(const Looked& looked);

// The one to use of those that were looked at, all of them; null where each is certainly none. The first that is found,
// else the first that is unclear.
const Looked* choose_base(const std::vector<Looked>& looked);

// "http://h/fhir/R4/metadata: HTTP 404; http://h/metadata: HTTP 302, which leads to https://h/login".
std::string describe(const std::vector<Looked>& looked);

} // namespace fhirscope::runtime
