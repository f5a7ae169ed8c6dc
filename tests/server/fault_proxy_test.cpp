// The fault proxy between plain sockets.
#include "server/fault_proxy.hpp"

#include "support/eventually.hpp"

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using fhirscope::ErrorCode;
using namespace fhirscope::server;
using namespace std::chrono_literals;

namespace {

// What a failing test waits at most, on a machine with other work; and how long nothing has to come to count as
// nothing.
constexpr auto proxy_patience = 20s;
constexpr auto nothing_for = 150ms;

enum class End { Open, Closed, Reset };

bool readable(int socket, std::chrono::milliseconds timeout) {
    pollfd wanted{socket, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(timeout.count())) > 0;
}

class ProxiedSocket {
public:
    explicit ProxiedSocket(int descriptor) : fd(descriptor) {}
    ProxiedSocket(ProxiedSocket&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
    ProxiedSocket(const ProxiedSocket&) = delete;
    ProxiedSocket& operator=(const ProxiedSocket&) = delete;
    ~ProxiedSocket() { close(); }
    void close() {
        if (fd >= 0) ::close(std::exchange(fd, -1));
    }
    bool send(const std::string& bytes) const {
        return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    // Exactly so many bytes; fewer when the stream ends or the time is over.
    std::string receive(std::size_t size) const {
        std::string all;
        const auto end = std::chrono::steady_clock::now() + proxy_patience;
        while (all.size() < size && std::chrono::steady_clock::now() < end) {
            char buffer[4096];
            if (!readable(fd, 100ms)) continue;
            const auto got = ::recv(fd, buffer, std::min(sizeof buffer, size - all.size()), 0);
            if (got <= 0) break;
            all.append(buffer, static_cast<std::size_t>(got));
        }
        return all;
    }
    bool hears_nothing() const { return !readable(fd, nothing_for); }
    // How the stream goes on, when nothing more is expected on it.
    End end(std::chrono::milliseconds timeout = proxy_patience) const {
        if (!readable(fd, timeout)) return End::Open;
        char byte;
        return ::recv(fd, &byte, 1, MSG_PEEK) == 0 ? End::Closed : End::Reset;
    }

    int fd;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::optional<ProxiedSocket> connect_to(std::uint16_t port) {
    ProxiedSocket socket(::socket(AF_INET, SOCK_STREAM, 0));
    const auto address = loopback(port);
    if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return std::nullopt;
    return socket;
}

class Target {
public:
    Target() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        auto address = loopback(0);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_.fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket_.fd, 16) == 0);
        REQUIRE(::getsockname(socket_.fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
    }
    ProxiedSocket accept() const {
        REQUIRE(readable(socket_.fd, proxy_patience));
        return ProxiedSocket(::accept(socket_.fd, nullptr, nullptr));
    }
    bool is_asked() const { return readable(socket_.fd, nothing_for); }

    std::uint16_t port = 0;

private:
    ProxiedSocket socket_;
};

// A client and a server that hear each other through the proxy.
struct Wire {
    Wire() {
        proxy.set_target(target.port);
        REQUIRE(proxy.start());
    }
    struct Pair {
        ProxiedSocket client, server;
    };
    Pair connect(const std::string& first = "hello") const {
        auto client = connect_to(proxy.port());
        REQUIRE(client);
        auto server = target.accept();
        REQUIRE(client->send(first));
        REQUIRE(server.receive(first.size()) == first);
        return {std::move(*client), std::move(server)};
    }

    Target target;
    mutable FaultProxy proxy;
};

const std::string upgrade = "GET /ws HTTP/1.1\r\nUPGRADE: WebSocket\r\n\r\n";

} // namespace

TEST_CASE("the fault proxy passes bytes on in both directions, and the end of either") {
    const Wire wire;
    const auto pair = wire.connect();
    std::string much(300'000, 'x');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>('a' + i % 23);
    bool sent = false; // checked on this thread: assertions are for one alone
    std::thread sender([&] { sent = pair.server.send(much); });
    const std::string received = pair.client.receive(much.size());
    sender.join();
    CHECK(sent);
    CHECK(received == much);
    const auto stats = wire.proxy.stats();
    CHECK(stats.accepted == 1);
    CHECK(stats.open == 1);
    CHECK(stats.websockets == 0);
    CHECK(stats.to_client == much.size());
    CHECK(stats.to_server == 5);
    ::shutdown(pair.server.fd, SHUT_WR);
    CHECK(pair.client.end() == End::Closed);
    CHECK(pair.client.send("still there"));
    CHECK(pair.server.receive(11) == "still there");
}

TEST_CASE("a cut resets both ends") {
    const Wire wire;
    const auto one = wire.connect(), two = wire.connect();
    CHECK(wire.proxy.cut() == 2);
    for (const auto* socket : {&one.client, &one.server, &two.client, &two.server}) CHECK(socket->end() == End::Reset);
    CHECK(wire.proxy.stats().cut == 2);
    CHECK(wire.connect().client.hears_nothing());
}

TEST_CASE("a cut of WebSockets leaves other connections alone") {
    const Wire wire;
    const auto plain = wire.connect(), socket = wire.connect(upgrade);
    CHECK(wire.proxy.stats().websockets == 1);
    CHECK(wire.proxy.cut(Links::WebSockets) == 1);
    CHECK(socket.client.end() == End::Reset);
    CHECK(plain.server.send("on"));
    CHECK(plain.client.receive(2) == "on");
}

TEST_CASE("an upgrade is seen where it comes in two pieces") {
    const Wire wire;
    const auto pair = wire.connect(upgrade.substr(0, 25));
    CHECK(wire.proxy.stats().websockets == 0);
    CHECK(pair.client.send(upgrade.substr(25)));
    CHECK(pair.server.receive(upgrade.size() - 25) == upgrade.substr(25));
    CHECK(wire.proxy.stats().websockets == 1);
}

TEST_CASE("a stall moves nothing, and loses nothing") {
    const Wire wire;
    const auto pair = wire.connect();
    wire.proxy.stall();
    wire.proxy.stall();
    CHECK(pair.client.send("question"));
    CHECK(pair.server.send("answer"));
    CHECK(pair.server.hears_nothing());
    CHECK(pair.client.hears_nothing());
    auto late = connect_to(wire.proxy.port()); // is accepted, but nobody is asked
    REQUIRE(late);
    CHECK(late->send("late"));
    CHECK_FALSE(wire.target.is_asked());
    wire.proxy.resume();
    CHECK(pair.server.receive(8) == "question");
    CHECK(pair.client.receive(6) == "answer");
    CHECK(wire.target.accept().receive(4) == "late");
    CHECK(wire.proxy.stats().stalls == 1);
}

TEST_CASE("a half-open connection is dead for the server alone") {
    const Wire wire;
    auto pair = wire.connect();
    CHECK(wire.proxy.half_open() == 1);
    CHECK(wire.proxy.half_open() == 0); // it is already
    CHECK(pair.server.end() == End::Reset);
    for (int i = 0; i < 50; ++i) CHECK(pair.client.send(std::string(100'000, 'x'))); // more than any buffer holds
    CHECK(pair.client.end(nothing_for) == End::Open);
    CHECK(wire.proxy.stats().open == 1);
    pair.client.close();
    CHECK(fhirscope::tests::eventually([&] { return wire.proxy.stats().open == 0; }));
}

TEST_CASE("refusing closes the door, and accepting opens the same one") {
    const Wire wire;
    const auto pair = wire.connect();
    const auto port = wire.proxy.port();
    wire.proxy.refuse();
    CHECK_FALSE(connect_to(port));
    CHECK(pair.server.send("on"));
    CHECK(pair.client.receive(2) == "on");
    REQUIRE(wire.proxy.accept());
    REQUIRE(wire.proxy.accept()); // a second call changes nothing
    CHECK(wire.proxy.port() == port);
    CHECK(wire.connect().client.hears_nothing());
    CHECK(wire.proxy.stats().refusals == 1);
}

TEST_CASE("garbage goes to the clients of WebSockets") {
    const Wire wire;
    const auto plain = wire.connect(), socket = wire.connect(upgrade);
    CHECK(wire.proxy.garbage("\xff\xfe") == 1);
    CHECK(socket.client.receive(2) == "\xff\xfe");
    CHECK(plain.client.hears_nothing());
    CHECK(wire.proxy.garbage("!", Links::All) == 2);
    CHECK(plain.client.receive(1) == "!");
    CHECK(wire.proxy.stats().garbage_bytes == 4);
}

TEST_CASE("a delay holds bytes back in either direction, and keeps their order") {
    const Wire wire;
    const auto pair = wire.connect();
    wire.proxy.delay(120ms);
    const auto began = std::chrono::steady_clock::now();
    CHECK(pair.client.send("ping"));
    CHECK(pair.server.receive(4) == "ping");
    CHECK(std::chrono::steady_clock::now() - began >= 120ms);
    CHECK(pair.server.send("first"));
    wire.proxy.delay(0ms);
    CHECK(pair.server.send("second"));
    CHECK(pair.client.receive(11) == "firstsecond");
}

TEST_CASE("a limit slows a stream down") {
    const Wire wire;
    const auto pair = wire.connect();
    wire.proxy.limit(20'000);
    const auto began = std::chrono::steady_clock::now();
    CHECK(pair.server.send(std::string(8'000, 'x')));
    CHECK(pair.client.receive(8'000).size() == 8'000);
    CHECK(std::chrono::steady_clock::now() - began >= 300ms);
    wire.proxy.limit(0);
    CHECK(pair.server.send(std::string(100'000, 'x')));
    CHECK(pair.client.receive(100'000).size() == 100'000);
}

TEST_CASE("a server that is not there resets the client") {
    FaultProxy proxy;
    REQUIRE(proxy.start());
    proxy.set_target(1);
    const auto client = connect_to(proxy.port());
    REQUIRE(client);
    CHECK(client->end() == End::Reset);
    CHECK(proxy.stats().unreachable == 1);
}

TEST_CASE("stopping the proxy ends every connection, stalled ones too, and calls go on to answer") {
    Wire wire;
    const auto pair = wire.connect();
    wire.proxy.stall();
    const auto waiting = connect_to(wire.proxy.port());
    REQUIRE(waiting);
    wire.proxy.stop();
    wire.proxy.stop();
    CHECK(pair.client.end() == End::Reset);
    CHECK(waiting->end() == End::Reset);
    CHECK(wire.proxy.cut() == 0);
    CHECK(wire.proxy.stats().open == 0);
    CHECK_FALSE(connect_to(wire.proxy.port()));
}

TEST_CASE("a port that is taken, and a name for an address, are told apart") {
    FaultProxy first;
    REQUIRE(first.start());
    FaultProxy second({.host = "127.0.0.1", .port = first.port()});
    const auto busy = second.start();
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == ErrorCode::PortBusy);
    FaultProxy named({.host = "localhost"});
    CHECK(named.start().error().code == ErrorCode::Address);
}
