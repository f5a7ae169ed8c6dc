#pragma once
// All that can reach the engine. The list of inputs, in order, determines the state: it is what a session file holds.
// Secrets never get here: the runtime replaces every token by an alias ("<binding-token-3>") before it makes an input.

#include "engine/archive.hpp"
#include "engine/command.hpp"
#include "engine/config.hpp"
#include "engine/types.hpp"
#include "fhir/fields.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace fhirscope::engine {

using Text = std::shared_ptr<const std::string>;
inline Text make_text(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

struct Start { // the first input, once
    Config config;
    Text known = nullptr; // see cache.hpp; null: none
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, config, known);
    }
};
struct HttpAnswer {
    RequestId request = 0;
    std::uint16_t status = 0;
    // Headers that matter, "" when absent.
    std::string content_type, etag, location, date, rate_limit, retry_after;
    Text body;
    bool renewed = false; // the login was refused first, and made anew for this answer
    std::string last_modified{};
    std::optional<ServerTime> token_end{}; // of the binding token in the answer, as the token itself says
    // Of an answer that never came, with the body as what the network said. The engine's own: such an input is
    // HttpFailed.
    std::optional<Failure> failure{};
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, request, status, content_type, etag, location, date, rate_limit, retry_after, body, renewed,
                         last_modified, token_end);
    }
};
struct HttpFailed {
    RequestId request = 0;
    Failure failure = Failure::Unreachable;
    std::string message;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, request, failure, message);
    }
};
struct SocketOpened {
    SocketId socket = 0;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, socket);
    }
};
struct SocketFailed { // never opened
    SocketId socket = 0;
    Failure failure = Failure::Unreachable;
    std::string message;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, socket, failure, message);
    }
};
struct SocketClosed { // was open
    SocketId socket = 0;
    std::uint16_t code = 1006;
    std::string reason;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, socket, code, reason);
    }
};
struct Frame { // text received
    SocketId socket = 0;
    Text text;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, socket, text);
    }
};
struct FrameSent { // Observe mode: text that the other client sent
    SocketId socket = 0;
    Text text;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, socket, text);
    }
};
struct Observed { // Observe mode: an exchange of the other client
    std::string method, url;
    std::uint16_t status = 0;
    Text request_body, response_body;
    LocalTime asked{}; // when the request was sent
    // Headers of the answer, "" when absent.
    std::string etag{}, location{}, last_modified{};
    std::optional<ServerTime> token_end{}; // of the binding token in the answer, as the token itself says
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, method, url, status, request_body, response_body, asked, etag, location, last_modified,
                         token_end);
    }
};
struct Tick { // the time asked for with WakeAt has come
    template <class A>
    void archive(A&) {}
};
struct Drain { // take updates from the queue: sent by the runtime when no other input waits
    template <class A>
    void archive(A&) {}
};

struct Woken { // nothing was done here for so long: this computer slept, or its clock was set
    std::chrono::milliseconds slept{0};
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, slept);
    }
};

// The first input in place of Start, where a recording was begun in the middle of a session: the state then. Only the
// build that made it can read it (Engine::restore).
struct Resumed {
    Text keyframe;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, keyframe);
    }
};

using InputBody = std::variant<Start, HttpAnswer, HttpFailed, SocketOpened, SocketFailed, SocketClosed, Frame,
                               FrameSent, Observed, Tick, Drain, Command, Woken, Resumed>;

struct Input {
    LocalTime at; // never before the input that came earlier
    InputBody body;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, at, body);
    }
};

std::string_view name_of(const InputBody& body); // "frame", "http-answer", …

} // namespace fhirscope::engine
