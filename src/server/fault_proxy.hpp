#pragma once
// A TCP proxy on loopback that goes wrong on demand: what stands between a client and a server when the network, a load
// balancer or a sleeping laptop does. It knows bytes only, so that whatever it breaks is broken below HTTP and
// WebSocket, and nothing of the server has to play along.

#include "fhir/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace fhirscope::server {

struct FaultProxyOptions {
    std::string host = "127.0.0.1";       // a numeric address, to listen at and to find the server at
    std::uint16_t port = 0;               // 0: any free one
    std::uint16_t target_port = 0;        // of the server; may be told later, see set_target()
    std::size_t max_connections = 500;    // more are closed as soon as they come
    std::size_t max_waiting = 256u << 10; // bytes held for one direction of a connection; then its sender has to wait
};

// Which connections a fault strikes. A WebSocket is known by the words of its upgrade request, so behind TLS none is.
enum class Links : std::uint8_t { All, WebSockets };

struct FaultProxyStats {
    std::uint64_t accepted = 0;    // connections
    std::uint64_t unreachable = 0; // of these, dropped because the server could not be reached
    std::uint64_t cut = 0;         // by cut()
    std::uint64_t half_opened = 0; // by half_open()
    std::uint64_t stalls = 0;      // calls of stall() that changed something, refusals likewise
    std::uint64_t refusals = 0;
    std::uint64_t garbage_bytes = 0;            // put into streams to clients
    std::uint64_t to_server = 0, to_client = 0; // bytes passed on
    std::size_t open = 0, websockets = 0;       // connections of clients now; WebSockets among them
};

// Thread safety: any thread may call anything. Calls run on the proxy's thread and wait for it; none waits for a peer.
class FaultProxy {
public:
    explicit FaultProxy(FaultProxyOptions options = {});
    ~FaultProxy(); // stops
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    // Listens, and serves on a thread of its own. Errors: Address (host is not numeric), PortBusy, Listen.
    Result<void> start();
    // Cuts every connection and ends the thread. A second call does nothing.
    void stop();

    std::uint16_t port() const;   // 0 before start
    std::string base_url() const; // "http://127.0.0.1:40000/": what a server behind it calls itself (public_url)

    // Where new connections lead from now on.
    void set_target(std::uint16_t port);

    // Resets connections at both ends (RST). Returns how many.
    std::size_t cut(Links which = Links::All);
    // The server's end is reset; the client's stays open and is never told: what it sends is swallowed. Returns how
    // many.
    std::size_t half_open(Links which = Links::All);
    // Moves no byte in either direction, on any connection; new ones are accepted. Nothing is lost: resume() delivers.
    void stall();
    void resume();
    // Closes the listening socket, so that new connections are refused; those that are open stay.
    void refuse();
    // Listens again, on the same port. Errors: Listen (another program took it).
    Result<void> accept();
    // Puts these bytes into the stream from the server to the client, between two reads. Returns to how many clients.
    std::size_t garbage(const std::string& bytes, Links which = Links::WebSockets);
    // What is read from now on is passed on this much later, in either direction. 0: at once.
    void delay(std::chrono::milliseconds each_way);
    // At most so many bytes a second in each direction of each connection. 0: no limit.
    void limit(std::size_t bytes_per_second);

    FaultProxyStats stats() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::server
