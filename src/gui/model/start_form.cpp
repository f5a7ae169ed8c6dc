#include "gui/model/start_form.hpp"

#include "fhir/criteria.hpp"
#include "gui/model/settings/settings_parts.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace fhirscope::gui {

namespace {

bool host_character(char ch) {
    return std::isalnum(static_cast<unsigned char>(ch)) != 0 || ch == '.' || ch == '-' || ch == '_' || ch == ':' ||
           ch == '[' || ch == ']';
}

std::string check_port(std::string_view text) {
    unsigned port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole && port >= 1 && port <= 65535 ? "" : "The port is a number from 1 to 65535";
}

// As runtime/transport.hpp has it: a name that only begins like this machine's is another machine's.
bool is_this_machine(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
    host = host.substr(0, host.find(':'));
    const bool numeric =
        std::all_of(host.begin(), host.end(), [](unsigned char ch) { return std::isdigit(ch) != 0 || ch == '.'; });
    return host == "localhost" || host.ends_with(".localhost") || (numeric && host.starts_with("127."));
}

bool has_space(std::string_view text) {
    return std::any_of(
        text.begin(), text.end(), [](unsigned char ch) { return std::isspace(ch) != 0; });
}

} // namespace

std::string check_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos || (url.substr(0, scheme) != "https" && url.substr(0, scheme) != "http"))
        return "Begins with https:// or http://";
    if (has_space(url)) return "Has a space";
    const std::string_view rest = url.substr(scheme + 3);
    std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    if (host.find('@') != std::string_view::npos) return "User and password do not belong here";
    if (rest.find_first_of("?#") != std::string_view::npos) return "Ends before the ? or #";
    // In [::1]:8080 the port is behind the bracket.
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        if (std::string problem = check_port(host.substr(colon + 1)); !problem.empty()) return problem;
        host = host.substr(0, colon);
    }
    if (host.empty()) return "Has no host";
    if (!std::all_of(host.begin(), host.end(), host_character)) return "The host has a character that none can have";
    return {};
}

FormCheck check_form(const ConnectForm& form, const StartInfo& info) {
    FormCheck check;
    const auto missing = [&](std::string_view what) { check.missing = check.missing.empty() ? what : check.missing; };
    if (!form.url.empty())
        check.url = check_url(form.url);
    else if (form.login != Login::Profile)
        missing("a base URL");
    if (form.login == Login::Environment || form.login == Login::Typed) {
        if (form.client_id.empty())
            missing("a client id");
        else if (has_space(form.client_id))
            check.client_id = "Has a space";
    }
    if (form.login == Login::Environment && !info.secret_in_environment)
        check.secret = "MEDPLUM_CLIENT_SECRET is not set";
    if (form.login == Login::Typed && form.secret.empty()) missing("the secret");
    const bool sends_secret = form.login == Login::Environment ? info.secret_in_environment
                                                               : form.login == Login::Typed && !form.secret.empty();
    if (sends_secret && !info.insecure_http && form.url.starts_with("http://") && check.url.empty()) {
        const std::string_view rest = std::string_view(form.url).substr(7);
        if (!is_this_machine(rest.substr(0, rest.find('/')))) check.secret = "Would travel unencrypted: use https://";
    }
    if (form.login == Login::Profile) {
        if (form.profile.empty())
            missing("a profile");
        else if (std::find(info.profiles.begin(), info.profiles.end(), form.profile) == info.profiles.end())
            check.profile = "There is no ~/.medplum/" + form.profile + ".json";
    }
    bool any = false;
    for (const CriteriaRow& row : form.criteria) {
        std::string problem;
        if (row.on) {
            any = true;
            if (row.criteria.empty())
                missing("criteria");
            else if (const auto parsed = fhir::Criteria::parse(row.criteria); !parsed)
                problem = parsed.error().message;
            else if (!row.type.empty() && parsed->type() != row.type)
                problem = "Begins with " + row.type;
        }
        check.criteria.push_back(std::move(problem));
    }
    if (!any) missing("criteria");
    const bool wrong = !check.url.empty() || !check.client_id.empty() || !check.secret.empty() ||
                       !check.profile.empty() ||
                       std::any_of(check.criteria.begin(), check.criteria.end(),
                                   [](const std::string& problem) { return !problem.empty(); });
    check.ready = !wrong && check.missing.empty();
    return check;
}

std::string check_seed(std::string_view text, std::uint64_t& seed) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return "A whole number";
    seed = value;
    return {};
}

ConnectForm form_of(const ConnectSettings& settings, const StartInfo& info) {
    ConnectForm form;
    form.url = settings.url.empty() ? info.url_in_environment : settings.url;
    form.client_id = settings.client_id.empty() ? info.client_in_environment : settings.client_id;
    form.profile = settings.profile;
    if (form.profile.empty() && !info.profiles.empty()) form.profile = info.profiles.front();
    form.login = settings.login;
    form.criteria = info.criteria;
    form.record = settings.record;
    return form;
}

ConnectSettings settings_of(const ConnectForm& form) {
    return {without_secrets(form.url), form.login, form.client_id, form.profile, form.record};
}

OpenServer request_of(const ConnectForm& form) {
    OpenServer request;
    request.url = form.url;
    request.login = form.login;
    request.client_id = form.client_id;
    request.profile = form.profile;
    request.record = form.record;
    if (form.login == Login::Typed) {
        auto* secret = new std::string;
        request.secret = SecretText(secret, [secret](const std::string*) {
            wipe(*secret);
            delete secret;
        });
        secret->reserve(64); // on the heap, where wiping reaches it
        *secret += form.secret;
    }
    std::copy_if(form.criteria.begin(), form.criteria.end(), std::back_inserter(request.criteria),
                 [](const CriteriaRow& row) { return row.on; });
    return request;
}

void wipe(std::string& secret) {
    secret.resize(secret.capacity());
    volatile char* byte = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) byte[i] = 0;
    secret.clear();
}

} // namespace fhirscope::gui
