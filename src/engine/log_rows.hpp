#pragma once
// Everything that happened, in three bounded logs: updates, frames, events.

#include "engine/chunked.hpp"
#include "engine/fact.hpp"
#include "engine/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace fhirscope::engine {

// One update, from the socket or a search, with its fate. Its number is its place in the log. Names are looked up: the
// type in Snapshot::stores, the resource in that store, the subscription in Snapshot::subscriptions.
struct UpdateRow {
    LocalTime received;
    LocalTime dequeued;
    ServerTime changed;               // meta.lastUpdated; the epoch when unknown
    ServerTime sent;                  // the notification's timestamp; the epoch when unknown
    std::uint64_t frame = UINT64_MAX; // number in the frame log; the maximum when it did not come by socket
    std::uint32_t record = no_record;
    std::uint32_t size = 0; // bytes of the resource's text
    TypeIndex type = no_type;
    SubscriptionIndex subscription = no_subscription;
    Channel channel = Channel::Socket;
    Outcome outcome = Outcome::Applied;
    bool deleted = false;
    // versionId, zero-filled. A FHIR id has at most 64 characters; of a longer one these are the first.
    static constexpr std::size_t longest_version = 65;
    std::array<char, longest_version> version{};
    template <class A>
    void archive(A& a) {
        a(received, dequeued, changed, sent, frame, record, size, type, subscription, channel, outcome, deleted,
          version);
    }
};

static_assert(std::has_unique_object_representations_v<UpdateRow>, "rows are hashed as bytes: no padding");
// So much of a row is hashed, with the beginning of the version: the hashes in recorded sessions stay what they are.
constexpr std::size_t hashed_row_bytes = 64;
static_assert(offsetof(UpdateRow, version) + 9 == hashed_row_bytes);

std::string_view version_of(const UpdateRow& row);

// How long the stages took on this machine: an observation, not state (zero in simulation). Same numbers as UpdateRow.
struct StageTimes {
    static constexpr std::size_t stages = 5; // validate, transform, resolve, apply, notify
    std::array<std::uint32_t, stages> nanos{};
};
std::string_view stage_name(std::size_t stage);

// A rejected update is kept with its reason.
struct Rejection {
    std::uint64_t update = 0;
    std::string reference, stage;
    Fact reason;
    std::shared_ptr<const std::string> text;
    template <class A>
    void archive(A& a) {
        a(update, reference, stage, reason, text);
    }
};

// What a request was for.
enum class RequestFor : std::uint8_t { Subscription, Search, Read, Write, Login };
std::string_view to_string(RequestFor what); // "search"

// A request that was answered with 4xx or 5xx, with something else than FHIR, or not at all. Some are expected, such as
// a read of what was deleted: who looks decides.
struct FailedRequest {
    LocalTime at, sent;
    RequestFor what{};
    std::string method;
    SubscriptionIndex subscription = no_subscription;
    std::string reference; // of a read or write; of a Subscription its id
    Fact answer;
    template <class A>
    void archive(A& a) {
        a(at, sent, what, method, subscription, reference, answer);
    }
};

enum class FrameKind : std::uint8_t {
    Open,
    Close,
    Bind,
    Unbind,
    Ping,
    Pong,
    Handshake,
    Heartbeat,
    Event,
    Outcome,
    Unknown,
    Bad
};
std::string_view to_string(FrameKind kind);

// A frame in or out (never a token: those are aliases here), or the opening or closing of a socket.
struct FrameRow {
    LocalTime at;
    SocketId socket = 0;
    FrameKind kind = FrameKind::Unknown;
    bool outgoing = false;
    SubscriptionIndex subscription = no_subscription;
    std::uint32_t size = 0;
    // Null once the frame log's byte bound was reached, and, where a moment was gone back to, until it was read again.
    std::shared_ptr<const std::string> text;
    std::shared_ptr<const Fact> why{}; // of a Close
    std::uint64_t input = no_input;    // that brought the text, counted from 0
    std::uint32_t text_bytes = 0;      // that count in the bound, whether they are here or to be read again
    static constexpr std::uint64_t no_input = UINT64_MAX;
    bool has_to_be_read() const { return !text && text_bytes > 0; }
    template <class A>
    void archive(A& a) {
        a(at, socket, kind, outgoing, subscription, size, text, why, input, text_bytes);
    }
};

// Something that happened to the connection, a subscription or the engine.
struct Event {
    LocalTime at;
    SubscriptionIndex subscription = no_subscription;
    Fact what;
    EventKind kind() const { return kind_of(what.code); }
    Severity severity() const { return severity_of(what.code); }
    template <class A>
    void archive(A& a) {
        a(at, subscription, what);
    }
};

} // namespace fhirscope::engine
