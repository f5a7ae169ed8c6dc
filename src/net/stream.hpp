#pragma once
// One kind of stream for both ends: TCP, with TLS or without.
//
// What is here is compiled once (stream.cpp). The templates of Beast see one kind of stream with a small interface,
// which makes them several times quicker to compile than over Asio's own types, twice.

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace fhirscope::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Deadline = std::chrono::steady_clock::time_point;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using TcpSocket = asio::basic_stream_socket<tcp, Executor>;
template <class T>
using awaitable = asio::awaitable<T, Executor>;

// Results as tuples: an error of the network is an ordinary answer here, not an exception.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> awaiting{};

// A call that is to be made once, with an operation's result.
class Completion {
public:
    Completion() = default;
    template <class Handler>
    explicit Completion(Handler handler) : held_(std::make_unique<Holding<Handler>>(std::move(handler))) {}
    void operator()(error_code error, std::size_t size) {
        const auto held = std::move(held_); // it goes before the call's own effects are over
        held->call(error, size);
    }

private:
    struct Held {
        virtual ~Held() = default;
        virtual void call(error_code error, std::size_t size) = 0;
    };
    template <class Handler>
    struct Holding final : Held {
        explicit Holding(Handler h) : handler(std::move(h)) {}
        void call(error_code error, std::size_t size) override { std::move(handler)(error, size); }
        Handler handler;
    };
    std::unique_ptr<Held> held_;
};

// The first buffers of a sequence. A read or write may do less than it was asked for, so a longer sequence loses
// nothing.
template <class Buffer>
class Buffers {
public:
    using value_type = Buffer;
    using const_iterator = const Buffer*;
    template <class Sequence>
    explicit Buffers(const Sequence& sequence) {
        for (auto one = asio::buffer_sequence_begin(sequence);
             one != asio::buffer_sequence_end(sequence) && count_ < list_.size(); ++one)
            if (Buffer(*one).size() > 0) list_[count_++] = *one;
    }
    const_iterator begin() const { return list_.data(); }
    const_iterator end() const { return list_.data() + count_; }
    std::size_t count() const { return count_; }

private:
    std::array<Buffer, 8> list_;
    std::size_t count_ = 0;
};

// A TCP connection, with TLS or without. An Asio stream as far as Beast needs one.
// A deadline holds for one operation under way in each direction: it ends with beast::error::timeout then.
class Stream {
public:
    using executor_type = Executor;
    // Asked about each certificate of the chain: whether it is fine so far, and what is known of it.
    using CertificateCheck = std::function<bool(bool, asio::ssl::verify_context&)>;

    // Not connected yet. `tls`: null for a plain one; must outlive the stream.
    Stream(Executor executor, asio::ssl::context* tls);
    // Accepted from a client.
    Stream(TcpSocket accepted, asio::ssl::context* tls);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Executor get_executor() const { return executor_; }
    bool secure() const;
    bool is_open() const;
    std::string peer() const; // its address; empty when it is gone

    // To one address, without Nagle's delay. A failure leaves the stream closed, to be tried with another address.
    awaitable<error_code> connect(const tcp::endpoint& endpoint, Deadline deadline);
    // TLS only. `check` is not called after the handshake.
    awaitable<error_code> handshake_as_client(Deadline deadline, CertificateCheck check);
    awaitable<error_code> handshake_as_server(Deadline deadline);
    // Says that nothing more is sent; what the other side still sends can be read.
    awaitable<void> shut_down(Deadline deadline);
    // Null for a plain one.
    SSL* tls_handle();

    void expires_at(Deadline deadline);
    void expires_never();
    // What is under way ends with an error.
    void close();
    // So many bytes may still be read; beyond them reading ends with asio::error::message_size.
    static constexpr std::size_t unlimited = SIZE_MAX;
    void allow(std::size_t bytes) { allowed_ = bytes; }
    // The other side has closed it, or says something unasked (which is how TLS closes).
    bool stale();

    template <class Sequence, class Token>
    auto async_read_some(const Sequence& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const Buffers<asio::mutable_buffer>& list) {
                read(list, Completion(std::move(handler)));
            },
            token, Buffers<asio::mutable_buffer>(buffers));
    }
    template <class Sequence, class Token>
    auto async_write_some(const Sequence& buffers, Token&& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [this](auto handler, const Buffers<asio::const_buffer>& list) {
                write(list, Completion(std::move(handler)));
            },
            token, Buffers<asio::const_buffer>(buffers));
    }

    // How a WebSocket ends its connection (found by Beast through the argument).
    friend void beast_close_socket(Stream& stream) { stream.close(); }
    template <class Handler>
    friend void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
        stream.close();
        asio::post(stream.get_executor(), asio::append(std::forward<Handler>(handler), error_code()));
    }
    friend void teardown(beast::role_type, Stream& stream, error_code& error) {
        stream.close();
        error = {};
    }

private:
    void read(const Buffers<asio::mutable_buffer>& buffers, Completion done);
    void read_allowed(const Buffers<asio::mutable_buffer>& buffers, Completion done);
    void write(const Buffers<asio::const_buffer>& buffers, Completion done);

    struct Layers;
    std::size_t allowed_ = unlimited;
    Executor executor_;
    std::unique_ptr<Layers> layers_;
};

// The other side has ended the connection, whatever it was doing.
bool is_close(const error_code& error);

} // namespace fhirscope::net
