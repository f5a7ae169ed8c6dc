#include "net/stream.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

namespace fhirscope::net {

using Tcp = beast::basic_stream<tcp, Executor>;
using Tls = asio::ssl::stream<Tcp&>;
namespace http = beast::http;

constexpr std::size_t max_record = 16u << 10; // of TLS

struct Stream::Layers {
    Layers(Tcp stream, asio::ssl::context* context) : tcp(std::move(stream)) {
        if (context) tls.emplace(tcp, *context);
    }
    Tcp tcp;
    std::optional<Tls> tls;
    std::vector<char> record; // several buffers make one record of TLS, not one each
};

Stream::Stream(Executor executor, asio::ssl::context* tls)
    : executor_(executor), layers_(std::make_unique<Layers>(Tcp(executor), tls)) {}

Stream::Stream(TcpSocket accepted, asio::ssl::context* tls)
    : executor_(accepted.get_executor()), layers_(std::make_unique<Layers>(Tcp(std::move(accepted)), tls)) {}

Stream::~Stream() = default;

bool Stream::secure() const { return layers_->tls.has_value(); }

bool Stream::is_open() const { return layers_->tcp.socket().is_open(); }

std::string Stream::peer() const {
    error_code gone;
    const auto remote = layers_->tcp.socket().remote_endpoint(gone);
    return gone ? std::string() : remote.address().to_string();
}

SSL* Stream::tls_handle() { return layers_->tls ? layers_->tls->native_handle() : nullptr; }

void Stream::expires_at(Deadline deadline) { layers_->tcp.expires_at(deadline); }

void Stream::expires_never() { layers_->tcp.expires_never(); }

void Stream::close() { layers_->tcp.close(); }

bool Stream::stale() {
    char byte = 0;
    const auto got = ::recv(layers_->tcp.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || errno != EAGAIN;
}

awaitable<error_code> Stream::connect(const tcp::endpoint& endpoint, Deadline deadline) {
    layers_->tcp.expires_at(deadline);
    const auto [error] = co_await layers_->tcp.async_connect(endpoint, awaiting);
    if (error) {
        close();
        co_return error;
    }
    error_code ignored;
    layers_->tcp.socket().set_option(tcp::no_delay(true), ignored);
    co_return error_code();
}

awaitable<error_code> Stream::handshake_as_client(Deadline deadline, CertificateCheck check) {
    layers_->tls->set_verify_callback(std::move(check));
    layers_->tcp.expires_at(deadline);
    const auto [error] = co_await layers_->tls->async_handshake(asio::ssl::stream_base::client, awaiting);
    layers_->tls->set_verify_callback([](bool fine, asio::ssl::verify_context&) { return fine; });
    co_return error;
}

awaitable<error_code> Stream::handshake_as_server(Deadline deadline) {
    layers_->tcp.expires_at(deadline);
    const auto [error] = co_await layers_->tls->async_handshake(asio::ssl::stream_base::server, awaiting);
    co_return error;
}

awaitable<void> Stream::shut_down(Deadline deadline) {
    if (layers_->tls) {
        layers_->tcp.expires_at(deadline);
        co_await layers_->tls->async_shutdown(awaiting);
    }
    error_code ignored;
    layers_->tcp.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

void Stream::read(const Buffers<asio::mutable_buffer>& buffers, Completion done) {
    if (allowed_ == unlimited) return read_allowed(buffers, std::move(done));
    if (allowed_ == 0)
        return asio::post(get_executor(), [done = std::move(done)]() mutable { done(asio::error::message_size, 0); });
    read_allowed(buffers, Completion([this, done = std::move(done)](error_code error, std::size_t size) mutable {
                     if (allowed_ != unlimited) allowed_ -= std::min(size, allowed_);
                     done(error, size);
                 }));
}

void Stream::read_allowed(const Buffers<asio::mutable_buffer>& buffers, Completion done) {
    if (layers_->tls)
        layers_->tls->async_read_some(buffers, std::move(done));
    else
        layers_->tcp.async_read_some(buffers, std::move(done));
}

void Stream::write(const Buffers<asio::const_buffer>& buffers, Completion done) {
    if (!layers_->tls) return layers_->tcp.async_write_some(buffers, std::move(done));
    asio::const_buffer one = buffers.count() > 0 ? *buffers.begin() : asio::const_buffer();
    if (buffers.count() > 1) {
        layers_->record.resize(std::min(asio::buffer_size(buffers), max_record));
        asio::buffer_copy(asio::buffer(layers_->record), buffers);
        one = asio::buffer(layers_->record);
    }
    layers_->tls->async_write_some(one, std::move(done));
}

bool is_close(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::connection_aborted || error == asio::ssl::error::stream_truncated ||
           error == http::error::end_of_stream || error == http::error::partial_message;
}

} // namespace fhirscope::net
