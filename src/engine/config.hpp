#pragma once
// What an engine is told once, with its first input. Times are defaults of the design; all can be changed by a session.

#include "engine/dialect_config.hpp"
#include "engine/panel.hpp"
#include "engine/store.hpp"
#include "fhir/fields.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::engine {

enum class Mode : std::uint8_t {
    Live,    // subscribes, reads, recovers
    Observe, // follows the traffic of another client (an imported transcript); sends nothing
};

struct SubscriptionWish {
    std::string name, criteria;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, name, criteria);
    }
};

struct Config {
    using ms = std::chrono::milliseconds;
    Mode mode = Mode::Live;
    std::string base_url;               // "http://127.0.0.1:8103/", with the slash; requests are relative to it
    std::string fhir_path = "fhir/R4/"; // below base_url
    std::string socket_path = "ws/subscriptions-r4"; // where the token's answer names no websocket-url
    DialectConfig dialect;                           // how the server speaks of subscriptions
    std::uint64_t seed = 1;                          // of the jitter
    std::vector<SubscriptionWish> subscriptions;
    std::vector<PanelDefinition> panels;

    ms heartbeat_period{10'000};     // Medplum's (PROTOCOL A10)
    double heartbeat_patience = 2.5; // periods without a frame before the connection counts as dead
    ms ping_period{10'000};
    ms pong_timeout{5'000};
    ms open_timeout{10'000};
    ms bind_timeout{10'000}; // PROTOCOL H2
    ms request_timeout{30'000};
    ms token_refresh_before{300'000};              // PROTOCOL A11, H4
    ms subscription_renew_after{23 * 3'600'000LL}; // of the 24 h that a Subscription lives (A7)
    ms backoff_min{1'000};
    ms backoff_max{30'000};
    double backoff_factor = 2.0;
    ms catch_up_overlap{3'000};      // A13: 1 s lost nothing; 3 s is the design's minimum
    std::uint32_t page_size = 1000;  // search pages
    std::uint32_t request_tries = 3; // for answers 401, 409, 5xx and for network failures of reads; 429 is waited out
    std::uint32_t creations_at_once = 4; // Subscriptions being created
    ms check_period{60'000}; // a subscription is asked after and searched behind this often (silent deafness, A13)
    ms quiet_check{20'000};  // one that has fallen silent is asked after so soon, and then ever more rarely
    std::uint32_t check_budget = 120; // requests of checks a minute: no check is begun beyond it; 0: none at all
    ms refused_retry{60'000};         // a Subscription that was refused is tried again: rights and features change
    ms login_retry_min{5'000}, login_retry_max{60'000}; // a login that has ended is asked after at this pace
    ms login_check_timeout{5'000};                      // of the request that asks
    ms missed_grace{5'000};                             // what a search finds may still come by the socket for so long
    std::uint32_t polling_after = 3; // attempts in a row that failed, then searches stand in for real time
    ms poll_min{2'000}, poll_max{30'000};
    ms reconcile_period{600'000}; // all ids and versions are compared with the server this often
    ms reconcile_pause{250};      // between its pages

    std::uint32_t batch = 256; // updates a Drain takes at most, under load
    std::size_t queue_max = 100'000;
    std::size_t queue_max_bytes = 512u << 20;
    std::size_t update_rows = 1'048'576;
    std::size_t frame_rows = 16'384;
    std::size_t frame_bytes = 64u << 20; // text kept of frames
    std::size_t event_rows = 16'384;
    std::size_t rejection_rows = 1'024;
    std::size_t conflict_rows = 1'024;    // open ones beside them
    std::string default_strategy = "ask"; // where no panel's rule decides
    StoreLimits store;

    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, mode, base_url, fhir_path, socket_path, dialect, seed, subscriptions, panels,
                         heartbeat_period, heartbeat_patience, ping_period, pong_timeout, open_timeout, bind_timeout,
                         request_timeout, token_refresh_before, subscription_renew_after, backoff_min, backoff_max,
                         backoff_factor, catch_up_overlap, page_size, request_tries, creations_at_once, check_period,
                         quiet_check, check_budget, refused_retry, login_retry_min, login_retry_max,
                         login_check_timeout, missed_grace, polling_after, poll_min, poll_max, reconcile_period,
                         reconcile_pause, batch, queue_max, queue_max_bytes, update_rows, frame_rows, frame_bytes,
                         event_rows, rejection_rows, conflict_rows, default_strategy, store);
    }
};

} // namespace fhirscope::engine
