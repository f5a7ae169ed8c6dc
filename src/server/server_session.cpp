// What is said on one connection. Beast takes long to compile: nothing else of the server includes it.

#include "net/stream.hpp"
#include "server/server_impl.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <tuple>

namespace fhirscope::server {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using net::awaitable;
using net::awaiting;

namespace {

constexpr auto idle_limit = std::chrono::seconds(90); // of a kept-alive connection, as Medplum announces it
constexpr auto handshake_limit = std::chrono::seconds(10);
constexpr auto body_limit = std::chrono::seconds(30); // for a request's body to arrive
constexpr std::size_t drain_limit = 32u << 20; // of a known client's body that is too large but still read to its end

net::Deadline in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

using Text = std::shared_ptr<const std::string>;

class Session final : public Connection, public std::enable_shared_from_this<Session> {
public:
    Session(net::TcpSocket socket, asio::ssl::context* tls, EmbeddedServer::Impl& server, ConnectionId id)
        : socket_(std::move(socket), tls), server_(server), id_(id), pause_(server.io), peer_(stream().peer()) {}

    void start() {
        auto self = shared_from_this();
        // However it ends, by an error or by an exception, the server hears of it.
        asio::co_spawn(server_.io, run(), [self](const std::exception_ptr&) { self->server_.closed(self->id_); });
    }

    void send(const Text& frame) override {
        if (!upgraded_ || ending_) return;
        if (waiting_bytes_ + frame->size() > server_.options.max_output) {
            ++server_.stats.slow_readers;
            abort(); // its queue ends here; the others never notice
            return;
        }
        server_.stats.bytes_sent += frame->size();
        waiting_bytes_ += frame->size();
        queue_.push_back(frame);
        if (!writing_ && !server_.hanging) write_next();
    }

    void abort() override {
        ending_ = true;
        stream().close();
        pause_.cancel();
    }

    void close(std::uint16_t code, const std::string& reason) override {
        if (!upgraded_ || ending_) return;
        ending_ = true;
        auto self = shared_from_this();
        websocket::close_reason why(static_cast<websocket::close_code>(code), reason.substr(0, 123));
        socket_.async_close(why, [self](error_code) { self->abort(); });
    }

    bool is_websocket() const override { return upgraded_; }
    bool is_known() const override { return known_; }
    const std::string& peer() const override { return peer_; }

    void wake() override {
        pause_.cancel();
        if (upgraded_ && !queue_.empty() && !writing_) write_next();
    }

private:
    net::Stream& stream() { return socket_.next_layer(); }

    awaitable<void> run() {
        auto self = shared_from_this();
        if (stream().secure() && co_await stream().handshake_as_server(in(handshake_limit))) co_return;
        beast::flat_buffer buffer;
        for (;;) {
            http::request_parser<http::string_body> parser;
            parser.body_limit(boost::none); // asked for when the header is known
            stream().expires_at(in(idle_time()));
            auto [no_header, header_size] = co_await http::async_read_header(stream(), buffer, parser, awaiting);
            if (no_header) break;
            // Nobody's memory is filled before he has logged in.
            const bool known = server_.knows(head(parser.get()));
            known_ = known_ || known;
            const std::size_t most = known ? drain_limit : server_.options.max_unknown_body;
            parser.body_limit(most);
            stream().expires_at(in(body_limit));
            error_code error;
            if (parser.content_length().value_or(0) > most)
                error = http::error::body_limit;
            else
                std::tie(error, std::ignore) = co_await http::async_read(stream(), buffer, parser, awaiting);
            if (error == http::error::body_limit && !known) {
                auto request = head(parser.get());
                request.body_too_large = true;
                co_await respond(response_of(server_.answer(request)));
            } else if (error == http::error::body_limit) {
                co_await respond(http::response<http::string_body>(http::status::payload_too_large, 11));
            }
            if (error) break;
            auto message = parser.release();
            if (server_.delay.count() > 0) {
                pause_.expires_after(server_.delay);
                co_await pause_.async_wait(awaiting);
            }
            co_await wait_while_hanging(true);
            if (websocket::is_upgrade(message)) {
                co_await upgrade(std::move(message));
                co_return;
            }
            bool keep = message.keep_alive();
            const auto commits = server_.world->store.commits();
            auto response = answer(message);
            if (server_.options.behaviour == Behaviour::Medplum51 && server_.world->store.commits() != commits &&
                server_.options.write_answer_lag.count() > 0) {
                pause_.expires_after(server_.options.write_answer_lag);
                co_await pause_.async_wait(awaiting);
            }
            bool sent = co_await respond(std::move(response), keep);
            if (!sent || !keep) break;
        }
        co_await stream().shut_down(in(handshake_limit));
    }

    // All of a request but its body.
    Request head(const http::request<http::string_body>& message) const {
        Request request;
        request.method = std::string(message.method_string());
        request.target = std::string(message.target());
        request.peer = peer_;
        for (const auto& field : message)
            request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        return request;
    }

    static http::response<http::string_body> response_of(Response answer) {
        http::response<http::string_body> response(static_cast<http::status>(answer.status), 11);
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        response.body() = std::move(answer.body);
        return response;
    }

    http::response<http::string_body> answer(http::request<http::string_body>& message) {
        auto request = head(message);
        request.body_too_large = message.body().size() > server_.options.max_body;
        if (!request.body_too_large) request.body = std::move(message.body());
        return response_of(server_.answer(request));
    }

    awaitable<void> wait_while_hanging(bool request) {
        while ((server_.hanging || (request && server_.requests_hanging)) && stream().is_open()) {
            pause_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await pause_.async_wait(awaiting);
        }
    }

    // Until the next request's header is here.
    milliseconds idle_time() const { return known_ ? milliseconds(idle_limit) : server_.options.header_deadline; }

    awaitable<bool> respond(http::response<http::string_body> response, bool keep_alive = false) {
        response.keep_alive(keep_alive);
        if (keep_alive) {
            response.set(http::field::connection, "keep-alive");
            response.set(http::field::keep_alive, "timeout=" + std::to_string(idle_time().count() / 1000));
        }
        if (response.result() != http::status::no_content) response.prepare_payload();
        stream().expires_at(in(idle_limit));
        auto [error, size] = co_await http::async_write(stream(), response, awaiting);
        co_return !error;
    }

    awaitable<void> upgrade(http::request<http::string_body> message) {
        // Anything but the one path, a query string among it, is refused (PROTOCOL A13).
        bool known = message.target() == server_.websocket_path || message.target() == server_.websocket_path + "/";
        bool allowed = known && server_.may_upgrade();
        if (!allowed) {
            co_await respond(http::response<http::string_body>(
                known ? http::status::service_unavailable : http::status::not_found, 11));
            co_return;
        }
        stream().expires_never();
        upgraded_ = true;
        auto timeouts = websocket::stream_base::timeout{handshake_limit, websocket::stream_base::none(), false};
        socket_.set_option(timeouts);
        socket_.read_message_max(server_.options.max_body); // beyond it: close, code 1009
        socket_.text(true);
        ending_ = true; // nothing is sent before the handshake is
        auto [refused] = co_await socket_.async_accept(message, awaiting);
        if (refused) co_return;
        ending_ = false;
        beast::flat_buffer buffer;
        for (;;) {
            auto [error, size] = co_await socket_.async_read(buffer, awaiting);
            if (error) co_return;
            co_await wait_while_hanging(false);
            bool terminate = false;
            server_.received(id_, *this, {static_cast<const char*>(buffer.data().data()), buffer.size()}, terminate,
                             known_);
            buffer.consume(buffer.size());
            if (terminate) {
                ending_ = cut_when_sent_ = true;
                if (queue_.empty()) abort();
                co_return;
            }
        }
    }

    void write_next() {
        auto self = shared_from_this();
        writing_ = true;
        socket_.async_write(asio::buffer(*queue_.front()), [self](error_code error, std::size_t) {
            self->waiting_bytes_ -= self->queue_.front()->size();
            self->queue_.pop_front();
            self->writing_ = false;
            if (error) return self->abort();
            if (!self->queue_.empty() && !self->server_.hanging)
                self->write_next();
            else if (self->queue_.empty() && self->cut_when_sent_)
                self->abort();
        });
    }

    websocket::stream<net::Stream> socket_; // before the upgrade only the stream within it is used
    EmbeddedServer::Impl& server_;
    ConnectionId id_;
    net::Timer pause_;
    std::string peer_;
    std::deque<Text> queue_;
    std::size_t waiting_bytes_ = 0;
    bool upgraded_ = false;
    bool known_ = false;         // its client showed that it logged in
    bool writing_ = false;       // the first of the queue
    bool ending_ = false;        // nothing more is taken for sending
    bool cut_when_sent_ = false; // what is queued still goes out, then the connection is cut
};

} // namespace

std::shared_ptr<Connection> open_session(net::TcpSocket socket, bool secure, EmbeddedServer::Impl& server,
                                         ConnectionId id) {
    auto session = std::make_shared<Session>(std::move(socket), secure ? &server.tls : nullptr, server, id);
    session->start();
    return session;
}

} // namespace fhirscope::server
