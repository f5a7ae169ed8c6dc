#pragma once
// Access tokens by OAuth client credentials (PROTOCOL A1). Medplum gives no refresh token for them: one asks again.

#include "fhir/json.hpp"
#include "runtime/net.hpp"
#include "runtime/vault.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace fhirscope::runtime {

struct TokenSourceOptions {
    Url token_url;
    std::string client_id; // "": only the token given, if any
    SecretPtr client_secret;
    SecretPtr access_token; // from elsewhere; cannot be renewed
    std::chrono::milliseconds timeout{15'000};
};

// Thread safety: the network thread alone.
class TokenSource {
public:
    using Clock = std::chrono::steady_clock;
    using Send = std::function<void(HttpRequest, HttpDone)>;
    using Done = std::function<void(NetResult<SecretPtr>)>; // null: no authorization is wanted

    // Renewed when so much of its life is left, or a quarter of a short life.
    static constexpr std::chrono::minutes renew_before{5};
    // A login that failed is not repeated sooner: Medplum allows 160 a minute (PROTOCOL A6).
    static constexpr std::chrono::seconds pause_after_failure{5};

    TokenSource(TokenSourceOptions options, Vault& vault, Send send,
                std::function<Clock::time_point()> now = &Clock::now);

    // At once where the token is good for a while yet; else after a login, which all who ask meanwhile share.
    // Errors: Failure::Login where the server refuses id or secret; what the network says otherwise.
    void get(Done done);
    // The server did not take this token (401): the next get() logs in anew.
    void refused(const SecretPtr& token);

    bool can_renew() const { return !options_.client_id.empty(); }
    // "ClientApplication/0b1c…", of the last login.
    const std::string& profile() const { return profile_; }
    // What the last login was granted; "" where the server did not say.
    const std::string& scopes() const { return scopes_; }

private:
    void log_in();
    void finish(NetResult<HttpResponse> answer);
    NetResult<SecretPtr> read(HttpResponse answer);

    // Hides what the answer gives. False: there have been too many tokens.
    bool hide(std::string_view access_token, const rapidjson::Value& answer);

    const TokenSourceOptions options_;
    Vault& vault_;
    const Send send_;
    const std::function<Clock::time_point()> now_;
    SecretPtr token_;
    Clock::time_point renew_at_{}, expires_at_{}, try_again_at_{};
    NetError last_failure_;
    std::string profile_, scopes_;
    bool is_hidden_ = true;     // what was given; else nothing is sent
    std::vector<Done> waiting_; // not empty: a login is under way
};

} // namespace fhirscope::runtime
