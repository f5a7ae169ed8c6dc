#pragma once
// How a connection is made: name, TCP, TLS; and what its failures are called. Part of the network; nothing above
// includes it.
//
// What is here is compiled once (net_stream.cpp). The templates of Beast see one kind of stream with a small interface,
// which makes them several times quicker to compile than over Asio's own types, twice.

#include "runtime/net.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace fhirscope::runtime::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using engine::Failure;
using Executor = asio::io_context::executor_type;
using Deadline = std::chrono::steady_clock::time_point;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using awaitable = asio::awaitable<T, Executor>;

// Results as tuples: an error of the network is an ordinary answer here, not an exception.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> awaiting{};

// Something that stop() must end early.
class Abortable {
public:
    virtual ~Abortable() = default;
    virtual void abort() = 0;
};

// Where a lookup's thread leaves its answer. The thread may outlive the network, so it asks here first.
struct Mailbox {
    std::mutex mutex;
    asio::io_context* io = nullptr; // null once the network has ended
};

struct Lookup;

struct Core {
    explicit Core(NetworkOptions o) : options(std::move(o)) { mailbox->io = &io; }
    ~Core() {
        const std::lock_guard lock(mailbox->mutex);
        mailbox->io = nullptr;
    }
    NetworkOptions options;
    asio::io_context io{1};
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::multiset<Abortable*> active;
    std::map<std::uint64_t, Lookup*> lookups; // under way, by number
    std::uint64_t last_lookup = 0;
    bool stopping = false;
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
};

// Registers for as long as it lives.
class Registered {
public:
    Registered(Core& core, Abortable& what) : core_(core), what_(what) { core_.active.insert(&what_); }
    ~Registered() { core_.active.erase(core_.active.find(&what_)); }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

private:
    Core& core_;
    Abortable& what_;
};

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
class Stream {
public:
    using executor_type = Executor;
    Stream(Core& core, bool secure);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Executor get_executor() const { return core_.io.get_executor(); }
    awaitable<NetResult<void>> connect(const Url& url, Deadline deadline);
    // What is under way then ends with beast::error::timeout.
    void expires_at(Deadline deadline);
    void expires_never();
    // What is under way ends with an error.
    void close();
    // So many bytes may still be read; beyond them reading ends with asio::error::message_size.
    static constexpr std::size_t unlimited = SIZE_MAX;
    void allow(std::size_t bytes) { allowed_ = bytes; }
    // The server has closed it, or says something unasked (which is how TLS closes).
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
    awaitable<NetResult<void>> connect_tcp(const Url& url, Deadline deadline);
    awaitable<NetResult<void>> connect_tls(const Url& url, Deadline deadline);

    struct Layers;
    std::size_t allowed_ = unlimited;
    Core& core_;
    std::unique_ptr<Layers> layers_;
};

std::string seconds_text(std::chrono::milliseconds time);
NetError timed_out(const Url& url, std::string_view doing);
// The other side has ended the connection, whatever it was doing.
bool is_close(const error_code& error);

} // namespace fhirscope::runtime::net
