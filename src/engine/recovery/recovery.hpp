#pragma once
// Searches: the baseline, the catch-up after a gap, polling; and what they found that the socket did not bring.

#include "engine/core/part.hpp"
#include "engine/core/versions.hpp"
#include "fhir/bundle.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::engine {

struct PendingRequest;
struct Subscription;

// A version that a search found; counted as missed unless the socket still brings it within the grace.
struct MaybeMissed {
    std::string reference;
    Listed listed; // "" and the epoch: a deletion
    LocalTime due;
    bool applied = true; // by a catch-up; an audit only names it, and it is read when the grace is over
    LocalTime asked;     // when the search was sent that found it
    SubscriptionIndex subscription = no_subscription;
    bool deleted = false;
    bool own = false; // the server's answer to a write of ours: no frame has told of it yet
    template <class A>
    void archive(A& a) {
        a(reference, listed, due, applied, asked, subscription, deleted, own);
    }
};

struct Recovery {
    std::deque<MaybeMissed> maybe_missed;
    // Deleted before anybody told of them, and when that was learned: an event that is still on its way is no news.
    std::map<std::string, LocalTime> deleted_unseen;
    std::map<std::string, std::string> unusable; // versions that cannot be used, by reference: they are not missing
    std::uint32_t page_size = 0;                 // resources to a page of a search
    template <class A>
    void archive(A& a) {
        a(maybe_missed, deleted_unseen, unusable, page_size);
    }
};

// "_lastUpdated=ge…": from where everything may be new. An event that was lost without a sign lies behind the
// watermark, but not behind the last search that missed nothing.
std::string since(const State& s, const Subscription& subscription);
std::string query(const Subscription& subscription); // its criteria, to which parameters can be added
void catch_up(State& s, SubscriptionIndex i);
void begin_search(State& s, SubscriptionIndex i, Channel channel);
void restart_search(State& s, SubscriptionIndex i, Channel channel, std::chrono::milliseconds after = {});
void search_deletions(State& s, SubscriptionIndex i, Channel channel);
// Names a version that could be held: what has no valid id or version is not compared.
bool is_listed(const fhir::BundleEntry& entry);
// The version that the server listed is shown, or what is shown came after the server was asked and is newer.
bool is_known(const State& s, const std::string& reference, const Listed& listed, LocalTime asked);
// The same of a whole resource.
bool is_known(const State& s, const fhir::Resource& found, LocalTime asked);
void searched(State& s, SubscriptionIndex i); // all that was written before the search began has been found
bool can_read(const State& s);                // searches and reads are of use now
void on_exits(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_search(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_deletions(State& s, const PendingRequest& request, const HttpAnswer& answer);
void tick_recovery(State& s);
LocalTime next_recovery(const State& s);

} // namespace fhirscope::engine
