#pragma once
// What depends on the server's dialect (PROTOCOL 0, B, C): the Subscription to create, the bind frame, the search for
// what was deleted.

#include "engine/core/part.hpp"
#include "fhir/bundle.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::engine {

struct Binding;

// Without any frame for so long the connection counts as dead; nullopt: the dialect has no heartbeat.
std::optional<std::chrono::milliseconds> silence_allowed(const State& s);
// With the id of one that is there already; `status`: instead of that of a new one. Nothing: the server offers no topic
// for the type.
std::optional<std::string> subscription_body(const State& s, SubscriptionIndex i, std::string_view id = {},
                                             std::string_view status = {});
std::string bind_text(const Config& config, const Binding& binding);
std::string token_frame(std::string_view type, const std::string& token); // "unbind-from-token"
// The search for what was deleted, below the FHIR base; `since` is "_lastUpdated=ge…".
std::string deletions_query(const State& s, SubscriptionIndex i, const std::string& since_parameter);
// Takes the answer where it is a history; false: it is Medplum's, with deleted resources as entries.
bool take_deletions_of_history(State& s, const fhir::BundlePage& page);
// The server does not have the way that deletions_query() takes: says so, once a search.
bool lacks_deletions(State& s, SubscriptionIndex i, std::uint16_t status);

} // namespace fhirscope::engine
