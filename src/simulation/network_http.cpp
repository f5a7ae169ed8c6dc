// Requests: on their way, in place of the server, and back.
#include "fhir/binding_token.hpp"
#include "fhir/json.hpp"
#include "simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

using std::chrono::milliseconds;

bool is_write(const engine::SendRequest& request) { return request.method == "PUT" || request.method == "PATCH"; }

bool Network::log_in() {
    server::Request request;
    request.method = "POST";
    request.target = "/oauth2/token";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "grant_type=client_credentials&client_id=virtual&client_secret=" + std::string(secret);
    const auto response = server_.api.handle(request);
    const auto json = fhir::parse_json(response.body);
    authorization_ = "Bearer " + std::string(json ? fhir::string_at(*json, "access_token") : "");
    if (response.status == 200) token_ended_by_.reset();
    return response.status == 200;
}

void Network::request(const engine::SendRequest& request) {
    ++requests_;
    transmit(std::make_shared<Call>(Call{request, queue_.now(), false}));
}

void Network::transmit(const CallPtr& call) {
    queue_.after(
        delay(8'000),
        [this, call] {
            if (hangs()) return wait_for_server(call);
            if (!conditions.refuse_requests) return serve(call);
            effects.note_held({FaultKind::RefusedConnect, FaultKind::RestartWithSubscriptions,
                               FaultKind::RestartWithoutSubscriptions},
                              queue_.now(), "requests");
            lose_answer(call->request);
            fail(call, engine::Failure::Refused, "connection refused");
        });
}

// A server that hangs has taken the request, and carries it out when it goes on, whether anybody waits or not.
void Network::wait_for_server(const CallPtr& call) {
    const VirtualTime limit = call->sent + call->request.timeout;
    if (call->request.timeout.count() > 0 && limit < conditions.hangs_until && !call->given_up) {
        lose_answer(call->request);
        queue_.at(limit, [this, call] {
            if (std::exchange(call->given_up, true)) return;
            effects.note(FaultKind::HangingServer, queue_.now(), "requests");
            fail(call, engine::Failure::Timeout, "no answer in time");
        });
    }
    queue_.at(conditions.hangs_until, [this, call] { hangs() ? wait_for_server(call) : serve(call); });
}

// An answer that a proxy, a policy or an overloaded server gives in place of the usual one. Only such as a healthy
// resource can meet (PROTOCOL A2, A6, A9): never a 410 for a read, which would be a lie, since 410 is what deletion
// looks like.
std::optional<server::Response> Network::trouble(const CallPtr& call) {
    const engine::SendRequest& request = call->request;
    for (const auto& [kind, percent] : conditions.http) {
        if (!random_.chance(percent)) continue;
        const bool about_subscription = request.url.find("Subscription") != std::string::npos;
        int status = 0;
        switch (kind) {
            case FaultKind::Http401:
                status = 401;
                break;
            case FaultKind::Http403:
                status = 403;
                break;
            case FaultKind::Http404:
                status = 404;
                break;
            case FaultKind::Http409:
                status = 409;
                break;
            case FaultKind::Http410:
                status = about_subscription ? 410 : 0;
                break;
            case FaultKind::Http412:
                status = about_subscription || is_write(request) ? 412 : 0;
                break;
            case FaultKind::Http429:
                status = 429;
                break;
            case FaultKind::Http5xx:
                status = static_cast<int>(500 + random_.below(5));
                break;
            case FaultKind::HtmlAnswer:
                call->answered_by = kind;
                return server::Response{200,
                                        {{"Content-Type", "text/html; charset=utf-8"}},
                                        "<!DOCTYPE html><html><body>Welcome to the portal</body></html>"};
            default:
                break;
        }
        if (status == 0) continue;
        // What is to be deleted and is said to be gone is what was wanted.
        if (request.method != "DELETE" || (status != 404 && status != 410)) call->answered_by = kind;
        auto outcome = server::outcomes::of_status(status);
        server::Response response{
            status, {{"Content-Type", "application/fhir+json; charset=utf-8"}}, std::move(outcome.body)};
        if (status == 429)
            response.headers.emplace_back("RateLimit", "\"requests\";r=0;t=" + std::to_string(random_.between(1, 10)));
        return response;
    }
    return std::nullopt;
}

void Network::serve(const CallPtr& call) {
    const engine::SendRequest& wanted = call->request;
    if (call->given_up && (conditions.refuse_login || conditions.refuse_token)) return;
    if (conditions.refuse_login) return refuse_login(call);
    call->answered_by.reset();
    if (conditions.refuse_token) {
        call->answered_by = FaultKind::LoginEnded;
        auto outcome = server::outcomes::of_status(401);
        return answer(call, {401, {{"Content-Type", "application/fhir+json"}}, std::move(outcome.body)});
    }
    auto response = trouble(call);
    const bool unclear = response && (response->status >= 500 || response->status == 200);
    // A proxy in between may fail after the server has done its work.
    const bool done_nevertheless = response && response->status >= 502 && (wanted.method == "POST" || is_write(wanted));
    if (!response || done_nevertheless) {
        server::Request http;
        http.method = wanted.method;
        http.target = wanted.url.starts_with(base_) ? wanted.url.substr(base_.size() - 1) : "/" + wanted.url;
        http.headers = {
            {"Authorization", authorization_}, {"Content-Type", wanted.content_type}, {"X-Medplum", "extended"}};
        if (!wanted.if_match.empty()) http.headers.emplace_back("If-Match", wanted.if_match);
        if (wanted.body) http.body = *wanted.body;
        served_ = &wanted;
        auto own = server_.api.handle(http);
        served_ = nullptr;
        if (wanted.method == "POST" && own.status == 201) {
            if (const auto created = fhir::parse_resource(own.body)) {
                const auto* subscription = server_.hub.find((*created)->id(), clock_.at(queue_.now()));
                if (subscription) created_[subscription->id] = subscription->interest.type;
            }
        }
        if (!response) {
            find_what_the_answer_tells(call, own);
            response = std::move(own);
        }
    }
    if (call->given_up) return lose_answer(wanted); // it may have been carried out only now
    if (unclear) lose_answer(wanted);
    // As the runtime does it: a 401 is answered by one new login and one repetition.
    if (response->status == 401 && !call->repeated) {
        call->repeated = true;
        call->renewed_by = call->answered_by ? call->answered_by : token_ended_by_;
        queue_.after(delay(20'000), [this, call] { log_in() ? transmit(call) : refuse_login(call); });
        return;
    }
    const bool lost =
        conditions.lost_write_percent > 0 && is_write(wanted) && random_.chance(conditions.lost_write_percent);
    if (lost || (conditions.split_percent > 0 && random_.chance(conditions.split_percent))) {
        lose_answer(wanted);
        queue_.after(delay(8'000), [this, call, lost] {
            if (!lost) effects.note(FaultKind::SplitResponse, queue_.now(), "requests");
            fail(call, engine::Failure::ClosedEarly, "the connection ended within the answer");
        });
        return;
    }
    answer(call, std::move(*response));
}

void Network::answer(const CallPtr& call, server::Response response) {
    VirtualTime when = queue_.now() + delay(8'000);
    // Its events mostly arrive before the answer of a write (PROTOCOL A14).
    if (server_.hub.behaviour() == server::Behaviour::Medplum51 && is_write(call->request)) when += delay(152'000);
    if (conditions.stall_ms > 0) when += milliseconds(random_.between(0, conditions.stall_ms));
    const VirtualTime limit = call->sent + call->request.timeout;
    if (call->request.timeout.count() > 0 && when > limit) {
        lose_answer(call->request);
        queue_.at(limit, [this, call] {
            effects.note(FaultKind::StalledResponse, queue_.now(), "requests");
            fail(call, engine::Failure::Timeout, "no answer in time");
        });
        return;
    }
    engine::HttpAnswer input;
    input.request = call->request.request;
    input.status = static_cast<std::uint16_t>(response.status);
    input.renewed = call->repeated && response.status != 401;
    input.content_type = response.header("Content-Type");
    input.etag = response.header("ETag");
    input.last_modified = response.header("Last-Modified");
    input.location = response.header("Location");
    input.date = response.header("Date");
    input.rate_limit = response.header("RateLimit");
    input.retry_after = response.header("Retry-After");
    if (call->request.url.ends_with("$get-ws-binding-token")) input.token_end = fhir::binding_end(response.body);
    input.body = engine::make_text(aliases_.hide(std::move(response.body)));
    queue_.at(when, [this, input = std::move(input), call] {
        heard(input, *call);
        deliver_(input);
    });
}

void Network::heard(const engine::HttpAnswer& answer, const Call& call) {
    if (!effects.kept) return;
    const VirtualTime now = queue_.now();
    effects.heard(now);
    if (call.renewed_by) effects.note(*call.renewed_by, now, "requests");
    if (call.answered_by) effects.note(*call.answered_by, now, call.about);
    if (answer.body) effects.answered(*answer.body, now);
    if (answer.status == 410) effects.found_gone(call.request.url, now);
}

// Of an answer that the server made itself: whether it is what a fault at the server made of it.
void Network::find_what_the_answer_tells(const CallPtr& call, const server::Response& own) {
    const engine::SendRequest& request = call->request;
    if (!effects.kept || own.status < 400 || own.status == 401 || request.method == "DELETE") return;
    for (const auto& [id, suffering] : suffering_)
        if (request.url.find(id) != std::string::npos) {
            call->answered_by = suffering.kind;
            call->about = suffering.type;
        }
    const bool about_token = request.url.ends_with("$get-ws-binding-token");
    const server::AccessPolicy& policy = server_.project.clients.front().policy;
    if (own.status == 403 || (about_token && !policy.has("Subscription")) ||
        (own.status == 404 && policy.narrows("Patient") && request.url.find("Patient") != std::string::npos))
        call->answered_by = FaultKind::PolicyChanged;
    if (about_token && !server_.project.websocket_feature) call->answered_by = FaultKind::FeatureRemoved;
}

void Network::refuse_login(const CallPtr& call) {
    effects.note(conditions.refuse_login ? FaultKind::LoginEnded : FaultKind::SecretRotated, queue_.now(), "requests");
    fail(call, engine::Failure::Login, "The server refused the client id or secret (Invalid secret).");
}

void Network::lose_answer(const engine::SendRequest& request) {
    if (on_answer_lost && is_write(request)) on_answer_lost(request);
}

void Network::fail(const CallPtr& call, engine::Failure failure, std::string message) {
    deliver_(engine::HttpFailed{call->request.request, failure, std::move(message)});
}

} // namespace fhirscope::simulation
