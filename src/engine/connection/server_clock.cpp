// What is known of the server's clock. Both clocks may be wrong, be set, or stand still (a suspended machine);
// lastUpdated is by the server's.

#include "engine/connection/server_clock.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Frames are late now and then; only what is later than this is worth a wider search, and only time that ran backward
// is told.
constexpr std::chrono::milliseconds lag_tolerated{1'500}, set_back_told{5'000};
// A version may be stamped a moment before the frame that tells the time.
constexpr std::chrono::milliseconds ahead_tolerated{1'000};

} // namespace

// The server stamped something between two moments of ours: its clock less ours lies between these. What the samples
// have in common is believed; where they exclude each other a clock was set meanwhile, and the older ones are worth
// nothing.
void sample_clock(State& s, ServerTime stamped, LocalTime sent) {
    using std::chrono::microseconds;
    const auto server = std::chrono::duration_cast<microseconds>(stamped.time_since_epoch());
    microseconds least = server - s.now.time_since_epoch();
    microseconds most =
        server + std::chrono::milliseconds(1) - sent.time_since_epoch(); // stamps are cut to milliseconds
    ConnectionView& c = s.connection;
    const microseconds known_least = c.clock_offset - c.clock_uncertainty,
                       known_most = c.clock_offset + c.clock_uncertainty;
    if (c.clock_known && known_least <= most + std::chrono::milliseconds(1) &&
        least <= known_most + std::chrono::milliseconds(1)) {
        least = std::max(least, known_least);
        most = std::max(least, std::min(most, known_most));
    }
    c.clock_known = true;
    c.clock_uncertainty = (most - least) / 2;
    c.clock_offset = least + c.clock_uncertainty;
}

void note_server_time(State& s, ServerTime said, std::chrono::microseconds age) {
    ServerClockReading& clock = *s.server_clock;
    ConnectionView& c = s.connection;
    // What comes from the future by our reckoning proves that its clock is ahead by at least so much.
    const auto ahead =
        std::chrono::duration_cast<std::chrono::microseconds>(said.time_since_epoch()) - s.now.time_since_epoch();
    if (c.clock_known && ahead > c.clock_offset + c.clock_uncertainty + ahead_tolerated) {
        c.clock_uncertainty = lag_tolerated / 2;
        c.clock_offset = ahead + c.clock_uncertainty;
    }
    if (clock.at != never && said + lag_tolerated + age < *server_now(s)) {
        // It may have been set back. Whatever was written since then is stamped later than this, though perhaps before
        // what the searches have passed already.
        const ServerTime earliest = said - std::chrono::duration_cast<std::chrono::milliseconds>(s.now - clock.at);
        for (Subscription& subscription : s.subscriptions) {
            subscription.view.audited = std::min(subscription.view.audited, earliest);
            if (subscription.search_began) subscription.search_began = std::min(*subscription.search_began, earliest);
        }
        if (said + set_back_told + age < clock.said)
            log_event(s, {.code = FactCode::ClockSetBack, .duration = clock.said - said});
    }
    clock = {said, s.now};
}

std::optional<ServerTime> server_now(const State& s) {
    using std::chrono::milliseconds;
    if (s.server_clock->at != never)
        return s.server_clock->said + std::chrono::duration_cast<milliseconds>(s.now - s.server_clock->at);
    // While only searches bring anything, our own clock has to do.
    if (!s.connection.clock_known) return std::nullopt;
    return ServerTime(std::chrono::duration_cast<milliseconds>(s.now.time_since_epoch() + s.connection.clock_offset));
}

bool is_ahead(const State& s, std::optional<ServerTime> stamped) {
    const auto now = server_now(s);
    return now && stamped && *stamped > *now + ahead_tolerated;
}

} // namespace fhirscope::engine
