#pragma once
// How the server's dialect differs (PROTOCOL 0, B, C), as questions that the engine asks.

#include "engine/config.hpp"
#include "fhir/criteria.hpp"

namespace fhirscope::engine {

bool numbers_events(const Config& config);
bool survives_disconnect(const Config& config); // the Subscription does
bool needs_token(const Config& config);
bool tells_deletions(const Config& config);     // or has no events for them; on Medplum they look like updates
bool sends_ping(const Config& config);          // JSON pings, which are answered
bool heartbeats_list_all(const Config& config); // one frame for all that is bound: who is missing in it was dropped
bool unbinds(const Config& config);             // by a frame that holds the binding token
// A deletion is read as 410, so a 404 of what was there means that it is hidden. Of other servers nothing is known:
// where their full listing does not have it either, it is gone.
bool hides_by_404(const Config& config);
bool turns_off(const Config& config);             // takes status "off"; Medplum passes over it
bool proves_bind_late(const Config& config);      // a bind may be good though no handshake comes
fhir::MatchMode match_mode(const Config& config); // how the server evaluates criteria

} // namespace fhirscope::engine
