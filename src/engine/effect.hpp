#pragma once
// All that the engine can want.

#include "engine/input.hpp"
#include "engine/types.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace fhirscope::engine {

// The answer comes back as HttpAnswer or HttpFailed with the same number; the runtime adds the authorization.
struct SendRequest {
    RequestId request = 0;
    std::string method;       // "GET", "POST", …
    std::string url;          // relative to Config::base_url, or absolute (a `next` link)
    std::string content_type; // of the body
    std::string if_match;
    Text body; // may be null
    std::chrono::milliseconds timeout{0};
    template <class A>
    void archive(A& a) {
        a(request, method, url, content_type, if_match, body, timeout);
    }
};
struct OpenSocket {
    SocketId socket = 0;
    std::string url; // "ws://…" or "wss://…"
    std::chrono::milliseconds timeout{0};
    template <class A>
    void archive(A& a) {
        a(socket, url, timeout);
    }
};
struct SendFrame { // may hold a token's alias, which the runtime replaces
    SocketId socket = 0;
    Text text;
    template <class A>
    void archive(A& a) {
        a(socket, text);
    }
};
struct CloseSocket { // answered by SocketClosed, or by nothing if it never opened
    SocketId socket = 0;
    std::uint16_t code = 1000;
    std::string reason;
    template <class A>
    void archive(A& a) {
        a(socket, code, reason);
    }
};
struct WakeAt { // replaces the time asked for before
    LocalTime at;
    template <class A>
    void archive(A& a) {
        a(at);
    }
};

using Effect = std::variant<SendRequest, OpenSocket, SendFrame, CloseSocket, WakeAt>;
using Effects = std::vector<Effect>;

} // namespace fhirscope::engine
