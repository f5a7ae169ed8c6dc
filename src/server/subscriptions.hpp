#pragma once
// Subscriptions and what is said on the sockets, without sockets (PROTOCOL A7 to A10, A13, A14). A WebSocket
// Subscription lives here only ("cache-only"): no search and no history knows it. In the other dialects (PROTOCOL B, C)
// it outlives its sockets; the R4 backport, R4B and R5 number its events and keep the newest of them for $events.

#include "fhir/criteria.hpp"
#include "fhir/result.hpp"
#include "server/behaviour.hpp"
#include "server/dialect.hpp"
#include "server/project.hpp"
#include "server/store.hpp"
#include "server/tokens.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

using ConnectionId = std::uint64_t;

// A text frame for one socket. Two sockets bound to one Subscription get identical bytes.
struct Frame {
    ConnectionId to = 0;
    std::shared_ptr<const std::string> text;
};

struct HubOptions {
    std::string base_url; // "http://127.0.0.1:8103/"
    Behaviour behaviour = default_behaviour();
    std::chrono::milliseconds subscription_lifetime{24 * 3600'000};
    std::size_t max_subscriptions = 10'000; // alive at once
    Dialect dialect = Dialect::Medplum;
    std::chrono::milliseconds heartbeat{10'000}; // what the Subscription's own period becomes, where it has one
    std::chrono::milliseconds activation{200};   // HAPI: from "requested" to "active"
    std::size_t max_events = 5'000;              // kept of one Subscription for $events
};

class SubscriptionHub {
public:
    // What it is told of.
    struct Interest {
        bool fires = false; // false: accepted, but nothing will ever match (PROTOCOL A13)
        std::string type;   // of the criteria
        std::optional<fhir::Criteria> criteria;
        std::vector<std::string> interactions; // "create", "update", "delete"; empty: all
    };
    struct Binding {
        std::string subscription, login, client; // ids
        ServerTime expires{};
    };
    struct Subscription {
        std::string id, version_id, text; // text: as REST gives it
        std::string author;               // client id
        ServerTime last_updated{}, created{};
        Interest interest;
        struct {
            std::string criteria, channel; // as written
        } asked;
        // 5.1: nobody is told before it was bound, and then what the last bind on any socket found: the interest of
        // that moment, and whose token it was.
        struct Active {
            Interest interest;
            Binding binding;
        };
        std::optional<Active> active;
        // Not Medplum's:
        std::string status; // "requested", "active"
        Wish wish;
        std::uint64_t count = 0;          // events since its start
        std::deque<NumberedEvent> events; // the newest
    };

    // What a received frame leads to.
    struct Reaction {
        std::vector<std::string> frames; // for the sender
        bool terminate = false;          // then cut the socket, without a close frame
        std::uint16_t close_code = 0;    // then close it, with this code and reason; 0: not
        std::string close_reason;
    };

    SubscriptionHub(HubOptions options, const Tokens& tokens, const Project& project, Random random);

    // --- REST
    // `author`: a client's id. Errors: Refused, Invalid (not Medplum's: the dialect's shape, see read_wish).
    Result<const Subscription*> create(rapidjson::Document content, std::string_view author, ServerTime now);
    const Subscription* find(std::string_view id, ServerTime now); // nullptr: none, or its life ended
    // nullptr when there is none.
    const Subscription* update(std::string_view id, rapidjson::Document content, ServerTime now);
    std::vector<const Subscription*> all(ServerTime now);
    bool remove(std::string_view id);
    // Of this type of criteria; "": all. What is bound stays bound, to nothing.
    void forget(std::string_view type = {});
    std::size_t size() const { return subscriptions_.size(); }
    Dialect dialect() const { return options_.dialect; }
    Behaviour behaviour() const { return options_.behaviour; }
    // The answers of $status (a searchset of these) and $events (both numbers included). Dialects with topics only.
    std::string status_bundle(const std::vector<const Subscription*>& of);
    std::string events_bundle(const Subscription& of, std::uint64_t since, std::uint64_t until, fhir::Payload content,
                              ServerTime now);

    // --- sockets
    Reaction receive(ConnectionId from, std::string_view frame, ServerTime now);
    bool is_bound(ConnectionId connection) const { return bindings_.contains(connection); }
    // The socket is gone, and with it on Medplum every Subscription that was bound on it, on other sockets, too.
    void close(ConnectionId connection);
    // Medplum: one Bundle for each socket that has something bound, dead or alive. Dialects with topics: one for each
    // Subscription bound. HAPI: none.
    std::vector<Frame> heartbeat(ServerTime now);
    // The Subscriptions that a commit notifies. On 5.1 one whose login is dead is unbound and deleted instead.
    std::vector<std::string> matching(const Commit& commit, ServerTime now);
    // The event of a commit, for every socket on which this Subscription is bound with a token that is good still.
    std::vector<Frame> event(std::string_view subscription, const Commit& commit, ServerTime now);

    // Bindings made so far get no more events, as if their tokens had run out.
    void expire_bindings();

private:
    bool newer() const { return options_.behaviour == Behaviour::Medplum51 && options_.dialect == Dialect::Medplum; }
    std::string_view missing_claim(const Claims& claims) const; // "" when all are there
    bool is_dead(const Binding& binding, ServerTime now) const; // its login ended, or its client is no member any more
    bool sees(std::string_view client, const Version& subject) const;
    bool matches(const Interest& interest, const Version& subject, Interaction interaction) const;
    std::size_t bound_by(std::string_view client) const;
    void bind_newer(ConnectionId from, const Claims& claims, ServerTime now, Reaction& reaction);
    void bind(ConnectionId from, std::string_view token, ServerTime now, Reaction& reaction);
    void unbind(ConnectionId from, std::string_view token, ServerTime now, Reaction& reaction);
    Reaction receive_standard(ConnectionId from, std::string_view frame, ServerTime now);
    Reaction receive_hapi(ConnectionId from, std::string_view frame, ServerTime now);
    std::vector<Frame> standard_event(std::string_view subscription, const Commit& commit, ServerTime now);
    std::string status_frame_of(const Subscription& subscription, std::string_view type, ServerTime now);
    void set_status(Subscription& subscription, std::string_view status, ServerTime now);
    void write_text(Subscription& subscription, rapidjson::Document& content, ServerTime now);
    bool is_over(const Subscription& subscription, ServerTime now) const;
    void read_criteria(Subscription& subscription, const rapidjson::Document& content) const;
    void sweep(ServerTime now);
    std::string event_frame(std::string_view subscription, const Commit& commit, ServerTime now);
    std::string status_frame(std::string_view type, const std::vector<std::string>& subscriptions, ServerTime now);

    HubOptions options_;
    const Tokens& tokens_;
    const Project& project_;
    Random random_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::map<ConnectionId, std::vector<Binding>> bindings_; // in the order of binding
};

// What Medplum calls a resource in focus.display: a person's name, a code's text, else "Type/id".
std::string display_of(const fhir::Resource& resource);

} // namespace fhirscope::server
