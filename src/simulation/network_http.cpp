// Requests: on their way, in place of the server, and back.
#include "fhir/json.hpp"
#include "simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

using std::chrono::milliseconds;

namespace {

bool writes(const engine::SendRequest& request) { // a resource; creations are Subscriptions
    return request.method == "PUT" || request.method == "PATCH";
}

sim::Response refusal(int status) {
    auto outcome = sim::outcomes::of_status(status);
    return {status, {{"Content-Type", "application/fhir+json; charset=utf-8"}}, std::move(outcome.body)};
}

sim::Response portal() {
    return {200,
            {{"Content-Type", "text/html; charset=utf-8"}},
            "<!DOCTYPE html><html><body>Welcome to the portal</body></html>"};
}

} // namespace

void Network::log_in() {
    sim::Request request;
    request.method = "POST";
    request.target = "/oauth2/token";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "grant_type=client_credentials&client_id=virtual&client_secret=not-a-secret-of-anyone";
    const auto response = server_.api.handle(request);
    const auto json = fhir::parse_json(response.body);
    authorization_ = "Bearer " + std::string(json ? fhir::string_at(*json, "access_token") : "");
}

void Network::request(const engine::SendRequest& request) {
    ++requests_;
    transmit(std::make_shared<Call>(Call{request, queue_.now(), false}));
}

void Network::transmit(const CallPtr& call) {
    VirtualTime way = delay(8'000);
    if (conditions.write_stall_ms > 0 && writes(call->request)) {
        way += milliseconds(random_.between(0, conditions.write_stall_ms));
        // It is given up, and arrives nevertheless.
        if (const VirtualTime limit = call->sent + call->request.timeout; queue_.now() + way > limit)
            queue_.at(limit, [this, call] {
                call->given_up = true;
                fail(call, engine::Failure::Timeout, "no answer in time");
            });
    }
    queue_.after(way, [this, call] {
        if (call->given_up && !conditions.refuse_requests) return void(carry_out(call->request));
        if (call->given_up) return;
        if (conditions.refuse_requests) return fail(call, engine::Failure::Refused, "connection refused");
        serve(call);
    });
}

// An answer that a proxy, a policy or an overloaded server gives in place of the usual one. Only such as a healthy
// resource can meet (PROTOCOL A2, A6, A9): never a 410 for a read, which would be a lie, since 410 is what deletion
// looks like.
std::optional<sim::Response> Network::trouble(const engine::SendRequest& request) {
    if (writes(request)) {
        if (conditions.write_refused_percent > 0 && random_.chance(conditions.write_refused_percent))
            return refusal(random_.chance(50) ? 403 : 422);
        if (conditions.write_conflict_percent > 0 && random_.chance(conditions.write_conflict_percent))
            return refusal(random_.chance(50) ? 409 : 412);
    }
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
                status = about_subscription || writes(request) ? 412 : 0;
                break;
            case FaultKind::Http429:
                status = 429;
                break;
            case FaultKind::Http5xx:
                status = static_cast<int>(500 + random_.below(5));
                break;
            case FaultKind::HtmlAnswer:
                return portal();
            default:
                break;
        }
        if (status == 0) continue;
        sim::Response response = refusal(status);
        if (status == 429)
            response.headers.emplace_back("RateLimit", "\"requests\";r=0;t=" + std::to_string(random_.between(1, 10)));
        return response;
    }
    return std::nullopt;
}

sim::Response Network::carry_out(const engine::SendRequest& wanted) {
    sim::Request http;
    http.method = wanted.method;
    http.target = wanted.url.starts_with(base_) ? wanted.url.substr(base_.size() - 1) : "/" + wanted.url;
    http.headers = {
        {"Authorization", authorization_}, {"Content-Type", wanted.content_type}, {"X-Medplum", "extended"}};
    if (!wanted.if_match.empty()) http.headers.emplace_back("If-Match", wanted.if_match);
    if (wanted.body) http.body = *wanted.body;
    serving_ = &wanted;
    auto own = server_.api.handle(http);
    serving_ = nullptr;
    if (wanted.method == "POST" && own.status == 201) {
        if (const auto created = fhir::parse_resource(own.body)) {
            const auto* subscription = server_.hub.find((*created)->id(), clock_.at(queue_.now()));
            if (subscription) created_[subscription->id] = subscription->type;
        }
    }
    return own;
}

// It was carried out, and who sent it will not know.
void Network::lose_answer(const CallPtr& call) {
    switch (random_.below(3)) {
        case 0:
            return queue_.after(delay(8'000), [this, call] {
                fail(call, engine::Failure::ClosedEarly, "the connection ended before the answer");
            });
        case 1:
            return answer(call, refusal(static_cast<int>(502 + random_.below(3))));
        default:
            return answer(call, portal());
    }
}

void Network::serve(const CallPtr& call) {
    const engine::SendRequest& wanted = call->request;
    auto response = trouble(wanted);
    // A proxy in between may fail after the server has done its work.
    const bool done_nevertheless = response && response->status >= 502 && (wanted.method == "POST" || writes(wanted));
    if (!response || done_nevertheless) {
        auto own = carry_out(wanted);
        if (!response) response = std::move(own);
    }
    // As the runtime does it: a 401 is answered by one new login and one repetition.
    if (response->status == 401 && !call->repeated) {
        call->repeated = true;
        queue_.after(delay(20'000), [this, call] {
            log_in();
            transmit(call);
        });
        return;
    }
    if (conditions.write_lost_percent > 0 && writes(wanted) && response->status < 300 &&
        random_.chance(conditions.write_lost_percent))
        return lose_answer(call);
    if (conditions.split_percent > 0 && random_.chance(conditions.split_percent)) {
        queue_.after(delay(8'000), [this, call] {
            fail(call, engine::Failure::ClosedEarly, "the connection ended within the answer");
        });
        return;
    }
    answer(call, std::move(*response));
}

void Network::answer(const CallPtr& call, sim::Response response) {
    VirtualTime when = queue_.now() + delay(8'000);
    if (conditions.stall_ms > 0) when += milliseconds(random_.between(0, conditions.stall_ms));
    const VirtualTime limit = call->sent + call->request.timeout;
    if (call->request.timeout.count() > 0 && when > limit) {
        queue_.at(limit, [this, call] { fail(call, engine::Failure::Timeout, "no answer in time"); });
        return;
    }
    engine::HttpAnswer input;
    input.request = call->request.request;
    input.status = static_cast<std::uint16_t>(response.status);
    input.content_type = response.header("Content-Type");
    input.etag = response.header("ETag");
    input.location = response.header("Location");
    input.date = response.header("Date");
    input.rate_limit = response.header("RateLimit");
    input.retry_after = response.header("Retry-After");
    input.body = engine::make_text(aliases_.hide(std::move(response.body)));
    queue_.at(when, [this, input = std::move(input)] { deliver_(input); });
}

void Network::fail(const CallPtr& call, engine::Failure failure, std::string message) {
    deliver_(engine::HttpFailed{call->request.request, failure, std::move(message)});
}

} // namespace fhirscope::simulation
