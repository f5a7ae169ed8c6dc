#pragma once
// Requests under way: numbered, answered once, sent again when their time has come.

#include "engine/core/part.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fhirscope::engine {

enum class Purpose : std::uint8_t {
    CreateSubscription,
    OrphanCreation, // its connection is gone; what it created is deleted
    DeleteOrphan,
    GetToken,
    Probe, // is the Subscription still there?
    Audit, // did the socket bring what it should have?
    Count, // are as many there as are shown?
    Search,
    Deletions,
    Exits, // what left the criteria
    Read,
    History,
    Verify,
    AwaitActive,        // HAPI: until its status is "active"
    ExtendSubscription, // a later end
    ReplayEvents,       // $events
    WriteEdit,
    ConfirmGone,  // a read did not find what the server told of: does a search?
    AskHistory,   // of what somebody wants explained
    CheckLogin,   // is it still accepted?
    ReadCreated,  // created, but the answer had no body: its Location is read
    CheckCreated, // no binding token: is it the Subscription that is not there, or the operation?
    TurnOff,      // a Subscription that may not be deleted
    TrySearch,    // of a type that was left out
};

// Between two versions that a resource was seen in there may have been others.
struct Gap {
    std::string reference;
    ServerTime from, to;
    template <class A>
    void archive(A& a) {
        a(reference, from, to);
    }
};

// Why a resource is to be read.
struct ReadCause {
    bool missed = false;              // a version that the socket never brought
    bool told = false;                // the server said that it changed or went: a 404 may then be a deletion
    bool brought = false;             // its content came a moment ago and found no room: a 404 contradicts that
    bool unlisted = false;            // a full listing does not have it
    std::uint64_t frame = UINT64_MAX; // the event that named it
    LocalTime not_before = never;     // what comes till then is read with it
    template <class A>
    void archive(A& a) {
        a(missed, told, brought, unlisted, frame, not_before);
    }
};

struct PendingRequest {
    Purpose purpose{};
    SubscriptionIndex subscription = no_subscription;
    Channel channel = Channel::CatchUp; // of what a search finds: Baseline, CatchUp or Poll
    std::string reference;              // Read, History: which resource; GetToken, Probe: the Subscription's id
    Gap gap;                            // History
    ReadCause cause;                    // ConfirmGone: of the read
    SendRequest sent;                   // to repeat it
    LocalTime sent_at;
    LocalTime retry_at = never; // waits for its next try (then nothing is under way)
    std::uint32_t tries = 1, pages = 1;
    bool unsure = false; // an earlier try may have been carried out
    // Refused with 401: it waits until it is known whether the login has ended; once the login was found to be good, a
    // second refusal is about this request.
    enum class Login : std::uint8_t { NotAsked, Waits, Good } login = Login::NotAsked;
    template <class A>
    void archive(A& a) {
        a(purpose, subscription, channel, reference, gap, cause, sent, sent_at, retry_at, tries, pages, unsure, login);
    }
};

struct Requests {
    std::map<RequestId, PendingRequest> open;
    RequestId next = 1;
    LocalTime hold_until = never; // the server's rate limit is used up till then
    template <class A>
    void archive(A& a) {
        a(open, next, hold_until);
    }
};

RequestId send_request(State& s, PendingRequest request,
                       std::chrono::milliseconds after = std::chrono::milliseconds(0));
void forget_requests(State& s, Purpose purpose, SubscriptionIndex subscription);
void tick_requests(State& s);
LocalTime next_request(const State& s); // that is to be repeated
std::string fhir_url(const State& s, std::string_view rest);
std::string resource_url(const State& s, std::string_view reference); // whatever characters its id has
Fact fact_of(const HttpAnswer& answer);
HttpAnswer answer_of(const HttpFailed& failed); // one that never came

} // namespace fhirscope::engine
