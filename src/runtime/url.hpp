#pragma once
// Absolute URLs of http, https, ws and wss, taken apart for connecting.

#include "fhir/result.hpp"

#include <string>
#include <string_view>

namespace fhirscope::runtime {

struct Url {
    std::string scheme; // "http", "https", "ws", "wss"
    std::string host;   // a name or an address, IPv6 without its brackets
    std::string port;   // digits, the scheme's own where none is given
    std::string target; // path and query, at least "/"; what may not stand in a request line is percent-encoded

    bool secure() const { return scheme == "https" || scheme == "wss"; }
    std::string authority() const; // "host", "host:8103", "[::1]:8103": as in a Host header
    std::string origin() const { return scheme + "://" + authority(); }
    std::string text() const { return origin() + target; }
    bool same_origin(const Url& other) const { return origin() == other.origin(); }
    // Same host, port and protection, http and ws counting as one.
    bool same_server(const Url& other) const {
        return host == other.host && port == other.port && secure() == other.secure();
    }
};

// Errors: BadUrl, saying what is wrong with it.
Result<Url> parse_url(std::string_view text);
// A reference relative to `base` (which ends in a slash), or an absolute URL. Errors: BadUrl.
Result<Url> resolve_url(std::string_view base, std::string_view reference);

// Where a Location header of an answer from `from` leads (RFC 3986, 5.2, without "." and ".."). Errors: BadUrl.
Result<Url> resolve_location(const Url& from, std::string_view location);

// application/x-www-form-urlencoded.
std::string form_encode(std::string_view text);

} // namespace fhirscope::runtime
