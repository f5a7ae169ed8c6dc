#pragma once
// The embedded server on real sockets, and a client of it that knows nothing of its inside.

#include "bench.hpp"
#include "server/server.hpp"
#include "support/eventually.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace fhirscope::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using namespace std::chrono_literals;

// What a failing test waits at most, on a machine with other work.
inline constexpr auto patience = 20s;

inline ServerOptions fast_server() {
    auto options = empty_server();
    options.heartbeat = 100ms;
    return options;
}

class Server {
public:
    explicit Server(const ServerOptions& options = fast_server()) : server(options) {
        auto started = server.start();
        INFO((started ? std::string() : started.error().message));
        REQUIRE(started);
    }
    EmbeddedServer server;
    EmbeddedServer* operator->() { return &server; }
};

using tests::eventually;

class HttpClient {
public:
    explicit HttpClient(EmbeddedServer& server) : stream_(io_) {
        stream_.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server.port()));
        log_in(server);
    }
    void log_in(EmbeddedServer& server) {
        auto form = "grant_type=client_credentials&client_id=" + server.client_id() +
                    "&client_secret=" + server.client_secret();
        token_ = at(send("POST", "/oauth2/token", form, "application/x-www-form-urlencoded").body(), "/access_token");
    }
    http::response<http::string_body> send(std::string_view method, std::string_view target, std::string body = {},
                                           std::string_view type = "application/fhir+json",
                                           const Headers& headers = {}) {
        http::request<http::string_body> request(http::string_to_verb(method), target, 11);
        request.set(http::field::host, "localhost");
        if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
        if (!body.empty()) request.set(http::field::content_type, type);
        for (const auto& [name, value] : headers) request.set(name, value);
        request.body() = std::move(body);
        request.prepare_payload();
        stream_.expires_after(patience);
        http::write(stream_, request);
        http::response<http::string_body> response;
        http::read(stream_, buffer_, response);
        return response;
    }
    http::response<http::string_body> fhir(std::string_view method, const std::string& target, std::string body = {}) {
        return send(method, "/fhir/R4/" + target, std::move(body));
    }
    std::string subscribe(const std::string& criteria) {
        return at(fhir("POST", "Subscription",
                       R"({"resourceType":"Subscription","status":"active","reason":"test","criteria":")" + criteria +
                           R"(","channel":{"type":"websocket"}})")
                      .body(),
                  "/id");
    }
    std::string binding_token(const std::string& subscription) {
        return at(fhir("GET", "Subscription/" + subscription + "/$get-ws-binding-token").body(),
                  "/parameter/0/valueString");
    }
    std::string create_task() {
        return at(fhir("POST", "Task", R"({"resourceType":"Task","status":"requested","intent":"order"})").body(),
                  "/id");
    }

private:
    asio::io_context io_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::string token_;
};

class Socket {
public:
    explicit Socket(EmbeddedServer& server, std::string_view path = "/ws/subscriptions-r4") : socket_(io_) {
        auto& tcp_stream = beast::get_lowest_layer(socket_);
        tcp_stream.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server.port()));
        tcp_stream.expires_never();
        socket_.read_message_max(8u << 20);
        socket_.handshake(response, "localhost", path, error);
    }
    void say(std::string_view frame) { socket_.write(asio::buffer(frame.data(), frame.size()), error); }
    void bind(const std::string& token) { say(R"({"type":"bind-with-token","payload":{"token":")" + token + "\"}}"); }
    // The next frame; nullopt when the connection ends or nothing comes (see error).
    std::optional<std::string> read() {
        std::optional<std::string> frame;
        bool done = false;
        socket_.async_read(buffer_, [&](beast::error_code e, std::size_t) {
            error = e;
            done = true;
            if (!e) frame = beast::buffers_to_string(buffer_.data());
            buffer_.clear();
        });
        io_.restart();
        io_.run_for(patience);
        if (!done) {
            beast::get_lowest_layer(socket_).close();
            io_.run();
            FAIL("no frame came");
        }
        return frame;
    }
    // The next frame of this SubscriptionStatus type; others are passed over.
    std::optional<std::string> read(std::string_view type) {
        while (auto frame = read())
            if (at(*frame, "/entry/0/resource/type") == type) return frame;
        return std::nullopt;
    }
    bool closed() {
        while (read()) {
        }
        return true;
    }
    websocket::close_reason reason() const { return socket_.reason(); }
    void close() { socket_.close(websocket::close_code::normal, error); }
    void drop() { beast::get_lowest_layer(socket_).socket().close(); }

    beast::error_code error;
    websocket::response_type response;

private:
    asio::io_context io_;
    websocket::stream<beast::tcp_stream> socket_;
    beast::flat_buffer buffer_;
};

inline constexpr const char* focus = "/entry/0/resource/notificationEvent/0/focus/reference";

} // namespace fhirscope::server
