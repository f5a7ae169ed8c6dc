#pragma once
// One exchange of another client (Observe mode), and what its address says; the duties that take what it tells.

#include "engine/core/state.hpp"
#include "engine/input.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::engine {

// One exchange, alone or within a batch.
struct Exchange {
    std::string method, path; // below the FHIR address, with the query
    HttpAnswer answer;
    Text sent;
    LocalTime asked;
    bool ok() const { return answer.status >= 200 && answer.status < 300; }
};

struct Target {
    std::string type, id, rest; // "Task", "1", "_history/2"
    std::string query;
    std::string reference() const { return type + "/" + id; }
};
Target target_of(std::string_view path);

// By the server's clock, as far as that is known.
ServerTime server_time(const State& s, LocalTime at);

// observed_searches.cpp: what the client was shown. `url`: as it was asked for, which a page before may have named.
void take_search(State& s, const Exchange& e, const Target& target, const std::string& url);
void take_history(State& s, const Exchange& e);
// observed_untold.cpp: what the server has, by its answers.
void take_deleted(State& s, const Exchange& e, const std::string& reference);
void take_written(State& s, const Exchange& e, const Target& target);
void expect_told(State& s, Untold told, LocalTime asked);
// observed_subscriptions.cpp: its Subscriptions, their tokens and their repeated events.
void take_subscription(State& s, const Exchange& e, const Target& target);

} // namespace fhirscope::engine
