#include "runtime/performer.hpp"

#include "engine/alias.hpp"
#include "fhir/binding_token.hpp"
#include "fhir/bundle.hpp"
#include "fhir/json.hpp"
#include "runtime/content_encoding.hpp"
#include "runtime/scopes.hpp"
#include "runtime/transport.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace fhirscope::runtime {
namespace {

// For the log: the resource type and no more, because ids and search values can say who a patient is.
std::string_view type_in(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon != std::string_view::npos && colon < url.find('?')) return "a link of the server";
    url = url.substr(0, url.find('?'));
    for (std::size_t begin = 0; begin < url.size();) {
        const std::size_t end = std::min(url.find('/', begin), url.size());
        const std::string_view part = url.substr(begin, end - begin);
        if (part.size() > 2 && part[0] >= 'A' && part[0] <= 'Z' && part[1] >= 'a') return part;
        begin = end + 1;
    }
    return "the server";
}

// Subscriptions are ours to write whatever the scopes say of resources.
bool is_edit(const engine::SendRequest& effect) {
    return (effect.method == "PUT" || effect.method == "PATCH") && type_in(effect.url) != "Subscription";
}

} // namespace

struct Performer::Call {
    engine::SendRequest effect;
    HttpRequest request;
    bool own_server = false; // only it may see the token
    bool repeated = false;   // after a 401
    unsigned redirects = 0;  // followed
};

Performer::Performer(Network& network, TokenSource& tokens, Vault& vault, Url base, EngineLoop& loop)
    : network_(network), tokens_(tokens), vault_(vault), base_(std::move(base)), loop_(loop) {}

void Performer::perform(engine::Effect effect) {
    network_.post([this, effect = std::move(effect)]() mutable {
        if (auto* send = std::get_if<engine::SendRequest>(&effect)) request(std::move(*send));
        if (const auto* socket = std::get_if<engine::OpenSocket>(&effect)) open(*socket);
        if (const auto* frame = std::get_if<engine::SendFrame>(&effect); frame && frame->text)
            network_.send(frame->socket, vault_.reveal(*frame->text));
        if (auto* close = std::get_if<engine::CloseSocket>(&effect))
            network_.close_socket(close->socket, close->code, std::move(close->reason));
    });
}

void Performer::request(engine::SendRequest effect) {
    auto url = resolve_url(base_.text(), effect.url);
    if (!url) return fail(effect.request, {engine::Failure::Protocol, url.error().message});
    if (auto done = put_back(effect, *url); !done)
        return fail(effect.request,
                    {engine::Failure::Hidden, effect.method + " of " + std::string(type_in(effect.url)) + ": " +
                                                  done.error().message + "; nothing was sent"});

    auto call = std::make_shared<Call>();
    call->own_server = url->same_server(base_);
    HttpRequest& request = call->request;
    request.method = effect.method;
    request.url = std::move(*url);
    if (effect.timeout.count() > 0) request.timeout = effect.timeout;
    request.body = effect.body;
    request.headers = {{"Accept", "application/fhir+json, */*; q=0.1"},
                       {"Accept-Encoding", std::string(accepted_encodings)},
                       {"Cache-Control", "no-cache"},
                       {"X-Medplum", "extended"}}; // so that reads and the socket show the same meta (PROTOCOL A3)
    if (!effect.content_type.empty()) request.headers.emplace_back("Content-Type", effect.content_type);
    if (!effect.if_match.empty()) request.headers.emplace_back("If-Match", effect.if_match);
    call->effect = std::move(effect);
    if (!call->own_server)
        spdlog::warn("a link leads to {}, which is not {}: it is followed without a token", request.url.origin(),
                     base_.origin());
    authorize(std::move(call));
}

// What is hidden in the engine's texts is the server's own, so only that server gets it back.
Result<void> Performer::put_back(engine::SendRequest& effect, Url& url) const {
    if (!url.same_server(base_)) return {};
    const auto target = vault_.restore(effect.url, Vault::Place::Plain);
    if (!target) return tl::unexpected(target.error());
    if (*target != effect.url) {
        auto whole = resolve_url(base_.text(), *target);
        if (!whole) return tl::unexpected(whole.error());
        if (!whole->same_server(base_))
            return fhirscope::fail(ErrorCode::Hidden, "its address leads to another server");
        url = std::move(*whole);
    }
    auto if_match = vault_.restore(effect.if_match, Vault::Place::Plain);
    if (!if_match) return tl::unexpected(if_match.error());
    effect.if_match = std::move(*if_match);
    if (!effect.body) return {};
    auto body = vault_.restore(*effect.body, Vault::Place::Json);
    if (!body) return tl::unexpected(body.error());
    if (*body != *effect.body) effect.body = engine::make_text(std::move(*body));
    return {};
}

void Performer::authorize(std::shared_ptr<Call> call) {
    const auto send = [this, call] {
        network_.request(call->request,
                         [this, call](NetResult<HttpResponse> result) { answer(call, std::move(result)); });
    };
    if (!call->own_server) return send();
    tokens_.get([this, call, send](NetResult<SecretPtr> token) {
        if (!token) return fail(call->effect.request, token.error());
        if (is_edit(call->effect) && !may_update(tokens_.scopes(), type_in(call->effect.url))) return forbid(*call);
        call->request.bearer = *token;
        send();
    });
}

// As the server would answer, but nothing is sent.
void Performer::forbid(const Call& call) {
    engine::HttpAnswer input;
    input.request = call.effect.request;
    input.status = 403;
    fhir::Outcome outcome;
    outcome.code = "forbidden";
    outcome.text = "this login may only read " + std::string(type_in(call.effect.url)) +
                   " (granted: " + tokens_.scopes() + "); nothing was sent";
    input.body = engine::make_text(fhir::make_outcome(outcome));
    loop_.push(std::move(input));
}

void Performer::answer(std::shared_ptr<Call> call, NetResult<HttpResponse> result) {
    const LocalTime at = loop_.clock().now();
    if (!result) return fail(call->effect.request, result.error());
    // 401 says that nothing was done, so repeating is safe for every method.
    if (result->status == 401 && call->request.bearer && tokens_.can_renew() && !call->repeated) {
        call->repeated = true;
        tokens_.refused(call->request.bearer);
        return authorize(std::move(call));
    }
    if (auto target = redirected(call->request, *result); target && call->redirects < most_redirects) {
        ++call->redirects;
        call->request.url = std::move(*target);
        return network_.request(call->request,
                                [this, call](NetResult<HttpResponse> next) { answer(call, std::move(next)); });
    }
    const bool gone = result->status == 404 || result->status == 410; // an answer like any other
    if (result->status >= 400)
        spdlog::log(gone ? spdlog::level::debug : spdlog::level::info, "{} {}: HTTP {}", call->request.method,
                    type_in(call->effect.url), result->status);
    engine::HttpAnswer input;
    input.request = call->effect.request;
    input.status = result->status;
    input.renewed = call->repeated && result->status != 401;
    input.content_type = vault_.redact(std::move(result->content_type));
    input.etag = vault_.redact(std::move(result->etag));
    input.last_modified = vault_.redact(std::move(result->last_modified));
    input.location = vault_.redact(std::move(result->location));
    input.date = vault_.redact(std::move(result->date));
    input.rate_limit = vault_.redact(std::move(result->rate_limit));
    input.retry_after = vault_.redact(std::move(result->retry_after));
    if (call->effect.url.ends_with("$get-ws-binding-token"))
        input.token_end = fhir::binding_end(result->body); // of the token the engine sees an alias
    input.body = engine::make_text(vault_.redact(std::move(result->body)));
    loop_.push(std::move(input), at);
}

void Performer::fail(engine::RequestId request, NetError error) {
    error.message = vault_.redact_message(std::move(error.message));
    spdlog::warn("request {}: {}", request, error.message);
    loop_.push(engine::HttpFailed{request, error.failure, std::move(error.message)});
}

NetResult<Url> Performer::socket_url(const std::string& text) const {
    const auto wrong = [](engine::Failure failure, const std::string& message) {
        return tl::unexpected(NetError{failure, message});
    };
    auto url = parse_url(text);
    if (!url) return wrong(engine::Failure::Protocol, url.error().message);
    if (!engine::AliasScanner(text).next()) return *url;
    auto whole = url->same_server(base_) ? vault_.restore(text, Vault::Place::Plain)
                                         : fhirscope::fail(ErrorCode::Hidden, "it is the address of another server");
    if (!whole)
        return wrong(engine::Failure::Hidden, text + ": a part of it is hidden and stays so: " + whole.error().message);
    url = parse_url(*whole);
    if (!url || !url->same_server(base_)) return wrong(engine::Failure::Protocol, text + " is no address.");
    return *url;
}

void Performer::open(const engine::OpenSocket& effect) {
    const engine::SocketId id = effect.socket;
    const auto failed = [this, id](NetError error) {
        error.message = vault_.redact_message(std::move(error.message));
        spdlog::warn("socket {}: {}", id, error.message);
        loop_.push(engine::SocketFailed{id, error.failure, std::move(error.message)});
    };
    auto url = socket_url(effect.url);
    if (!url) return failed(url.error());
    if (base_.secure() && !url->secure())
        return failed(
            {engine::Failure::Tls,
             url->text() + " is not protected, while " + base_.origin() +
                 " is: the binding token would be readable on the way. Have the server name a wss:// address."});
    if (!url->same_server(base_) && url->origin() != told_of_socket_) { // once, not with each reconnect
        told_of_socket_ = url->origin();
        const bool in_clear = !url->secure() && !is_loopback(url->host);
        spdlog::warn("the server has its WebSocket at {}, which is not {}: the binding token is sent there{}",
                     told_of_socket_, base_.origin(), in_clear ? ", unencrypted" : "");
    }
    SocketEvents events;
    events.opened = [this, id, origin = url->origin()] {
        spdlog::info("socket {} open at {}", id, origin);
        loop_.push(engine::SocketOpened{id});
    };
    events.failed = failed;
    events.frame = [this, id](std::string text) {
        const LocalTime at = loop_.clock().now();
        return loop_.push(engine::Frame{id, engine::make_text(vault_.redact(std::move(text)))}, at);
    };
    events.closed = [this, id](std::uint16_t code, std::string reason) {
        reason = vault_.redact(std::move(reason));
        spdlog::info("socket {} closed: {} {}", id, code, reason);
        loop_.push(engine::SocketClosed{id, code, std::move(reason)});
    };
    network_.open_socket(id, std::move(*url), effect.timeout, std::move(events));
}

} // namespace fhirscope::runtime
