#include "test_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <list>
#include <thread>

namespace fhirscope::runtime::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using Plain = tcp::socket;
using Tls = beast::ssl_stream<tcp::socket>;

template <class Stream>
class PeerOn final : public Peer {
public:
    explicit PeerOn(websocket::stream<Stream&>& socket) : socket_(socket) {
        socket_.control_callback(
            [this](websocket::frame_type type, beast::string_view) { pongs_ += type == websocket::frame_type::pong; });
    }
    std::optional<std::string> receive() override {
        beast::flat_buffer buffer;
        error_code error;
        socket_.read(buffer, error);
        if (error) return std::nullopt;
        return std::string(static_cast<const char*>(buffer.cdata().data()), buffer.size());
    }
    bool send(const std::string& text) override { return write(text, true); }
    bool send_binary(const std::string& bytes) override { return write(bytes, false); }
    bool ping() override {
        error_code error;
        socket_.ping({}, error);
        return !error;
    }
    int pongs() const override { return pongs_; }
    void close(std::uint16_t code, const std::string& reason) override {
        error_code ignored;
        socket_.close({static_cast<websocket::close_code>(code), reason}, ignored);
    }
    void write_raw(const std::string& bytes) override {
        error_code ignored;
        asio::write(socket_.next_layer(), asio::buffer(bytes), ignored);
    }

private:
    bool write(const std::string& bytes, bool text) {
        error_code error;
        socket_.text(text);
        socket_.write(asio::buffer(bytes), error);
        return !error;
    }
    websocket::stream<Stream&>& socket_;
    int pongs_ = 0;
};

} // namespace

class TestServer::Impl {
public:
    explicit Impl(TestServerOptions o) : options(std::move(o)) {
        if (!options.certificate_file.empty()) {
            tls.use_certificate_chain_file(options.certificate_file);
            tls.use_private_key_file(options.key_file, asio::ssl::context::pem);
        }
        acceptor.listen();
        accepting = std::thread([this] { accept(); });
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
            for (const int handle : open) ::shutdown(handle, SHUT_RDWR);
            changed.notify_all();
        }
        ::shutdown(acceptor.native_handle(), SHUT_RDWR); // ends accept()
        accepting.join();
        for (std::thread& thread : threads) thread.join();
    }

    void accept() {
        for (;;) {
            error_code error;
            tcp::socket socket = acceptor.accept(error);
            const std::lock_guard lock(mutex);
            if (error || stopping) return;
            open.push_back(socket.native_handle());
            threads.emplace_back([this, number = ++accepted, socket = std::move(socket)]() mutable {
                serve(std::move(socket), number);
            });
        }
    }

    void serve(tcp::socket socket, std::size_t number) {
        const int handle = socket.native_handle();
        if (options.certificate_file.empty()) {
            talk(socket, number);
            leave(handle);
            socket.close();
        } else {
            Tls stream(std::move(socket), tls);
            error_code error;
            stream.handshake(asio::ssl::stream_base::server, error);
            if (!error) talk(stream, number);
            leave(handle);
            stream.next_layer().close();
        }
    }

    // Before the handle is closed, because its number can be given out again at once.
    void leave(int handle) {
        ::shutdown(handle, SHUT_RDWR);
        const std::lock_guard lock(mutex);
        std::erase(open, handle);
        ++ended;
        changed.notify_all();
    }

    template <class Stream>
    void talk(Stream& stream, std::size_t number) {
        beast::flat_buffer buffer;
        for (;;) {
            http::request<http::string_body> request;
            error_code error;
            http::read(stream, buffer, request, error);
            if (error) return;
            Seen seen{number, std::string(request.method_string()), std::string(request.target()), request.body(), {}};
            for (const auto& field : request) {
                std::string name(field.name_string());
                std::transform(name.begin(), name.end(), name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
                seen.headers[name] = std::string(field.value());
            }
            {
                const std::lock_guard lock(mutex);
                requests.push_back(seen);
                changed.notify_all();
            }
            const Reply reply = options.answer(seen);
            if (reply.silent) return wait_for_stop();
            if (reply.upgrade) {
                websocket::stream<Stream&> socket(stream);
                socket.read_message_max(64u << 20);
                socket.auto_fragment(false);
                if (options.deflates) {
                    websocket::permessage_deflate compression;
                    compression.server_enable = true;
                    socket.set_option(compression);
                }
                socket.accept(request, error);
                PeerOn<Stream> peer(socket);
                if (!error && options.converse) options.converse(peer);
                return;
            }
            asio::write(stream, asio::buffer(reply.bytes), error);
            if (error || reply.close) return;
        }
    }

    void wait_for_stop() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping; });
    }

    TestServerOptions options;
    asio::io_context io;
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    bool stopping = false;
    std::size_t accepted = 0, ended = 0;
    std::vector<int> open;
    std::vector<Seen> requests;
    std::list<std::thread> threads;
    std::thread accepting;
};

TestServer::TestServer(TestServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
TestServer::~TestServer() = default;

std::uint16_t TestServer::port() const { return impl_->acceptor.local_endpoint().port(); }

std::string TestServer::url(const std::string& host) const {
    return (impl_->options.certificate_file.empty() ? "http://" : "https://") + host + ":" + std::to_string(port()) +
           "/";
}

std::string TestServer::socket_url(const std::string& host) const {
    return (impl_->options.certificate_file.empty() ? "ws://" : "wss://") + host + ":" + std::to_string(port()) + "/ws";
}

std::vector<Seen> TestServer::requests() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->requests;
}

std::size_t TestServer::connections() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->accepted;
}

bool TestServer::wait_for_requests(std::size_t count) const {
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_for(lock, patience, [&] { return impl_->requests.size() >= count; });
}

bool TestServer::wait_for_ended_connections(std::size_t count) const {
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_for(lock, patience, [&] { return impl_->ended >= count; });
}

Reply http_reply(unsigned status, const std::string& body, const std::string& content_type,
                 const std::string& more_headers) {
    Reply reply;
    reply.bytes = "HTTP/1.1 " + std::to_string(status) + " " +
                  std::string(http::obsolete_reason(http::int_to_status(status))) +
                  "\r\nContent-Type: " + content_type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                  more_headers + "\r\n" + body;
    return reply;
}

Reply upgrade() {
    Reply reply;
    reply.upgrade = true;
    return reply;
}

std::optional<Reply> let_in(const Seen& seen, const std::string& access_token) {
    if (seen.target == "/oauth2/token")
        return http_reply(200, R"({"token_type":"Bearer","expires_in":3600,"access_token":")" + access_token +
                                   R"(","profile":{"reference":"ClientApplication/1"}})");
    if (seen.target.find("$get-ws-binding-token") != std::string::npos)
        return http_reply(
            200,
            R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"opaque-binding-token"},{"name":"expiration","valueDateTime":"2099-02-10T11:30:00.000Z"}]})");
    if (seen.target.starts_with("/ws")) return upgrade();
    if (seen.method == "POST")
        return http_reply(201, R"({"resourceType":"Subscription","id":"s1","status":"active","criteria":"Task"})");
    return std::nullopt;
}

std::uint16_t closed_port() {
    asio::io_context io;
    const tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
}

} // namespace fhirscope::runtime::test
