#include "runtime/transport.hpp"

#include "runtime/url.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace fhirscope::runtime {

bool has_control_character(std::string_view text) {
    return std::any_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host.ends_with(".localhost")) return true; // RFC 6761
    const std::string text(host);
    in_addr four{};
    if (inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six{};
    if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

Result<std::string> check_transport(const Connection& connection) {
    const bool logs_in = !connection.client_id.empty();
    if (!logs_in && !connection.access_token) return "";
    const auto server = parse_url(connection.base_url);
    if (!server) return tl::unexpected(server.error());
    const auto login = resolve_url(connection.base_url, connection.token_url);
    if (!login) return tl::unexpected(login.error());
    if (logs_in && server->secure() && !login->secure())
        return fail(ErrorCode::Insecure,
                    "The login address " + login->origin() + " is not protected, while " + server->origin() +
                        " is: the client secret could be read on the way. Nothing was sent. Give an "
                        "https:// address (--token-url, MEDPLUM_TOKEN_URL, or tokenUrl of the profile).");
    const auto in_clear = [](const Url& url) { return !url.secure() && !is_loopback(url.host); };
    std::string what, where;
    if (logs_in && in_clear(*login)) {
        what = "The client secret and the tokens";
        where = login->authority();
    } else if (in_clear(*server)) {
        what = "The access token";
        where = server->authority();
    } else {
        return "";
    }
    if (!connection.insecure_http)
        return fail(ErrorCode::Insecure,
                    what + " would travel unencrypted to " + where +
                        ", readable by whoever is on the way. Nothing was sent. Use https://, or say "
                        "--insecure-http where that network is trusted.");
    return what + " travel unencrypted to " + where + ", readable by whoever is on the way (--insecure-http).";
}

} // namespace fhirscope::runtime
