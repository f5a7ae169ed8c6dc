#pragma once
// The life of a Subscription: create → token → bind → handshake; refresh, successor, recreation.

#include "engine/core/part.hpp"
#include "fhir/notification.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

struct Binding;
struct PendingRequest;
struct Subscription;

struct SubscriptionIds {
    std::map<std::string, SubscriptionIndex> known;            // alive or once alive
    std::deque<std::string> own;                               // of all Subscriptions made here, the newest 4096
    std::shared_ptr<const std::vector<std::string>> own_shown; // not archived: `own`, sorted; null: to be made
    template <class A>
    void archive(A& a) {
        a(known, own);
    }
};

void want_subscriptions(State& s); // those of the configuration
void ask_for_token(State& s, SubscriptionIndex i, const std::string& id);
void bind(State& s, SubscriptionIndex i, Binding& binding);
void drop_next(State& s, SubscriptionIndex i);
void drop_active(State& s, SubscriptionIndex i);
void on_token(State& s, const PendingRequest& request, const HttpAnswer& answer);
void bind_all(State& s);
// `sent`: by the server, as far as it says so.
void on_handshake(State& s, const std::string& id, std::optional<ServerTime> sent);
void on_heartbeat(State& s, const std::vector<std::string>& ids, std::optional<ServerTime> sent);
void prove_bind(State& s, const fhir::Notification& notification);
void set_state(State& s, SubscriptionIndex i, SubscriptionState state, Fact problem = {});
void retry_subscription(State& s, SubscriptionIndex i, const Fact& problem);
// Changes may be missed from `since` on (unless they are already); until a search has caught up with them.
void stop_hearing(State& s, SubscriptionIndex i, LocalTime since, const Fact& why);
std::shared_ptr<const std::vector<std::string>> own_ids(State& s); // sorted
void tick_subscriptions(State& s);
LocalTime next_subscription(const State& s);

} // namespace fhirscope::engine
