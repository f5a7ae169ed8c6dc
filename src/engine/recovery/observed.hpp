#pragma once
// Another client's exchanges (Observe mode): what they say of its Subscriptions, what searches and reads brought it, and
// what the server is known to have by its answers to writes, which is another thing than what the client was shown.

#include "engine/core/part.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

struct Update;
struct Work;

// A search of the client, from its first page to the one under way.
struct ObservedSearch {
    std::string type;
    std::set<std::string> wanted; // "status=requested": its parameters but those that only arrange the answer
    ServerTime since{};           // it lists only what changed from here on; the epoch: all
    LocalTime asked;              // the first page
    bool whole = true;            // resources, and not only a few of their elements
    std::set<std::string> listed; // references
    template <class A>
    void archive(A& a) {
        a(type, wanted, since, asked, whole, listed);
    }
};

// A change that the server has confirmed, from then until a frame, a search or a read has shown it.
struct PendingTold {
    Untold told;
    LocalTime asked; // when the write was sent
    LocalTime due;   // a frame may still come so long
    template <class A>
    void archive(A& a) {
        a(told, asked, due);
    }
};

struct Observation {
    std::map<std::string, PendingTold> untold;          // by reference
    std::map<std::string, LocalTime> deleted;           // the client deleted it, and the server agreed
    std::map<std::string, ObservedSearch> searches;     // that go on, by the URL of the next page
    std::map<std::string, std::string> tokens;          // binding token → id of its Subscription
    std::uint32_t refusals = 0;                         // 401 in a row
    bool login_asked = false;                           // a new token was given, and nothing was accepted with it yet
    std::uint64_t left_out = 0;                         // changes for which `untold` had no room
    LocalTime due = never;                              // not later than the first of `untold`: asked after each input
    std::shared_ptr<const std::vector<Untold>> shown{}; // not archived: `untold`; null: to be made
    template <class A>
    void archive(A& a) {
        a(untold, deleted, searches, tokens, refusals, login_asked, left_out, due);
    }
};

void on_observed(State& s, const Observed& observed);
// An update went through the stages: what it showed is no news any more.
void note_told(State& s, const Work& work);
// A frame repeats a version that was delivered: the deletion of it, where the client is known to have deleted it.
bool is_deletion_observed(const State& s, const std::string& reference);
void note_deletion_observed(State& s, const Update& update);
std::shared_ptr<const std::vector<Untold>> untold_of(State& s);
void tick_untold(State& s);
LocalTime next_untold(const State& s);

} // namespace fhirscope::engine
