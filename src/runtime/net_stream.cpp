#include "runtime/net_stream.hpp"

#include "runtime/tls.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace fhirscope::runtime::net {

using Tcp = beast::basic_stream<tcp, Executor>;
using Tls = asio::ssl::stream<Tcp&>;
namespace http = beast::http;

constexpr std::size_t max_record = 16u << 10; // of TLS

struct Lookup final : Abortable {
    explicit Lookup(Core& c) : core(c), number(++c.last_lookup), timer(c.io) { core.lookups[number] = this; }
    ~Lookup() override { core.lookups.erase(number); }
    void abort() override { timer.cancel(); }
    Core& core;
    const std::uint64_t number;
    Timer timer; // ends when the answer is there, or at the deadline
    bool answered = false;
    int error = 0;
    std::vector<tcp::endpoint> endpoints;
};

// A thread of its own, because getaddrinfo blocks for as long as the system's resolver likes and cannot be cancelled:
// Asio's resolver would keep stop() waiting for it. It may outlive the network, so it owns nothing of it.
void look_up(Core& core, const Url& url, std::uint64_t number) {
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

awaitable<NetResult<std::vector<tcp::endpoint>>> resolve(Core& core, const Url& url, Deadline deadline) {
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
        co_return tl::unexpected(NetError{
            Failure::Timeout, "The address of " + url.host + " could not be found in time. Is there a network?"});
    if (lookup.error != 0 || lookup.endpoints.empty())
        co_return tl::unexpected(NetError{Failure::Unreachable, "There is no host " + url.host + " (" +
                                                                    gai_strerror(lookup.error) +
                                                                    "). Check the address, and the network."});
    co_return std::move(lookup.endpoints);
}

struct Stream::Layers {
    Layers(Core& core, bool secure) : tcp(core.io.get_executor()) {
        if (secure) tls.emplace(tcp, core.tls);
    }
    Tcp tcp;
    std::optional<Tls> tls;
    std::vector<char> record; // several buffers make one record of TLS, not one each
};

namespace {

NetError connect_error(const Url& url, const error_code& error) {
    if (error == beast::error::timeout) return timed_out(url, "connecting");
    if (error == asio::error::connection_refused)
        return {Failure::Refused, "Nothing listens at " + url.authority() +
                                      " (connection refused). Is the server running, and is that its port?"};
    return {Failure::Unreachable, url.authority() + " cannot be reached: " + error.message() + "."};
}

} // namespace

Stream::Stream(Core& core, bool secure) : core_(core), layers_(std::make_unique<Layers>(core, secure)) {}

Stream::~Stream() = default;

void Stream::expires_at(Deadline deadline) { layers_->tcp.expires_at(deadline); }

void Stream::expires_never() { layers_->tcp.expires_never(); }

void Stream::close() { layers_->tcp.close(); }

bool Stream::stale() {
    char byte = 0;
    const auto got = ::recv(layers_->tcp.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || errno != EAGAIN;
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
    if (layers_->tls) {
        layers_->tls->async_read_some(buffers, std::move(done));
    } else {
        layers_->tcp.async_read_some(buffers, std::move(done));
    }
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

awaitable<NetResult<void>> Stream::connect(const Url& url, Deadline deadline) {
    auto connected = co_await connect_tcp(url, deadline);
    if (connected && layers_->tls) connected = co_await connect_tls(url, deadline);
    co_return connected;
}

// Tries the addresses one after the other and gives each a share of the time, so that one that swallows packets leaves
// some for the next.
awaitable<NetResult<void>> Stream::connect_tcp(const Url& url, Deadline deadline) {
    Tcp& stream = layers_->tcp;
    const auto endpoints = co_await resolve(core_, url, deadline);
    if (!endpoints) co_return tl::unexpected(endpoints.error());
    error_code first;
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<int>(endpoints->size() - i);
        stream.expires_at(now + share);
        const auto [error] = co_await stream.async_connect((*endpoints)[i], awaiting);
        if (!error && !core_.stopping) {
            error_code ignored;
            stream.socket().set_option(tcp::no_delay(true), ignored);
            co_return NetResult<void>();
        }
        if (!first) first = error;
        stream.close();
        if (core_.stopping) break;
    }
    co_return tl::unexpected(connect_error(url, first));
}

awaitable<NetResult<void>> Stream::connect_tls(const Url& url, Deadline deadline) {
    Tls& tls = *layers_->tls;
    CertificateProblem problem;
    tls.set_verify_callback([&problem](bool fine, asio::ssl::verify_context& context) {
        if (!fine) note_problem(problem, context.native_handle());
        return fine;
    });
    if (!expect_host(tls.native_handle(), url.host))
        co_return tl::unexpected(NetError{Failure::Tls, "“" + url.host + "” cannot be the name of a TLS server."});
    layers_->tcp.expires_at(deadline);
    const auto [error] = co_await tls.async_handshake(asio::ssl::stream_base::client, awaiting);
    tls.set_verify_callback([](bool fine, asio::ssl::verify_context&) { return fine; }); // `problem` goes
    if (!error) co_return NetResult<void>();
    if (error == beast::error::timeout) co_return tl::unexpected(timed_out(url, "TLS"));
    if (problem.error == X509_V_OK && is_close(error))
        co_return tl::unexpected(NetError{
            Failure::Tls,
            url.authority() + " ended the connection during the TLS handshake. Does it speak TLS 1.2 or later?"});
    co_return tl::unexpected(NetError{Failure::Tls, explain_tls(problem, url.host, error.message())});
}

std::string seconds_text(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

NetError timed_out(const Url& url, std::string_view doing) {
    return {Failure::Timeout, url.authority() + " did not answer in time (" + std::string(doing) + ")."};
}

bool is_close(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
           error == asio::error::connection_aborted || error == asio::ssl::error::stream_truncated ||
           error == http::error::end_of_stream || error == http::error::partial_message;
}

} // namespace fhirscope::runtime::net
