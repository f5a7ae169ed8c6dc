#pragma once
// What the server answers over HTTP: a request in, a response out, no socket (PROTOCOL A1 to A9, A13).

#include "server/http.hpp"
#include "server/limiter.hpp"
#include "server/outcome.hpp"
#include "server/project.hpp"
#include "server/search.hpp"
#include "server/store.hpp"
#include "server/subscriptions.hpp"
#include "server/tokens.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

using Clock = std::function<ServerTime()>;

struct ApiOptions {
    std::string base_url;      // "http://127.0.0.1:8103/"
    std::string websocket_url; // "ws://127.0.0.1:8103/ws/subscriptions-r4"
    Behaviour behaviour = default_behaviour();
    std::vector<std::string> cors_origins; // whose pages may call, see ServerOptions
    std::chrono::milliseconds token_lifetime{3600'000};
    std::chrono::milliseconds binding_lifetime{3600'000};
    std::uint64_t interaction_quota = 0, request_quota = 0; // a minute; 0: no limit
    bool read_only = false;                                 // see ServerOptions
};

// Not thread-safe; keeps references to what it is given.
class FhirApi {
public:
    FhirApi(ApiOptions options, Project& project, Store& store, SubscriptionHub& hub, Tokens& tokens, Clock clock);

    Response handle(const Request& request);
    // Whether a request comes from a client that logged in.
    bool knows(const Request& request) const { return authenticate(request).has_value(); }
    // Whether a request carries, as HTTP Basic, the secret that the server began with, whatever became of it since.
    bool knows_first_secret(const Request& request) const;
    // Of interaction points, from now on; 0: no limit.
    void set_interaction_quota(std::uint64_t points) { interactions_ = Limiter(points); }

    // Asked before each write: true makes it fail with 409, as a serialisation conflict does.
    void on_conflict(std::function<bool(const Request&)> hook) { conflict_ = std::move(hook); }
    // The next `count` requests under the FHIR base fail with this status.
    void fail_requests(unsigned count, int status);
    // The next `count` writes of resources; `text` is for people, "": what belongs to the status.
    void fail_writes(unsigned count, int status, std::string text);

private:
    // One interaction, alone or as an entry of a batch.
    struct Call {
        std::string method;
        std::vector<std::string> path; // below the FHIR base
        std::string query;
        std::string body, content_type;
        std::string if_match, if_none_exist;
        std::string new_id; // for a create within a batch, whose references are resolved before
        bool extended = false;
        Claims who;
        const ClientApplication* client = nullptr; // of `who`
        const Request* request = nullptr;
    };
    struct Reply {
        int status = 200;
        std::string body;
        std::string version_id, location; // for ETag and Location; "" for none
        ServerTime last_updated{};
        bool outcome = false; // body is an OperationOutcome
        Reply() = default;
        Reply(OutcomeReply from) : status(from.status), body(std::move(from.body)), outcome(true) {}
    };

    std::optional<Claims> authenticate(const Request& request) const;
    // The client whose credentials these are; nullptr: nobody's.
    const ClientApplication* client_of(std::string_view id, std::string_view secret) const;
    bool newer() const { return options_.behaviour == Behaviour::Medplum51; }
    Response token(const Request& request, const Limiter::Charge& requests);
    Response fhir_request(const Request& request, const Target& target, std::size_t base,
                          const Limiter::Charge& requests);
    std::string traced(std::string_view outcome);
    void add_cors(const Request& request, Response& response) const;
    static ServerTime issue_time(ServerTime now, std::chrono::milliseconds lifetime);
    Response finish(Reply reply, const Request& request, std::string rate);
    std::string who_am_i(const Claims& who) const; // /auth/me

    Reply route(const Call& call); // charges its points, then answers
    Reply resource_call(const Call& call);
    Reply subscription_call(const Call& call);
    // What only other dialects than Medplum's route; nullopt: nothing.
    std::optional<Reply> dialect_call(const Call& call);
    Reply type_history(const Call& call) const;
    Reply binding_token(const Call& call);
    Reply binding_token_for(const Call& call, const std::vector<std::string>& subscriptions);
    Reply create(const Call& call);
    Reply update(const Call& call, const std::string& id);
    Reply conditional_update(const Call& call);
    Reply patch(const Call& call, const std::string& id);
    Reply remove(const Call& call, const std::string& id);
    Reply read(const Call& call, const VersionPtr& version) const;
    Reply history(const Call& call, const std::string& id) const;
    Reply batch(const Call& call);
    Reply batch_entry(const Call& outer, const rapidjson::Value& entry, const std::string& new_id,
                      const std::vector<std::pair<std::string, std::string>>& references);
    Reply version_reply(const Version& version, int status, bool extended) const;

    Result<rapidjson::Document> read_body(const Call& call) const;
    bool conflicts(const Call& call) const;
    std::optional<Reply> refused_write(const Call& call);
    std::uint64_t points(const Call& call) const;
    Author author(const Call& call) const;
    // What the caller's policy shows: nullptr where there is nothing for it.
    VersionPtr visible(const Call& call, const VersionPtr& version) const;
    VersionPtr current_for(const Call& call, std::string_view id) const;
    Filter filter(const Call& call) const;
    // A write must not lead to where the writer's policy does not reach.
    bool may_write(const Call& call, const rapidjson::Document& content) const;

    ApiOptions options_;
    Project& project_;
    Store& store_;
    SubscriptionHub& hub_;
    Tokens& tokens_;
    Clock clock_;
    std::string first_secret_; // of the first client
    std::function<bool(const Request&)> conflict_;
    Limiter requests_, interactions_;
    Limiter::Charge last_charge_; // of interactions, for the header
    unsigned failures_ = 0;
    int failure_status_ = 503;
    unsigned write_failures_ = 0;
    int write_failure_status_ = 403;
    std::string write_failure_text_;
};

// "Sun, 22 Nov 2026 22:00:16 GMT".
std::string http_date(ServerTime time);

} // namespace fhirscope::server
