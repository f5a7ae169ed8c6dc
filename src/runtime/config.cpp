#include "runtime/config.hpp"

#include "fhir/ascii.hpp"
#include "fhir/json.hpp"
#include "files/regular_file.hpp"
#include "runtime/transport.hpp"
#include "runtime/url.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace fhirscope::runtime {
namespace {

// Profiles, secrets, certificates of authorities: a system's whole list of these has 200 KB.
constexpr std::uint64_t largest_config_file = 1u << 20;

// One source of settings.
struct Settings {
    std::string base_url, fhir_path, token_url, client_id;
    SecretPtr client_secret, access_token;
    bool logged_in = false; // access_token is of a person's login

    bool has_credentials() const { return !client_id.empty() || client_secret || access_token; }
    void drop_credentials() {
        client_id.clear();
        client_secret.reset();
        access_token.reset();
    }
};

// Without the line break at its end that an editor or a shell leaves.
SecretPtr secret_of(std::string_view value) {
    value = value.substr(0, value.find_last_not_of("\r\n") + 1);
    return value.empty() ? nullptr : make_secret(value);
}

// "activeLogin": what Medplum's command line keeps of a person's own login, as JSON in a text. Its refresh token is
// left alone: it is good for one use, and that is the command line's. Null: there is none.
Result<SecretPtr> read_login(const rapidjson::Value& document) {
    const auto member = document.FindMember("activeLogin");
    if (member == document.MemberEnd() || member->value.IsNull()) return nullptr;
    Result<rapidjson::Document> inner = rapidjson::Document();
    const rapidjson::Value* login = &member->value;
    if (login->IsString()) {
        inner = fhir::parse_json({login->GetString(), login->GetStringLength()});
        if (!inner) return fail(ErrorCode::Profile, "its “activeLogin” cannot be read: " + inner.error().message);
        login = &*inner;
    }
    return login->IsObject() ? secret_of(fhir::string_at(*login, "accessToken")) : nullptr; // null: logged out
}

// Medplum's command line keeps a map from names to texts; the profile is the JSON text under "options". Files written
// by hand may hold the members directly.
Result<Settings> read_profile(const std::filesystem::path& path) {
    auto text = files::read_whole(path, largest_config_file);
    if (!text) return fail(ErrorCode::Profile, text.error().message);
    const auto malformed = [&](const std::string& why, std::size_t offset = 0) {
        return fail(ErrorCode::Profile, path.string() + " is not a Medplum profile: " + why, offset);
    };
    auto document = fhir::parse_json(*text);
    wipe(*text);
    if (!document) return malformed(document.error().message, document.error().offset);
    if (!document->IsObject()) return malformed("it holds no JSON object.");

    rapidjson::Value* options = &*document;
    Result<rapidjson::Document> inner = rapidjson::Document();
    if (const auto member = document->FindMember("options"); member != document->MemberEnd()) {
        options = &member->value;
        if (options->IsString()) {
            inner = fhir::parse_json({options->GetString(), options->GetStringLength()});
            if (!inner) return malformed("its “options” cannot be read: " + inner.error().message);
            options = &*inner;
        }
        if (!options->IsObject()) return malformed("its “options” is not a JSON object.");
    }
    for (const char* name : {"baseUrl", "fhirUrlPath", "tokenUrl", "clientId", "clientSecret", "accessToken"}) {
        const auto member = options->FindMember(name);
        if (member != options->MemberEnd() && !member->value.IsString())
            return malformed("“" + std::string(name) + "” is not a text.");
    }
    const auto get = [&](const char* name) { return std::string(fhir::string_at(*options, name)); };
    Settings settings{get("baseUrl"), get("fhirUrlPath"), get("tokenUrl"), get("clientId"), nullptr, nullptr};
    settings.client_secret = secret_of(fhir::string_at(*options, "clientSecret"));
    settings.access_token = secret_of(fhir::string_at(*options, "accessToken"));
    if (!settings.has_credentials()) {
        auto login = read_login(*document);
        if (!login) return malformed(login.error().message);
        settings.access_token = std::move(*login);
        // Where a person logs in with Medplum's command line without naming a server, it is this one.
        if (settings.access_token && settings.base_url.empty()) settings.base_url = "https://api.medplum.com/";
        settings.logged_in = settings.access_token != nullptr;
    }
    return settings;
}

Settings read_environment(const Surroundings& around) {
    const auto get = [&](const char* name) { return around.environment(name).value_or(""); };
    Settings settings{get("MEDPLUM_BASE_URL"),
                      get("MEDPLUM_FHIR_URL_PATH"),
                      get("MEDPLUM_TOKEN_URL"),
                      get("MEDPLUM_CLIENT_ID"),
                      nullptr,
                      nullptr};
    settings.client_secret = secret_of(get("MEDPLUM_CLIENT_SECRET"));
    settings.access_token = secret_of(get("MEDPLUM_CLIENT_ACCESS_TOKEN"));
    return settings;
}

std::string with_slash(std::string text) {
    if (!text.empty() && text.back() != '/') text.push_back('/');
    return text;
}

// Where servers have their FHIR base: Medplum and many after it, HAPI, public test servers, the root.
constexpr std::string_view usual_paths[] = {"fhir/R4/", "",          "fhir/",   "baseR4/",
                                            "fhir/R5/", "fhir/R4B/", "baseR5/", "r4/"};

bool ends_with_in_any_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && fhir::equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

// People paste the FHIR address as often as the server's. Returns the FHIR path cut off, or "".
std::string cut_fhir_path(std::string& base) {
    for (const std::string_view path :
         {"fhir/R4/", "fhir/R4B/", "fhir/R5/", "fhir/", "baseR4/", "baseR4B/", "baseR5/"}) {
        if (!ends_with_in_any_case(base, "/" + std::string(path))) continue;
        std::string cut = base.substr(base.size() - path.size());
        base.resize(base.size() - path.size());
        return cut;
    }
    return "";
}

// Those that may be meant where nobody said it, the likeliest first.
std::vector<std::string> likely_paths(const std::string& cut, bool has_own_path) {
    if (!cut.empty()) return cut.ends_with("fhir/") ? std::vector{cut, cut + "R4/", cut + "R5/"} : std::vector{cut};
    std::vector<std::string> paths;
    if (has_own_path) paths.emplace_back(); // "http://h/my/server/": it may be the whole address
    for (const std::string_view path : usual_paths)
        if (!has_own_path || !path.empty()) paths.emplace_back(path);
    return paths;
}

// Leaves out credentials that were kept for another server.
void keep_for_own_server(Settings& settings, const Url& server, const std::string& from,
                         std::vector<std::string>& notes) {
    if (settings.base_url.empty() || !settings.has_credentials()) return;
    const auto own = parse_url(settings.base_url);
    if (own && own->same_server(server)) return;
    settings.drop_credentials();
    settings.token_url.clear();
    notes.push_back("The credentials of " + from + " are for " + (own ? own->origin() : settings.base_url) +
                    ", so they are not sent to " + server.origin() + ".");
}

} // namespace

Result<SecretPtr> read_secret_file(const std::string& name, std::vector<std::string>& notes) {
    auto file = files::RegularFile::open(name, largest_config_file);
    if (!file) return fail(ErrorCode::SecretFile, file.error().message);
    auto text = file->read_rest();
    if (!text) return fail(ErrorCode::SecretFile, text.error().message);
    const std::size_t end = text->find_first_of("\r\n");
    SecretPtr secret = secret_of(std::string_view(*text).substr(0, end));
    wipe(*text);
    if (!secret)
        return fail(ErrorCode::SecretFile, "The first line of " + name + " is empty; it should be the client secret.");
    if (file->others_may_read())
        notes.push_back("Other users of this machine can read " + name + "; chmod 600 would prevent it.");
    return secret;
}

Surroundings Surroundings::of_process() {
    Surroundings around;
    around.environment = [](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
    around.home = around.environment("HOME").value_or("");
    return around;
}

Result<Connection> configure(const ConnectionFlags& flags, const Surroundings& around) {
    Connection connection;
    Settings flag{flags.base_url, flags.fhir_path, flags.token_url, flags.client_id, nullptr, nullptr};
    if (!flags.client_secret_file.empty()) {
        auto secret = read_secret_file(flags.client_secret_file, connection.notes);
        if (!secret) return tl::unexpected(secret.error());
        flag.client_secret = *secret;
    }

    const std::string name = flags.profile.empty() ? "default" : flags.profile;
    if (name.find('/') != std::string::npos || name.starts_with('.'))
        return fail(ErrorCode::Profile,
                    "“" + name + "” is not a profile's name; give the part before .json in ~/.medplum.");
    const std::filesystem::path path = around.home / ".medplum" / (name + ".json");
    Settings profile;
    std::error_code error;
    if (!flags.profile.empty() || std::filesystem::exists(path, error)) {
        auto read = read_profile(path);
        if (!read) return tl::unexpected(read.error());
        profile = std::move(*read);
    }
    Settings environment = read_environment(around);

    const auto first = [](const auto&... values) {
        std::string out;
        ((out = out.empty() ? values : out), ...);
        return out;
    };
    connection.base_url = first(flag.base_url, profile.base_url, environment.base_url);
    if (connection.base_url.empty())
        return fail(ErrorCode::NoServer,
                    "No server is named. Give its address (https://…), a --profile, or MEDPLUM_BASE_URL.");
    auto server = parse_url(connection.base_url);
    if (!server) return tl::unexpected(server.error());
    if (server->scheme.starts_with("ws")) server->scheme.replace(0, 2, "http");
    if (server->target.find('?') != std::string::npos)
        return fail(ErrorCode::BadUrl,
                    "“" + connection.base_url + "” has a query; give the server's address without it.");
    connection.base_url = with_slash(server->text());
    // Said by hand it goes behind the address as it is. What a profile or the environment says is of their own server.
    const std::string cut = flag.fhir_path.empty() ? cut_fhir_path(connection.base_url) : "";

    if (flags.profile.empty()) keep_for_own_server(profile, *server, path.string(), connection.notes);
    keep_for_own_server(environment, *server, "the environment", connection.notes);

    std::string said = first(flag.fhir_path, cut.empty() ? first(profile.fhir_path, environment.fhir_path) : "");
    if (said.find_first_of("?#") != std::string::npos || has_control_character(said))
        return fail(ErrorCode::BadUrl,
                    "“" + said + "” is no path of a FHIR base; it should look like fhir/R4, or / for the root.");
    if (!said.empty()) {
        said = with_slash(std::move(said));
        connection.fhir_path = said.substr(std::min(said.find_first_not_of('/'), said.size()));
    } else {
        connection.other_fhir_paths = likely_paths(cut, parse_url(connection.base_url)->target != "/");
        connection.fhir_path = connection.other_fhir_paths.front();
        connection.other_fhir_paths.erase(connection.other_fhir_paths.begin());
    }
    auto token_url = resolve_url(connection.base_url, first(flag.token_url, profile.token_url, environment.token_url,
                                                            std::string("oauth2/token")));
    if (!token_url) return tl::unexpected(token_url.error());
    connection.token_url = token_url->text();

    connection.client_id = first(flag.client_id, profile.client_id, environment.client_id);
    for (const Settings* settings : {&flag, &profile, &environment}) {
        if (!connection.client_secret) connection.client_secret = settings->client_secret;
        if (!connection.access_token) connection.access_token = settings->access_token;
    }
    if (!connection.client_id.empty() && !connection.client_secret)
        return fail(ErrorCode::NoSecret,
                    "There is no secret for the client id " + connection.client_id +
                        ". Set MEDPLUM_CLIENT_SECRET, or name a file that holds it with --client-secret-file.");
    if (connection.client_id.empty()) connection.client_secret.reset();
    if (!connection.client_id.empty()) connection.access_token.reset();
    if (connection.access_token && has_control_character(connection.access_token->expose()))
        return fail(ErrorCode::BadToken,
                    "The access token (MEDPLUM_CLIENT_ACCESS_TOKEN, or accessToken of the profile) has a "
                    "line break or another control character inside. Copy it anew.");

    connection.insecure_http = flags.insecure_http;
    auto transport = check_transport(connection);
    if (!transport) return tl::unexpected(transport.error());
    if (!transport->empty()) connection.notes.push_back(std::move(*transport));

    connection.ca_file = flags.ca_file;
    if (!connection.ca_file.empty()) {
        const auto authorities = files::read_whole(connection.ca_file, largest_config_file);
        if (!authorities) return fail(ErrorCode::CaFile, authorities.error().message);
        if (authorities->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
            return fail(ErrorCode::CaFile,
                        connection.ca_file + " holds no certificate in PEM form (“-----BEGIN CERTIFICATE-----”).");
    }
    return connection;
}

} // namespace fhirscope::runtime
