#pragma once
// A FHIR server on real sockets that behaves as a Medplum 5.0.10 or 5.1.26 does (PROTOCOL A, A13, A14), with a clinic
// at work in it; its subscriptions can be those of the standard or of HAPI instead (ServerOptions::dialect). For the
// demo, for tests, and for other clients (`fhirscope serve`).

#include "fhir/notification.hpp"
#include "fhir/resource.hpp"
#include "fhir/result.hpp"
#include "server/behaviour.hpp"
#include "server/server_faults.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

struct ServerOptions {
    std::string host = "127.0.0.1";                 // a numeric address
    std::uint16_t port = 0;                         // 0: any free one
    std::string client_id, client_secret;           // made at random when empty; see EmbeddedServer::client_id()
    std::string tls_certificate_file, tls_key_file; // PEM, both or neither; with them https and wss
    // What the server calls itself (in links, in the address of its socket), where clients reach it through something
    // else: "http://127.0.0.1:8200/", with the slash. "": by its own address.
    std::string public_url{};

    // Subscriptions, sockets and metadata; all else (login, search, rules) stays Medplum's, below fhir/R4/.
    fhir::Dialect dialect = fhir::Dialect::Medplum;
    Behaviour behaviour = default_behaviour();

    std::uint64_t seed = 1;    // of ids, versions, people and their work
    std::size_t patients = 60; // 0 patients and 0 tasks: an empty server
    std::size_t tasks = 240;
    double rate = 4; // changes a second that the clinic makes; 0: none

    std::chrono::milliseconds heartbeat{10'000};        // one timer for all sockets
    std::chrono::milliseconds token_lifetime{3600'000}; // of access tokens
    std::chrono::milliseconds binding_lifetime{3600'000};
    std::chrono::milliseconds subscription_lifetime{24 * 3600'000};
    std::chrono::milliseconds event_delay{0}; // each event leaves so much late, in order
    std::chrono::milliseconds jitter{0}; // each event leaves up to this much late, so that events overtake each other
    std::chrono::milliseconds clock_offset{0}; // the server's clock minus the machine's
    bool ties = false;                         // two versions of one resource may share their millisecond
    bool read_only = false; // clients may subscribe, but their writes get 403, as an access policy may have it
    // What the client may see, one entry a type: "Task", "Patient?gender=female". A type without an entry is refused,
    // Subscription among them, as an AccessPolicy of Medplum has it. Empty: everything.
    std::vector<std::string> policy{};
    // Whose pages may call it from a browser: "http://localhost:3000", or "*" for any. Empty: none.
    std::vector<std::string> cors_origins{};

    std::size_t max_body = 1u << 20; // of a request and of an incoming frame; a larger frame closes the socket
    // Of those who have not logged in: a request's body, the time for a request's header to arrive, and how many
    // connections one address has (one more ends the oldest of them).
    std::size_t max_unknown_body = 64u << 10;
    std::chrono::milliseconds header_deadline{10'000};
    std::size_t max_unknown_connections = 128;
    // 5.1 answers a write so much after its events left (PROTOCOL A14); 5.0 answers first.
    std::chrono::milliseconds write_answer_lag{20};
    std::size_t max_output = 16u << 20;  // waiting for one socket; a reader that lets more pile up is disconnected
    std::size_t max_history = 200;       // versions kept of one resource
    std::uint64_t interaction_quota = 0; // FHIR interaction points a minute and client; 0: no limit (Medplum: 50,000)
    std::uint64_t request_quota = 0;     // requests a minute and address; 0: no limit (Medplum: 60,000)
    std::optional<std::size_t>
        max_subscriptions{}; // bound at once, of one client; 0: no limit. Unset: as Medplum, 5.1: 20
};

struct ServerStats {
    std::uint64_t commits = 0;      // versions committed since start, deletions among them
    std::uint64_t requests = 0;     // HTTP
    std::uint64_t errors = 0;       // answers of 400 and above
    std::uint64_t events = 0;       // event frames queued to sockets
    std::uint64_t heartbeats = 0;   // heartbeat frames queued to sockets
    std::uint64_t bytes_sent = 0;   // of frames
    std::uint64_t slow_readers = 0; // sockets closed because of max_output
    std::size_t sockets = 0;        // WebSockets open now
    std::size_t connections = 0;    // all connections open now, WebSockets among them
    std::size_t subscriptions = 0;  // alive now
    std::size_t resources = 0;      // current, deleted ones not counted
};

// A resource's current version, for comparing a client's stores with the server.
struct CurrentVersion {
    std::string type, id, version_id;
    friend bool operator==(const CurrentVersion&, const CurrentVersion&) = default;
    friend auto operator<=>(const CurrentVersion&, const CurrentVersion&) = default;
};

// Thread safety: any thread may call anything. Calls that ask or change the server's state run on its thread and wait
// for it; none waits for a client. After stop() they reach no client any more and answer with what was last true.
class EmbeddedServer {
public:
    explicit EmbeddedServer(ServerOptions options);
    ~EmbeddedServer(); // stops
    EmbeddedServer(const EmbeddedServer&) = delete;
    EmbeddedServer& operator=(const EmbeddedServer&) = delete;

    // Fills the clinic, listens, and serves on a thread of its own.
    // Errors: Address (host is not a numeric address), PortBusy, Listen, Certificate.
    Result<void> start();
    // Closes every socket at once and ends the thread. A second call does nothing.
    void stop();

    std::string base_url() const; // "http://127.0.0.1:8103/", or the public one; "" before start
    std::string websocket_url() const;
    std::uint16_t port() const;
    const std::string& client_id() const;
    const std::string& client_secret() const;

    ServerStats stats() const;
    // Of all types (Subscriptions are not stored, so are not in it), or of one; ordered by type and id.
    std::vector<CurrentVersion> current(std::string_view type = {}) const;

    // --- the clinic
    void set_rate(double changes_per_second);
    double rate() const;
    void set_paused(bool paused);
    bool paused() const;
    // Makes this many changes at once, whatever the rate.
    void work(std::size_t changes);

    // --- what another user does: for conflicts on demand
    // Writes a resource as the clinic's staff would: creates it, or makes a new version. Returns the versionId.
    // Errors: Malformed, Invalid.
    Result<std::string> put(std::string_view resource);
    // Sets one top-level member ("status", "\"on-hold\"") of a stored resource. Errors: NotFound, Malformed.
    Result<std::string> set_member(std::string_view reference, std::string_view member, std::string_view json);
    // The current text as REST gives it. Errors: NotFound, Gone.
    Result<std::string> get(std::string_view reference) const;
    // As set_member, but the new version shares its lastUpdated with the one before it (PROTOCOL A13: ties).
    Result<std::string> tie(std::string_view reference, std::string_view member, std::string_view json);
    // Errors: NotFound.
    Result<void> remove(std::string_view reference);
    // Gone with its history, and nobody is told (Medplum's $expunge). Errors: NotFound.
    Result<void> expunge(std::string_view reference);
    // All versions that are kept, newest first, with meta.author; "" for a deletion.
    std::vector<std::string> history(std::string_view reference) const;

    // --- trouble on demand; each lasts until it is undone
    void drop_sockets(); // every WebSocket, at once and without a close frame
    void close_sockets(std::uint16_t code, std::string_view reason); // with one
    void set_reachable(bool reachable); // false: all connections are dropped and new ones refused
    // true: nothing is done at all, as when the process is stopped: connections are taken by the system, and nothing
    // answers. false: it goes on where it was; requests and frames that came meanwhile are dealt with.
    void set_hanging(bool hanging);
    void set_requests_hanging(bool hanging); // the same of requests only: heartbeats, pongs and events go on
    void set_silent(bool silent);            // sockets stay open, nothing is sent on them: no event, heartbeat or pong
    void set_deaf(bool deaf);                // heartbeats go on, events are lost
    void set_delay(std::chrono::milliseconds delay); // before each HTTP answer
    void set_jitter(std::chrono::milliseconds jitter);
    void fail_requests(unsigned count, int status); // the next `count` requests under /fhir/ get this status
    // The next `count` writes of resources get this status, and `text` (unless "") in the OperationOutcome.
    void fail_writes(unsigned count, int status, std::string_view text = {});
    // The next `count` events of this resource are lost, or held until they are released: then what was held is late.
    void lose_events(std::string_view reference, unsigned count = 1);
    void hold_events(std::string_view reference, unsigned count = 1);
    void release_events();
    // The next `count` events of this resource come twice.
    void repeat_events(std::string_view reference, unsigned count = 1);
    // Each event leaves so much later, in order; 0: what waits leaves at once.
    void set_event_delay(std::chrono::milliseconds delay);
    // None is left, as after a restart or when their time in the cache is over. What is bound stays bound: on sockets
    // that live, heartbeats go on. `type`: only those whose criteria are for this type, as when another client deletes
    // them; "": all.
    void forget_subscriptions(std::string_view type = {});
    void set_clock_offset(std::chrono::milliseconds offset); // from now on; the clinic goes on working
    void fail_upgrades(unsigned count);                      // the next `count` WebSocket upgrades get 503
    // The access tokens given so far get 401; what is bound with their logins goes on.
    void expire_tokens();
    void expire_bindings(); // binding tokens given so far: events stop, heartbeats go on
    // The logins so far end: their access tokens get 401, their bindings are deaf. A new login is possible.
    void revoke_logins();
    // "": made at random. What was given with the old secret goes on to its end.
    void rotate_secret(std::string_view secret = {});
    // false: the client is no member of the project any more, which ends its logins and allows no new ones.
    void set_membership(bool active);
    void set_websocket_feature(bool on); // false: no binding tokens, no events
    // As the options of these names; nullopt: as it was at the start.
    void set_max_subscriptions(std::optional<std::size_t> bound_at_once);
    void set_interaction_quota(std::optional<std::uint64_t> points_a_minute);
    // See ServerOptions::policy. Errors: Invalid.
    Result<void> set_policy(const std::vector<std::string>& entries);
    Result<void> reset_policy(); // to that of the options
    // A second client of the same project, with a policy of its own. Errors: Invalid.
    Result<void> add_client(std::string_view id, std::string_view secret, const std::vector<std::string>& policy);
    void send_to_sockets(std::string_view frame); // as it is, valid or not, to every socket

    // One of server_faults(), and what puts it right again when its time is over. Errors: Fault.
    Result<void> cause(const FaultOrder& order);
    Result<void> undo(std::string_view name);

    class Impl; // with the sockets

private:
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::server
