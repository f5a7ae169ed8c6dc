#pragma once
// HTTP(S) and WebSocket(S) as a client, on one thread. All of Boost.Asio and Beast is behind this header (net.cpp is
// slow to compile).

#include "engine/input.hpp"
#include "engine/types.hpp"
#include "fhir/result.hpp"
#include "runtime/secret.hpp"
#include "runtime/url.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::runtime {

struct NetError {
    engine::Failure failure = engine::Failure::Unreachable;
    std::string message; // what happened, to what, what to do
};
template <class T>
using NetResult = tl::expected<T, NetError>;

struct HttpRequest {
    std::string method = "GET";
    Url url;
    std::vector<std::pair<std::string, std::string>> headers; // nothing secret
    SecretPtr bearer;                                         // Authorization: Bearer …
    engine::Text body;                                        // at most one of
    SecretPtr secret_body;                                    // these two
    std::chrono::milliseconds timeout{30'000};                // from the moment that a connection is free for it
};

// Header values are "" when absent; a header that came several times is joined by ", ".
struct HttpResponse {
    std::uint16_t status = 0;
    std::string content_type, etag, last_modified, location, date, rate_limit, retry_after;
    std::string body;
};
using HttpDone = std::function<void(NetResult<HttpResponse>)>;
// Where the answer to a GET sends us within the same origin (301, 302, 303, 307, 308); nullopt: nowhere that may be
// followed. To another origin nothing is followed, so no token leaves its server.
std::optional<Url> redirected(const HttpRequest& request, const HttpResponse& answer);
constexpr unsigned most_redirects = 5;

// Called on the network thread: first opened or failed, and after opened frames and then closed, once.
struct SocketEvents {
    std::function<void()> opened;
    std::function<void(NetError)> failed;
    std::function<bool(std::string)> frame; // false: read no further until Network::resume_reading()
    std::function<void(std::uint16_t code, std::string reason)> closed;
};

struct NetworkOptions {
    std::string ca_file; // "" for the system's authorities alone
    std::size_t connections_per_host = 6;
    std::size_t max_waiting = 4'096; // requests without a connection yet, per host
    std::size_t max_response_bytes =
        64u << 20; // of content, decompressed; with all around it a quarter more and 256 kB
    std::size_t max_frame_bytes = 16u << 20;
    std::size_t max_unsent_bytes = 4u << 20;
};

// Thread safety: start(), stop() and post() from any thread; the rest on the network thread, inside post().
class Network {
public:
    explicit Network(NetworkOptions options);
    ~Network(); // stops
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    // Errors: CaFile.
    Result<void> start();
    // Drops every connection and joins the thread. What was under way gets no answer. A lookup of a name that the
    // system's resolver still works on is left behind, because nothing can end it.
    void stop();
    // Runs it on the network thread; never, once stop() was called.
    void post(std::function<void()> call);

    // Connections are kept and used again. On one that the server closed meanwhile the request is repeated once on a
    // new one, if nothing of an answer came and to send it twice does no harm.
    void request(HttpRequest request, HttpDone done);
    // Opens a connection (with TLS) that the first request will use. Says whether there is a server.
    void reach(Url url, std::chrono::milliseconds timeout, std::function<void(NetResult<void>)> done);

    void open_socket(engine::SocketId id, Url url, std::chrono::milliseconds timeout, SocketEvents events);
    void send(engine::SocketId id, std::string text);
    // An open socket is reported as closed at once, with these; the closing handshake goes on for a while behind that.
    // One that is not open yet is given up, without a report. Codes that no close frame can carry (1006) drop the
    // connection.
    void close_socket(engine::SocketId id, std::uint16_t code, std::string reason);
    void resume_reading();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::runtime
