#include "runtime/url.hpp"

#include "fhir/ascii.hpp"
#include "fhir/percent.hpp"

#include <algorithm>
#include <charconv>

namespace fhirscope::runtime {
namespace {

constexpr std::size_t max_url = 16'384;

// A line break here would let a link sent by a server add headers to our request.
std::string encode_target(std::string_view target) {
    std::string out;
    if (target.empty() || target.front() != '/') out.push_back('/');
    for (const char c : target) {
        const bool plain = c > ' ' && c < 0x7f && std::string_view("\"<>\\^`{}").find(c) == std::string_view::npos;
        plain ? out.push_back(c) : fhir::append_percent(out, c);
    }
    return out;
}

std::string_view default_port(std::string_view scheme) { return scheme == "https" || scheme == "wss" ? "443" : "80"; }

auto bad(std::string_view text, std::string_view why) {
    return fail(ErrorCode::BadUrl, "“" + std::string(text.substr(0, 200)) + "” is not an address to connect to: " +
                                       std::string(why) + ". It should look like https://api.medplum.com/.");
}

} // namespace

std::string Url::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != default_port(scheme)) out += ":" + port;
    return out;
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > max_url) return bad(text, "it is too long");
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return bad(text, "it does not begin with http:// or https://");
    Url url;
    url.scheme = fhir::lower_ascii(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss")
        return bad(text, "“" + url.scheme + "” is not http, https, ws or wss");

    const std::string_view rest = text.substr(colon + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    std::string_view target = rest.substr(authority.size());
    target = target.substr(0, target.find('#'));
    if (authority.find('@') != std::string_view::npos)
        return bad(rest.substr(rest.find('@') + 1), "a user or password may not stand in it");

    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return bad(text, "“[” is not closed");
        url.host = fhir::lower_ascii(authority.substr(1, close - 1));
        port = authority.substr(close + 1);
        if (!port.empty() && port.front() != ':') return bad(text, "something stands between “]” and the path");
        if (!port.empty()) port.remove_prefix(1);
    } else {
        const std::size_t at = authority.find(':');
        url.host = fhir::lower_ascii(authority.substr(0, at));
        if (at != std::string_view::npos) port = authority.substr(at + 1);
    }
    const auto odd = [](char c) {
        return c <= ' ' || c == 0x7f || std::string_view("\"<>\\^`{}|%").find(c) != std::string_view::npos;
    };
    if (url.host.empty()) return bad(text, "it names no host");
    if (std::any_of(url.host.begin(), url.host.end(), odd))
        return bad(text, "the host's name holds a character that no name has");

    unsigned number = 0;
    if (!port.empty()) {
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65'535)
            return bad(text, "“" + std::string(port) + "” is not a port (1 to 65535)");
    }
    url.port = port.empty() ? std::string(default_port(url.scheme)) : std::to_string(number);
    url.target = encode_target(target);
    return url;
}

Result<Url> resolve_url(std::string_view base, std::string_view reference) {
    const std::size_t colon = reference.find("://");
    // "://" later on belongs to a query ("Task?code=http://…").
    if (colon != std::string_view::npos && reference.find_first_of("/?#") > colon) return parse_url(reference);
    if (!reference.starts_with('/')) return parse_url(std::string(base) + std::string(reference));
    auto url = parse_url(base);
    if (url) url->target = encode_target(reference.substr(0, reference.find('#')));
    return url;
}

Result<Url> resolve_location(const Url& from, std::string_view location) {
    if (location.starts_with("//")) return parse_url(from.scheme + ":" + std::string(location));
    const std::string path = from.target.substr(0, from.target.find('?'));
    if (location.starts_with('?')) return parse_url(from.origin() + path + std::string(location));
    return resolve_url(from.origin() + path.substr(0, path.rfind('/') + 1), location);
}

std::string form_encode(std::string_view text) { return fhir::percent_encode(text); }

} // namespace fhirscope::runtime
