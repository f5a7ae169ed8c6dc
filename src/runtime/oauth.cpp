#include "runtime/oauth.hpp"

#include "fhir/json.hpp"
#include "runtime/transport.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace fhirscope::runtime {
namespace {

constexpr std::int64_t default_lifetime_seconds = 3'600;

// "error_description" of OAuth, or the text of an OperationOutcome, or what there is.
std::string explanation(const rapidjson::Document* body, unsigned status) {
    if (body && body->IsObject()) {
        for (const char* name : {"error_description", "error"})
            if (const auto text = fhir::string_at(*body, name); !text.empty()) return std::string(text);
        const auto issue = body->FindMember("issue");
        if (issue != body->MemberEnd() && issue->value.IsArray() && !issue->value.Empty() &&
            issue->value[0].IsObject()) {
            const auto details = issue->value[0].FindMember("details");
            if (details != issue->value[0].MemberEnd())
                if (const auto text = fhir::string_at(details->value, "text"); !text.empty()) return std::string(text);
        }
    }
    return "HTTP " + std::to_string(status);
}

} // namespace

TokenSource::TokenSource(TokenSourceOptions options, Vault& vault, Send send, std::function<Clock::time_point()> now)
    : options_(std::move(options)), vault_(vault), send_(std::move(send)), now_(std::move(now)) {
    if (options_.client_secret) is_hidden_ &= vault_.protect("client-secret", *options_.client_secret);
    if (options_.access_token) is_hidden_ &= vault_.protect("access-token", *options_.access_token);
}

void TokenSource::get(Done done) {
    if (!is_hidden_)
        return done(tl::unexpected(NetError{engine::Failure::Login,
                                            "The client secret or token is longer than 64 KB. Is it the right file?"}));
    if (!can_renew()) return done(options_.access_token);
    const auto now = now_();
    if (token_ && now < renew_at_) return done(token_);
    if (waiting_.empty() && now < try_again_at_) {
        if (token_ && now < expires_at_) return done(token_);
        return done(tl::unexpected(last_failure_));
    }
    waiting_.push_back(std::move(done));
    if (waiting_.size() == 1) log_in();
}

void TokenSource::refused(const SecretPtr& token) {
    if (token_ == token) token_.reset();
}

void TokenSource::log_in() {
    HttpRequest request;
    request.method = "POST";
    request.url = options_.token_url;
    request.timeout = options_.timeout;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    std::string form = "grant_type=client_credentials&client_id=" + form_encode(options_.client_id) + "&client_secret=";
    std::string encoded = form_encode(options_.client_secret->expose());
    form.reserve(form.size() + encoded.size()); // or growing would leave copies
    form += encoded;
    wipe(encoded);
    request.secret_body = std::make_shared<const Secret>(Secret::take(form));
    send_(std::move(request), [this](NetResult<HttpResponse> answer) { finish(std::move(answer)); });
}

void TokenSource::finish(NetResult<HttpResponse> answer) {
    NetResult<SecretPtr> result = answer ? read(std::move(*answer)) : tl::unexpected(answer.error());
    if (result) {
        token_ = *result;
        spdlog::info("logged in at {}{}{}", options_.token_url.origin(), profile_.empty() ? "" : " as ", profile_);
    } else {
        result.error().message = vault_.redact_message(std::move(result.error().message));
        last_failure_ = result.error();
        try_again_at_ = now_() + pause_after_failure;
        spdlog::warn("login failed: {}", last_failure_.message);
        if (token_ && now_() < expires_at_) result = token_; // it can still be used
    }
    // Whoever asks again from within its call joins the next login, if there is one.
    for (const Done& done : std::exchange(waiting_, {})) done(result);
}

NetResult<SecretPtr> TokenSource::read(HttpResponse answer) {
    const auto refuse = [&](engine::Failure failure, std::string message) {
        return tl::unexpected(NetError{failure, std::move(message)});
    };
    auto body = fhir::parse_json(answer.body);
    wipe(answer.body);
    std::string why = explanation(body ? &*body : nullptr, answer.status);
    if (answer.status >= 300 && answer.status < 400 && !answer.location.empty())
        why += ", which leads to " + answer.location.substr(0, 200) + " and is not followed";
    const std::string at = options_.token_url.text();
    if (answer.status == 400 || answer.status == 401 || answer.status == 403)
        return refuse(engine::Failure::Login, "The server refused the client id or secret (" + why +
                                                  "). Check both; they were sent to " + at + ".");
    if (answer.status == 429 || answer.status >= 500)
        return refuse(engine::Failure::Unreachable,
                      "The server cannot log anyone in just now (" + why + " at " + at + ").");
    if (answer.status != 200)
        return refuse(engine::Failure::Protocol, "There is no login at " + at + " (" + why +
                                                     "). Is that the server? --token-url names another place for it.");
    const std::string_view token = body ? fhir::string_at(*body, "access_token") : std::string_view();
    if (token.empty())
        return refuse(engine::Failure::Protocol,
                      "The answer of " + at + " holds no access token" +
                          (body ? "." : " (it is not JSON). Is that the server, or a page in front of it?"));
    if (has_control_character(token)) // in a header it would be another header, or another request
        return refuse(engine::Failure::Protocol,
                      "The answer of " + at +
                          " holds an access token with a line break or another control character; it is not used.");

    const auto lifetime = body->FindMember("expires_in");
    const bool told = lifetime != body->MemberEnd() && lifetime->value.IsInt64() && lifetime->value.GetInt64() > 0;
    constexpr std::int64_t year = 365 * 86'400;
    const std::chrono::milliseconds life =
        std::chrono::seconds(told ? std::min(lifetime->value.GetInt64(), year) : default_lifetime_seconds);
    const auto now = now_();
    expires_at_ = now + life;
    renew_at_ = expires_at_ - std::min<std::chrono::milliseconds>(renew_before, life / 4);
    if (!hide(token, *body))
        return refuse(engine::Failure::Login,
                      "This session has been given more access tokens, or longer ones, than can "
                      "be kept out of what it records. Connect anew.");
    if (const auto profile = body->FindMember("profile"); profile != body->MemberEnd())
        profile_ = vault_.redact_message(std::string(fhir::string_at(profile->value, "reference")));
    scopes_ = vault_.redact_message(std::string(fhir::string_at(*body, "scope")));
    return make_secret(token);
}

bool TokenSource::hide(std::string_view access_token, const rapidjson::Value& answer) {
    bool all = vault_.protect("access-token", Secret(access_token));
    for (const auto& [name, kind] : {std::pair("refresh_token", "refresh-token"), std::pair("id_token", "id-token")})
        if (const auto token = fhir::string_at(answer, name); !token.empty())
            all &= vault_.protect(kind, Secret(token));
    return all;
}

} // namespace fhirscope::runtime
