#pragma once
// HTTP/1.1 with kept connections. Part of the network; nothing above includes it.

#include "fhir/time.hpp"
#include "runtime/content_encoding.hpp"
#include "runtime/net_core.hpp"
#include "runtime/transport.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace fhirscope::runtime::net {

namespace http = beast::http;

constexpr std::uint32_t max_header_bytes = 64u << 10;
constexpr std::size_t max_buffered_bytes = 2 * max_header_bytes; // read and not yet understood: a line of a chunk
constexpr std::size_t max_interim_answers = 16;                  // 1xx before the answer itself (RFC 9110, 15.2)

// All that may be read for one answer: interim ones, headers, chunks with their extensions, trailers.
inline std::size_t max_raw_bytes(const NetworkOptions& options) {
    return options.max_response_bytes + options.max_response_bytes / 4 + 4 * std::size_t{max_header_bytes};
}

// What is wrong with a request that must not be sent: a line break in a value would add headers to it, or a second
// request. Null: nothing. Values come from the server (an ETag, a token) and from settings.
inline std::optional<std::string> unsendable(const HttpRequest& request) {
    std::string_view what;
    for (const auto& [name, value] : request.headers)
        if (has_control_character(name) || has_control_character(value)) what = name;
    if (has_control_character(request.method)) what = "the method";
    if (has_control_character(request.url.authority()) || has_control_character(request.url.target)) what = "the URL";
    if (request.bearer && has_control_character(request.bearer->expose())) what = "the access token";
    if (what.empty()) return std::nullopt;
    return "A request was not sent: " + std::string(what) + " holds a line break or another control character.";
}

// Result of one exchange, and what the decision to repeat it needs.
struct Exchange {
    NetResult<HttpResponse> result = tl::unexpected(NetError{});
    bool closed = false;   // by the server, before its answer was complete
    bool answered = false; // something of an answer came
    bool wrote = false;    // something of the request went out
    bool reusable = false;
};

class HttpConnection final : public Abortable {
public:
    HttpConnection(Core& core, bool secure) : core_(core), stream_(core.io.get_executor(), core.tls_if(secure)) {}

    void abort() override { stream_.close(); }
    bool stale() { return stream_.stale(); }
    awaitable<NetResult<void>> open(const Url& url, Deadline deadline) {
        return connect(core_, stream_, url, deadline);
    }

    awaitable<Exchange> exchange(const HttpRequest& request, Deadline deadline) {
        Exchange out;
        const std::string_view body = request.secret_body ? request.secret_body->expose()
                                      : request.body      ? std::string_view(*request.body)
                                                          : std::string_view();
        http::request<http::span_body<const char>> message;
        message.version(11);
        message.method_string(request.method);
        message.target(request.url.target);
        message.set(http::field::host, request.url.authority());
        message.set(http::field::user_agent, "fhirscope");
        for (const auto& [name, value] : request.headers) message.set(name, value);
        if (request.bearer) message.set(http::field::authorization, "Bearer " + std::string(request.bearer->expose()));
        message.body() = beast::span<const char>(body.data(), body.size());
        message.prepare_payload();

        stream_.expires_at(deadline);
        const auto [write_error, written] = co_await http::async_write(stream_, message, awaiting);
        out.wrote = written > 0;
        if (write_error) {
            out.closed = is_close(write_error);
            out.result = tl::unexpected(error_of(request, write_error, false));
            co_return out;
        }

        stream_.allow(max_raw_bytes(core_.options));
        std::optional<http::response_parser<http::string_body>> parser;
        for (std::size_t interim = 0;; ++interim) {
            parser.emplace();
            parser->body_limit(core_.options.max_response_bytes);
            parser->header_limit(max_header_bytes);
            if (request.method == "HEAD") parser->skip(true);
            const auto [read_error, read_bytes] = co_await http::async_read(stream_, buffer_, *parser, awaiting);
            static_cast<void>(read_bytes);
            out.answered = out.answered || parser->got_some();
            if (read_error) {
                out.closed = is_close(read_error);
                out.result = tl::unexpected(error_of(request, read_error, out.answered));
                co_return out;
            }
            if (!is_interim(parser->get())) break;
            if (interim == max_interim_answers) {
                out.result = tl::unexpected(NetError{
                    Failure::Protocol, request.method + " at " + request.url.authority() +
                                           ": the server sends one interim answer (HTTP 1xx) after the other."});
                co_return out;
            }
        }
        stream_.expires_never();
        out.reusable = parser->keep_alive() && buffer_.size() == 0;
        out.result = response_of(request, parser->release());
        co_return out;
    }

private:
    // "100 Continue", "103 Early Hints": the answer is still to come.
    static bool is_interim(const http::response<http::string_body>& message) {
        return message.result_int() / 100 == 1 && message.result() != http::status::switching_protocols;
    }

    NetError error_of(const HttpRequest& request, const error_code& error, bool answered) const {
        const std::string what = request.method + " at " + request.url.authority();
        if (error == beast::error::timeout)
            return {Failure::Timeout,
                    what + " had no complete answer within " + fhir::seconds_text(request.timeout) + "."};
        if (error == http::error::body_limit)
            return {Failure::TooLarge, what + ": the answer is larger than " +
                                           std::to_string(core_.options.max_response_bytes >> 20) + " MB."};
        if (error == asio::error::message_size)
            return {Failure::TooLarge, what + ": the answer is larger than " +
                                           std::to_string(max_raw_bytes(core_.options) >> 10) +
                                           " kB with all that is around its content (headers, chunks, trailers)."};
        if (error == http::error::header_limit || error == http::error::buffer_overflow)
            return {Failure::TooLarge, what + ": the answer's headers, or what is between its chunks, are too large."};
        if (is_close(error) && answered)
            return {Failure::ClosedEarly, what + ": the server closed the connection in the middle of its answer."};
        if (is_close(error))
            return {Failure::ClosedEarly, what + ": the server closed the connection without an answer."};
        if (error.category() == http::make_error_code(http::error::bad_version).category())
            return {Failure::Protocol, what + ": the server does not answer in HTTP/1.1 (" + error.message() + ")."};
        return {Failure::ClosedEarly, what + ": " + error.message() + "."};
    }

    NetResult<HttpResponse> response_of(const HttpRequest& request, http::response<http::string_body> message) const {
        const auto header = [&](beast::string_view name) {
            std::string out;
            const auto range = message.equal_range(name);
            for (auto field = range.first; field != range.second; ++field) {
                const auto value = field->value();
                (out.empty() ? out : out.append(", ")).append(value.data(), value.size());
            }
            return out;
        };
        HttpResponse response;
        response.status = static_cast<std::uint16_t>(message.result_int());
        response.content_type = header("Content-Type");
        response.etag = header("ETag");
        response.last_modified = header("Last-Modified");
        response.location = header("Location");
        response.date = header("Date");
        response.rate_limit = header("RateLimit");
        response.retry_after = header("Retry-After");
        auto body =
            undo_encoding(header("Content-Encoding"), std::move(message.body()), core_.options.max_response_bytes);
        if (body) {
            response.body = std::move(*body);
            return response;
        }
        if (body.error().code == ErrorCode::TooLarge)
            return tl::unexpected(error_of(request, http::make_error_code(http::error::body_limit), true));
        return tl::unexpected(NetError{Failure::Protocol, request.method + " at " + request.url.authority() +
                                                              " (HTTP " + std::to_string(response.status) +
                                                              "): " + body.error().message + "."});
    }

    Core& core_;
    Stream stream_;
    beast::flat_buffer buffer_{max_buffered_bytes};
};

// A repeated PUT with If-Match would be refused because of its own first half (412), which would look like a conflict.
inline bool may_repeat(const HttpRequest& request) {
    if (request.method == "GET" || request.method == "HEAD" || request.method == "DELETE") return true;
    return request.method == "PUT" && std::none_of(request.headers.begin(), request.headers.end(),
                                                   [](const auto& header) { return header.first == "If-Match"; });
}

// Requests to each host wait in one line; at most connections_per_host workers serve it.
class HttpPool {
public:
    explicit HttpPool(Core& core) : core_(core) {}

    void request(HttpRequest request, HttpDone done) {
        Host& host = hosts_[request.url.origin()];
        if (host.waiting.size() >= core_.options.max_waiting)
            return done(tl::unexpected(NetError{Failure::Timeout, std::to_string(host.waiting.size()) +
                                                                      " requests wait for " + request.url.authority() +
                                                                      " already; this one was not sent."}));
        host.waiting.push_back({std::move(request), std::move(done)});
        if (host.workers >= core_.options.connections_per_host) return;
        ++host.workers;
        asio::co_spawn(core_.io, work(host), asio::detached);
    }

    void reach(Url url, std::chrono::milliseconds timeout, std::function<void(NetResult<void>)> done) {
        Host& host = hosts_[url.origin()];
        asio::co_spawn(core_.io, open_ahead(host, std::move(url), timeout, std::move(done)), asio::detached);
    }

    void forget() { hosts_.clear(); }

private:
    struct Job {
        HttpRequest request;
        HttpDone done;
    };
    struct Host {
        std::deque<Job> waiting;
        std::size_t workers = 0;
        std::vector<std::unique_ptr<HttpConnection>> idle;
    };

    std::unique_ptr<HttpConnection> make(const Url& url) {
        return std::make_unique<HttpConnection>(core_, url.secure());
    }

    static std::unique_ptr<HttpConnection> take_idle(Host& host) {
        while (!host.idle.empty()) {
            auto connection = std::move(host.idle.back());
            host.idle.pop_back();
            if (!connection->stale()) return connection;
        }
        return nullptr;
    }

    awaitable<void> work(Host& host) {
        while (!host.waiting.empty() && !core_.stopping) {
            const Job job = std::move(host.waiting.front());
            host.waiting.pop_front();
            NetResult<HttpResponse> result = tl::unexpected(NetError{});
            try {
                result = co_await perform(host, job.request);
            } catch (const std::exception&
                         error) { // a token too long for a header, no memory for a body: only this request fails
                result = tl::unexpected(NetError{Failure::Protocol, job.request.method + " at " +
                                                                        job.request.url.authority() +
                                                                        " could not be made: " + error.what() + "."});
            }
            if (!core_.stopping) job.done(std::move(result));
        }
        --host.workers;
    }

    awaitable<NetResult<HttpResponse>> perform(Host& host, const HttpRequest& request) {
        if (auto problem = unsendable(request))
            co_return tl::unexpected(NetError{Failure::Protocol, std::move(*problem)});
        const Deadline deadline = std::chrono::steady_clock::now() + request.timeout;
        auto connection = take_idle(host);
        bool kept = connection != nullptr;
        for (;;) {
            if (!connection) connection = make(request.url);
            const Registered registered(core_, *connection);
            if (!kept) {
                const auto opened = co_await connection->open(request.url, deadline);
                if (!opened) co_return tl::unexpected(opened.error());
            }
            auto exchange = co_await connection->exchange(request, deadline);
            const bool harmless = may_repeat(request) || !exchange.wrote;
            if (!exchange.result && kept && exchange.closed && !exchange.answered && harmless && !core_.stopping) {
                kept = false;
                connection = nullptr;
                continue;
            }
            if (exchange.reusable && host.idle.size() < core_.options.connections_per_host)
                host.idle.push_back(std::move(connection));
            co_return std::move(exchange.result);
        }
    }

    awaitable<void> open_ahead(Host& host, Url url, std::chrono::milliseconds timeout,
                               std::function<void(NetResult<void>)> done) {
        auto connection = make(url);
        NetResult<void> opened;
        {
            const Registered registered(core_, *connection);
            opened = co_await connection->open(url, std::chrono::steady_clock::now() + timeout);
        }
        if (core_.stopping) co_return;
        if (opened) host.idle.push_back(std::move(connection));
        done(std::move(opened));
    }

    Core& core_;
    std::map<std::string, Host> hosts_; // by origin; a map because workers keep references
};

} // namespace fhirscope::runtime::net
