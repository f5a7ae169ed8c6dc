#pragma once
// How a connection is made: name, TCP, TLS; and what its failures are called. Part of net.cpp; nothing else includes it.

#include <netdb.h>

#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/ssl.hpp>

#include "runtime/net.hpp"
#include "runtime/tls.hpp"

namespace fhirscope::runtime::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using asio::awaitable;
using asio::ip::tcp;
using engine::Failure;
using Deadline = std::chrono::steady_clock::time_point;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

// Results as tuples: an error of the network is an ordinary answer here, not an exception.
inline constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

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

inline std::string seconds_text(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

inline NetError timed_out(const Url& url, std::string_view doing) {
    return {Failure::Timeout, url.authority() + " did not answer in time (" + std::string(doing) + ")."};
}

inline bool is_close(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::connection_aborted || error == asio::ssl::error::stream_truncated ||
           error == http::error::end_of_stream || error == http::error::partial_message;
}

struct Lookup final : Abortable {
    explicit Lookup(Core& c) : core(c), number(++c.last_lookup), timer(c.io) { core.lookups[number] = this; }
    ~Lookup() override { core.lookups.erase(number); }
    void abort() override { timer.cancel(); }
    Core& core;
    const std::uint64_t number;
    asio::steady_timer timer; // ends when the answer is there, or at the deadline
    bool answered = false;
    int error = 0;
    std::vector<tcp::endpoint> endpoints;
};

// A thread of its own, because getaddrinfo blocks for as long as the system's resolver likes and cannot be cancelled: Asio's
// resolver would keep stop() waiting for it. It may outlive the network, so it owns nothing of it.
inline void look_up(Core& core, const Url& url, std::uint64_t number) {
    std::thread([host = url.host, port = url.port, number, &core, mailbox = core.mailbox] {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_ADDRCONFIG;
        addrinfo* list = nullptr;
        const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
        std::vector<tcp::endpoint> endpoints;
        for (const addrinfo* one = list; one; one = one->ai_next) {
            tcp::endpoint endpoint;
            if (one->ai_addrlen > endpoint.capacity()) continue;
            std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
            endpoint.resize(one->ai_addrlen);
            endpoints.push_back(endpoint);
        }
        if (list) freeaddrinfo(list);
        const std::lock_guard lock(mailbox->mutex);
        if (!mailbox->io) return; // and `core` is gone
        asio::post(*mailbox->io, [&core, number, error, endpoints = std::move(endpoints)]() mutable {
            const auto waiting = core.lookups.find(number);
            if (waiting == core.lookups.end()) return;
            Lookup& lookup = *waiting->second;
            lookup.answered = true;
            lookup.error = error;
            lookup.endpoints = std::move(endpoints);
            lookup.timer.cancel();
        });
    }).detach();
}

inline awaitable<NetResult<std::vector<tcp::endpoint>>> resolve(Core& core, const Url& url, Deadline deadline) {
    error_code not_numeric;
    const auto address = asio::ip::make_address(url.host, not_numeric);
    if (!not_numeric) {
        std::vector<tcp::endpoint> one{tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(url.port)))};
        co_return one;
    }
    Lookup lookup(core);
    const Registered registered(core, lookup);
    lookup.timer.expires_at(deadline);
    look_up(core, url, lookup.number);
    co_await lookup.timer.async_wait(awaiting);
    if (!lookup.answered)
        co_return tl::unexpected(NetError{Failure::Timeout, "The address of " + url.host + " could not be found in time. Is there a network?"});
    if (lookup.error != 0 || lookup.endpoints.empty())
        co_return tl::unexpected(NetError{Failure::Unreachable, "There is no host " + url.host + " (" + gai_strerror(lookup.error) +
                                                                    "). Check the address, and the network."});
    co_return std::move(lookup.endpoints);
}

inline NetError connect_error(const Url& url, const error_code& error) {
    if (error == beast::error::timeout) return timed_out(url, "connecting");
    if (error == asio::error::connection_refused)
        return {Failure::Refused, "Nothing listens at " + url.authority() + " (connection refused). Is the server running, and is that its port?"};
    return {Failure::Unreachable, url.authority() + " cannot be reached: " + error.message() + "."};
}

// Tries the addresses one after the other and gives each a share of the time, so that one that swallows packets leaves some
// for the next.
inline awaitable<NetResult<void>> connect_tcp(Core& core, Plain& stream, const Url& url, Deadline deadline) {
    const auto endpoints = co_await resolve(core, url, deadline);
    if (!endpoints) co_return tl::unexpected(endpoints.error());
    error_code first;
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<int>(endpoints->size() - i);
        stream.expires_at(now + share);
        const auto [error] = co_await stream.async_connect((*endpoints)[i], awaiting);
        if (!error && !core.stopping) {
            error_code ignored;
            stream.socket().set_option(tcp::no_delay(true), ignored);
            co_return NetResult<void>();
        }
        if (!first) first = error;
        stream.close();
        if (core.stopping) break;
    }
    co_return tl::unexpected(connect_error(url, first));
}

inline Plain& tcp_of(Plain& stream) { return stream; }
inline Plain& tcp_of(Tls& stream) { return stream.next_layer(); }

inline awaitable<NetResult<void>> connect(Core& core, Plain& stream, const Url& url, Deadline deadline) {
    return connect_tcp(core, stream, url, deadline);
}

inline awaitable<NetResult<void>> connect(Core& core, Tls& stream, const Url& url, Deadline deadline) {
    const auto connected = co_await connect_tcp(core, tcp_of(stream), url, deadline);
    if (!connected) co_return connected;
    CertificateProblem problem;
    stream.set_verify_callback([&problem](bool fine, asio::ssl::verify_context& context) {
        if (!fine) note_problem(problem, context.native_handle());
        return fine;
    });
    if (!expect_host(stream.native_handle(), url.host))
        co_return tl::unexpected(NetError{Failure::Tls, "“" + url.host + "” cannot be the name of a TLS server."});
    tcp_of(stream).expires_at(deadline);
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, awaiting);
    stream.set_verify_callback([](bool fine, asio::ssl::verify_context&) { return fine; }); // `problem` goes
    if (!error) co_return NetResult<void>();
    if (error == beast::error::timeout) co_return tl::unexpected(timed_out(url, "TLS"));
    if (problem.error == X509_V_OK && is_close(error))
        co_return tl::unexpected(NetError{Failure::Tls, url.authority() + " ended the connection during the TLS handshake. Does it speak TLS 1.2 or later?"});
    co_return tl::unexpected(NetError{Failure::Tls, explain_tls(problem, url.host, error.message())});
}

} // namespace fhirscope::runtime::net
