#pragma once
// Pages of a search.

#include "engine/core/part.hpp"
#include "fhir/bundle.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace fhirscope::engine {

struct PendingRequest;

std::string paged(const State& s, bool by_offset); // parameters of a search's first page
// Its next page is one of the known server, or none. Fails, too, where the pages have no end.
std::optional<fhir::BundlePage> page_of(State& s, const PendingRequest& request, const HttpAnswer& answer,
                                        Fact& problem);
void next_page(State& s, const PendingRequest& request, const std::string& url, std::chrono::milliseconds after = {});
// The page of the known server that a `next` link leads to, below base_url or absolute; nullopt: it is on another one.
std::optional<std::string> own_page(const State& s, const PendingRequest& request, const std::string& link);
// The listing ends here though it is not whole.
void note_partial(State& s, SubscriptionIndex i, const Fact& why);
// Where the server's cursor is stuck: begins the search anew, with other pages. False where it is not, or nothing is
// left to try.
bool page_otherwise(State& s, const PendingRequest& request, const HttpAnswer& answer);

} // namespace fhirscope::engine
