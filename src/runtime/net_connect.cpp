#include "runtime/net_core.hpp"
#include "runtime/tls.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace fhirscope::runtime::net {

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
        const Lock lock(mailbox->mutex);
        if (!mailbox->io) return; // and `core` is gone
        asio::post(
            *mailbox->io,
            [&core, number, error, endpoints = std::move(endpoints)]() mutable {
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

namespace {

NetError connect_error(const Url& url, const error_code& error) {
    if (error == beast::error::timeout) return timed_out(url, "connecting");
    if (error == asio::error::connection_refused)
        return {Failure::Refused, "Nothing listens at " + url.authority() +
                                      " (connection refused). Is the server running, and is that its port?"};
    return {Failure::Unreachable, url.authority() + " cannot be reached: " + error.message() + "."};
}

// Tries the addresses one after the other and gives each a share of the time, so that one that swallows packets leaves
// some for the next.
awaitable<NetResult<void>> connect_tcp(Core& core, Stream& stream, const Url& url, Deadline deadline) {
    const auto endpoints = co_await resolve(core, url, deadline);
    if (!endpoints) co_return tl::unexpected(endpoints.error());
    error_code first;
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<int>(endpoints->size() - i);
        const auto error = co_await stream.connect((*endpoints)[i], now + share);
        if (!error && !core.stopping) co_return NetResult<void>();
        if (!first) first = error;
        if (core.stopping) break;
    }
    co_return tl::unexpected(connect_error(url, first));
}

awaitable<NetResult<void>> connect_tls(Stream& stream, const Url& url, Deadline deadline) {
    CertificateProblem problem;
    if (!expect_host(stream.tls_handle(), url.host))
        co_return tl::unexpected(NetError{Failure::Tls, "“" + url.host + "” cannot be the name of a TLS server."});
    const auto error =
        co_await stream.handshake_as_client(deadline, [&problem](bool fine, asio::ssl::verify_context& context) {
            if (!fine) note_problem(problem, context.native_handle());
            return fine;
        });
    if (!error) co_return NetResult<void>();
    if (error == beast::error::timeout) co_return tl::unexpected(timed_out(url, "TLS"));
    if (problem.error == X509_V_OK && is_close(error))
        co_return tl::unexpected(NetError{
            Failure::Tls,
            url.authority() + " ended the connection during the TLS handshake. Does it speak TLS 1.2 or later?"});
    co_return tl::unexpected(NetError{Failure::Tls, explain_tls(problem, url.host, error.message())});
}

} // namespace

awaitable<NetResult<void>> connect(Core& core, Stream& stream, const Url& url, Deadline deadline) {
    auto connected = co_await connect_tcp(core, stream, url, deadline);
    if (connected && stream.secure()) connected = co_await connect_tls(stream, url, deadline);
    co_return connected;
}

NetError timed_out(const Url& url, std::string_view doing) {
    return {Failure::Timeout, url.authority() + " did not answer in time (" + std::string(doing) + ")."};
}

} // namespace fhirscope::runtime::net
