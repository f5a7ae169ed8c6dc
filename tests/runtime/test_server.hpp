#pragma once
// A server that does what a test tells it to, right or wrong, on real sockets of 127.0.0.1.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::runtime::test {

constexpr std::chrono::seconds patience{20}; // reached only when something is broken

struct Seen {                   // a request
    std::size_t connection = 0; // numbered from 1
    std::string method, target, body;
    std::map<std::string, std::string> headers; // names in lower case
};

struct Reply {
    std::string bytes;    // written as they are
    bool close = false;   // afterwards
    bool silent = false;  // neither writes nor closes, until the server stops
    bool upgrade = false; // becomes a WebSocket
};
Reply http_reply(unsigned status, const std::string& body, const std::string& content_type = "application/fhir+json",
                 const std::string& more_headers = "");
Reply upgrade();
// The way in, as a server that grants all: login, binding token, WebSocket, Subscription. Nothing where the request is
// for something else.
std::optional<Reply> let_in(const Seen& seen, const std::string& access_token);

// The server's end of a WebSocket. Calls return false (or nothing) when the connection has ended.
class Peer {
public:
    virtual ~Peer() = default;
    virtual std::optional<std::string> receive() = 0;
    virtual bool send(const std::string& text) = 0;
    virtual bool send_binary(const std::string& bytes) = 0; // what the socket delivers is up to the test
    virtual bool ping() = 0;
    virtual int pongs() const = 0; // seen by receive()
    virtual void close(std::uint16_t code, const std::string& reason) = 0;
    virtual void write_raw(const std::string& bytes) = 0; // below the WebSocket
};

struct TestServerOptions {
    std::function<Reply(const Seen&)> answer;
    std::function<void(Peer&)> converse;    // on a connection's thread; the connection is dropped when it returns
    std::string certificate_file, key_file; // with them https and wss
    bool deflates = false;                  // its WebSockets compress what they send, where the client offers it
};

// Thread safety: any thread may call anything. `answer` and `converse` run on threads of the server.
class TestServer {
public:
    explicit TestServer(TestServerOptions options);
    ~TestServer(); // drops every connection
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::uint16_t port() const;
    std::string url(const std::string& host = "127.0.0.1") const;        // "http://127.0.0.1:…/"
    std::string socket_url(const std::string& host = "127.0.0.1") const; // "ws://127.0.0.1:…/ws"
    std::vector<Seen> requests() const;
    std::size_t connections() const;                 // accepted so far
    bool wait_for_requests(std::size_t count) const; // False: not in time
    // Until so many have been accepted and have ended. False: not in time.
    bool wait_for_ended_connections(std::size_t count) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// A port where nothing listens.
std::uint16_t closed_port();

} // namespace fhirscope::runtime::test
