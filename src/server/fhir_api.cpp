// The way in and out: limits, authentication, the documents outside of the FHIR base, headers. The interactions are in
// rest.cpp, batch.cpp and search.cpp.
#include "server/fhir_api.hpp"

#include "fhir/ascii.hpp"
#include "fhir/base64.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"
#include "server/discovery.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace fhirscope::server {

namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr std::string_view fhir_type = "application/fhir+json; charset=utf-8";

Response respond(int status, std::string_view content_type, std::string body) {
    Response response{status, {}, std::move(body)};
    response.headers.emplace_back("Content-Type", content_type);
    return response;
}

Response oauth_error(std::string_view description) {
    fhir::JsonWriter json;
    json.object().member("error", "invalid_request").member("error_description", description).end();
    return respond(400, json_type, json.take());
}

Response not_routed(const Request& request) {
    const auto path = request.method + " " + request.target.substr(0, request.target.find('?'));
    std::string escaped;
    for (char c : fhir::harmless(path))
        escaped += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return respond(
        404, "text/html; charset=utf-8",
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n"
        "<body>\n<pre>Cannot " +
            escaped + "</pre>\n</body>\n</html>\n");
}

std::string limit_header(std::string_view name, const Limiter::Charge& charge) {
    return "\"" + std::string(name) + "\";r=" + std::to_string(charge.remaining) +
           ";t=" + std::to_string((charge.reset.count() + 999) / 1000);
}

bool equal_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Credentials {
    std::string id, secret;
    bool given = false;
};

Credentials basic_credentials(std::string_view authorization) {
    if (!fhir::equal_ignoring_case(authorization.substr(0, 6), "Basic ")) return {};
    auto text = fhir::decode_base64(authorization.substr(6));
    auto colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) return {};
    return {text->substr(0, colon), text->substr(colon + 1), true};
}

} // namespace

std::string http_date(ServerTime time) {
    auto seconds = static_cast<std::time_t>(time.time_since_epoch().count() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
    // Not strftime: day and month names there follow the locale.
    return std::string(days[static_cast<std::size_t>(parts.tm_wday)]) + ", " + two(parts.tm_mday) + " " +
           months[static_cast<std::size_t>(parts.tm_mon)] + " " + std::to_string(1900 + parts.tm_year) + " " +
           two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT";
}

FhirApi::FhirApi(ApiOptions options, Project& project, Store& store, SubscriptionHub& hub, Tokens& tokens, Clock clock)
    : options_(std::move(options)),
      project_(project),
      store_(store),
      hub_(hub),
      tokens_(tokens),
      clock_(std::move(clock)),
      first_secret_(project.clients.front().secret),
      requests_(options_.request_quota),
      interactions_(options_.interaction_quota) {}

void FhirApi::fail_requests(unsigned count, int status) {
    failures_ = count;
    failure_status_ = status;
}

void FhirApi::fail_writes(unsigned count, int status, std::string text) {
    write_failures_ = count;
    write_failure_status_ = status;
    write_failure_text_ = std::move(text);
}

Author FhirApi::author(const Call& call) const { return {call.client->reference(), call.client->name}; }

const ClientApplication* FhirApi::client_of(std::string_view id, std::string_view secret) const {
    const auto* client = project_.find(id);
    return client && client->active && equal_secret(secret, client->secret) ? client : nullptr;
}

std::optional<Claims> FhirApi::authenticate(const Request& request) const {
    auto authorization = request.header("Authorization");
    if (fhir::equal_ignoring_case(authorization.substr(0, 7), "Bearer ")) {
        auto claims = tokens_.verify(authorization.substr(7), clock_());
        const auto* client = claims ? project_.find(claims->client_id) : nullptr;
        return client && client->active ? claims : std::nullopt;
    }
    auto basic = basic_credentials(authorization);
    const auto* client = basic.given ? client_of(basic.id, basic.secret) : nullptr;
    if (!client) return std::nullopt;
    return Claims{.client_id = client->id,
                  .login_id = {},
                  .profile = client->reference(),
                  .subscription_id = {},
                  .membership_id = {},
                  .issued = {},
                  .expires = ServerTime::max()};
}

bool FhirApi::knows_first_secret(const Request& request) const {
    auto basic = basic_credentials(request.header("Authorization"));
    return basic.given && basic.id == project_.clients.front().id && equal_secret(basic.secret, first_secret_);
}

Response FhirApi::token(const Request& request, const Limiter::Charge& requests) {
    auto with_rate = [&](Response response) {
        response.headers.emplace_back("RateLimit", limit_header("requests", requests));
        return response;
    };
    if (request.method != "POST") return with_rate(not_routed(request));
    if (!fhir::lower_ascii(request.header("Content-Type")).starts_with("application/x-www-form-urlencoded"))
        return with_rate(respond(400, "text/plain; charset=utf-8", "Unsupported content type"));
    auto form = Parameters::parse(request.body);
    auto grant = form.get("grant_type");
    if (grant.empty()) return with_rate(oauth_error("Missing grant_type"));
    if (grant != "client_credentials") return with_rate(oauth_error("Unsupported grant_type"));
    auto credentials = basic_credentials(request.header("Authorization"));
    if (!credentials.given) credentials = {form.get("client_id"), form.get("client_secret"), true};
    if (credentials.id.empty()) return with_rate(oauth_error("Missing client_id"));
    if (credentials.secret.empty()) return with_rate(oauth_error("Missing client_secret"));
    const auto* client = project_.find(credentials.id);
    if (!client || !client->active) return with_rate(oauth_error("Invalid client"));
    if (!client_of(credentials.id, credentials.secret)) return with_rate(oauth_error("Invalid secret"));

    auto now = clock_();
    auto login =
        tokens_.log_in(store_.random(), now, now + std::chrono::hours(24)); // a login lives a day, whatever its tokens
    auto start = issue_time(now, options_.token_lifetime);
    Claims claims{.client_id = client->id,
                  .login_id = login,
                  .profile = client->reference(),
                  .subscription_id = {},
                  .membership_id = {},
                  .issued = start,
                  .expires = start + options_.token_lifetime};
    const auto signed_token = tokens_.sign(claims);
    auto scope = form.get("scope").empty() ? std::string("openid") : form.get("scope");
    fhir::JsonWriter json;
    json.object()
        .member("token_type", "Bearer")
        .member("expires_in", (options_.token_lifetime.count() + 999) / 1000)
        .member("scope", scope)
        .member("id_token", signed_token)
        .member("access_token", signed_token);
    json.object("project").member("reference", "Project/" + store_.project()).end();
    json.object("profile").member("reference", client->reference()).member("display", client->name).end();
    json.member("smart_style_url", options_.base_url + "fhir/R4/.well-known/smart-styles.json")
        .member("need_patient_banner", false)
        .end();
    return with_rate(respond(200, json_type, json.take()));
}

std::string FhirApi::who_am_i(const Claims& who) const {
    const auto& client = *project_.find(who.client_id); // it logged in
    fhir::JsonWriter json;
    json.object();
    json.object("project")
        .member("resourceType", "Project")
        .member("id", store_.project())
        .member("name", "fhirscope")
        .member("strictMode", true)
        .end();
    json.object("membership").member("resourceType", "ProjectMembership").member("id", client.membership);
    json.object("user").member("reference", client.reference()).end();
    json.object("profile").member("reference", client.reference()).member("display", client.name).end();
    json.member("admin", false).end();
    json.object("profile")
        .member("resourceType", "ClientApplication")
        .member("id", client.id)
        .member("name", client.name)
        .end();
    json.raw("config", R"({"resourceType":"UserConfiguration","menu":[]})");
    json.object("accessPolicy").member("resourceType", "AccessPolicy").array("resource");
    client.policy.write_entries(json);
    json.end().end().end();
    return json.take();
}

// Every outcome of a request of its own says which request it was.
std::string FhirApi::traced(std::string_view outcome) {
    const auto request = store_.random().uuid(), trace = store_.random().uuid();
    fhir::JsonWriter json;
    json.object().members_of(outcome).array("extension").object();
    json.member("url", "https://medplum.com/fhir/StructureDefinition/tracing").array("extension");
    json.object().member("url", "requestId").member("valueId", request).end();
    json.object().member("url", "traceId").member("valueId", trace).end();
    json.end().end().end().end();
    return json.take();
}

Response FhirApi::handle(const Request& request) {
    auto now = clock_();
    auto charge = requests_.charge(request.peer, 1, now);
    auto answer = [&]() -> Response {
        auto rate = limit_header("requests", charge);
        auto json = [&](std::string body) {
            auto response = respond(200, json_type, std::move(body));
            response.headers.emplace_back("RateLimit", rate);
            return response;
        };
        if (!charge.allowed) {
            auto refused = outcomes::too_many_requests(charge.diagnostics);
            auto response = respond(429, json_type, std::move(refused.body));
            response.headers.emplace_back("RateLimit", rate);
            return response;
        }
        if (request.method == "OPTIONS") return {204, {}, {}};
        auto target = Target::parse(request.target);
        auto& path = target.segments;
        std::size_t base = !path.empty() && path[0] == "api" ? 1 : 0;
        auto at = [&](std::initializer_list<std::string_view> names) {
            return path.size() == base + names.size() &&
                   std::equal(names.begin(), names.end(), path.begin() + static_cast<std::ptrdiff_t>(base));
        };
        bool get = request.method == "GET";
        if (at({"oauth2", "token"})) return token(request, charge);
        if (get && at({})) return respond(200, "text/plain; charset=utf-8", "OK");
        if (get && at({"healthcheck"})) return json(health(options_.behaviour));
        if (get &&
            (at({".well-known", "smart-configuration"}) || at({"fhir", "R4", ".well-known", "smart-configuration"})))
            return json(smart_configuration(options_.base_url));
        if (get && at({".well-known", "openid-configuration"})) return json(openid_configuration(options_.base_url));
        if (get && at({".well-known", "jwks.json"})) return json(R"({"keys":[]})");
        if (get && at({"fhir", "R4", "metadata"}))
            return json(capability_statement(hub_.dialect(), options_.behaviour, options_.base_url,
                                             options_.websocket_url, fhir::format_instant(now)));
        if (get && at({"fhir", "R4", "$versions"})) return json(R"({"versions":["4.0"],"default":"4.0"})");
        if (get && at({"auth", "me"})) {
            const auto who = authenticate(request);
            if (!who) return finish(outcomes::unauthorized(), request, rate);
            return json(who_am_i(*who));
        }
        if (path.size() >= base + 2 && path[base] == "fhir" && path[base + 1] == "R4")
            return fhir_request(request, target, base + 2, charge);
        return not_routed(request);
    };
    auto response = answer();
    response.headers.emplace_back("Cache-Control", "no-store, no-cache, must-revalidate");
    response.headers.emplace_back("Date", http_date(now));
    add_cors(request, response);
    return response;
}

// As the Express middleware `cors` does it for Medplum: who may not call gets no Allow-Origin, and its browser refuses
// the answer to the page.
void FhirApi::add_cors(const Request& request, Response& response) const {
    const bool preflight = request.method == "OPTIONS";
    const auto origin = request.header("Origin");
    const bool allowed = !origin.empty() && std::any_of(
                                                options_.cors_origins.begin(), options_.cors_origins.end(),
                                                [&](const std::string& one) { return one == "*" || one == origin; });
    auto add = [&](std::string_view name, std::string_view value) { response.headers.emplace_back(name, value); };
    if (allowed) {
        add("Access-Control-Allow-Origin", origin);
        add("Access-Control-Allow-Credentials", "true");
    }
    if (allowed || preflight)
        add("Access-Control-Expose-Headers", newer() ? "Content-Location,ETag,Last-Modified,Location,RateLimit"
                                                     : "Content-Location,ETag,Last-Modified,Location");
    if (!preflight) return add("Vary", options_.cors_origins.empty() ? "Accept-Encoding" : "Origin, Accept-Encoding");
    add("Vary", "Origin, Access-Control-Request-Headers");
    if (!allowed) return;
    add("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    if (const auto wanted = request.header("Access-Control-Request-Headers"); !wanted.empty())
        add("Access-Control-Allow-Headers", wanted);
}

// A token's times are whole seconds, so its `exp` is up to a second before what the server calls its expiration
// (PROTOCOL A14); not so for the short lives of tests.
ServerTime FhirApi::issue_time(ServerTime now, std::chrono::milliseconds lifetime) {
    return lifetime.count() % 1000 == 0 ? ServerTime(std::chrono::floor<std::chrono::seconds>(now)) : now;
}

Response FhirApi::fhir_request(const Request& request, const Target& target, std::size_t base,
                               const Limiter::Charge& requests) {
    auto rate = limit_header("requests", requests);
    if (failures_ > 0) {
        --failures_;
        return finish(outcomes::of_status(failure_status_), request, rate);
    }
    auto who = authenticate(request);
    if (!who) return finish(outcomes::unauthorized(), request, rate);
    if (request.body_too_large)
        return finish(newer() ? outcomes::content_too_large() : outcomes::bad_request("File too large"), request, rate);
    Call call;
    call.method = request.method;
    call.path.assign(target.segments.begin() + static_cast<std::ptrdiff_t>(base), target.segments.end());
    call.query = target.query;
    call.body = request.body;
    call.content_type = fhir::lower_ascii(request.header("Content-Type"));
    call.if_match = request.header("If-Match");
    call.if_none_exist = request.header("If-None-Exist");
    call.extended = request.header("X-Medplum") == "extended";
    call.who = *who;
    call.client = project_.find(who->client_id);
    call.request = &request;
    last_charge_ = interactions_.charge(call.client->id, 0, clock_());
    auto reply = route(call);
    return finish(std::move(reply), request, rate + ", " + limit_header("fhirInteractions", last_charge_));
}

Response FhirApi::finish(Reply reply, const Request& request, std::string rate) {
    if (reply.outcome) reply.body = traced(reply.body);
    auto response = respond(reply.status, fhir_type, std::move(reply.body));
    if (!reply.version_id.empty()) {
        response.headers.emplace_back("ETag", "W/\"" + reply.version_id + "\"");
        response.headers.emplace_back("Last-Modified", http_date(reply.last_updated));
    }
    if (!reply.location.empty())
        response.headers.emplace_back("Location", options_.base_url + "fhir/R4/" + reply.location);
    if (!rate.empty()) response.headers.emplace_back("RateLimit", std::move(rate));
    if (newer() && reply.status == 401) {
        const auto authorization = request.header("Authorization");
        const bool basic = fhir::equal_ignoring_case(authorization.substr(0, 6), "Basic ");
        response.headers.emplace_back("WWW-Authenticate",
                                      std::string(basic ? "Basic" : "Bearer") + " realm=\"" + options_.base_url + "\"");
    }
    if (request.method == "HEAD" || (reply.status < 300 && request.header("Prefer") == "return=minimal"))
        response.body.clear();
    return response;
}

} // namespace fhirscope::server
