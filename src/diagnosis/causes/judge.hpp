#pragma once
// How a cause is decided: each looks at what was seen in one stretch of time, and says whether it fits. Pure functions,
// one file a cause.

#include "diagnosis/incident.hpp"
#include "diagnosis/observations.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace fhirscope::diagnosis {

// What another client missed in a stretch, as far as its traffic shows it.
struct Unshown {
    static constexpr std::size_t named = 64, brought_kept = 20'000;

    LocalTime heard;                     // since then it is told of changes again; the epoch: not yet
    std::vector<std::string> waiting{};  // what the server has and nothing has shown the client since, the first
    std::uint64_t waiting_count = 0;     // all of them
    std::uint64_t stale_count = 0;       // of these: an older version is what the client was shown
    LocalTime waiting_since;             // when the first of them changed
    std::uint64_t left_out = 0;          // changes for which the engine had no room: of them nobody knows
    std::set<std::uint64_t> brought{};   // what a search or a read brought since, by type and record
    std::set<std::uint64_t> deletions{}; // of these
};

// A stretch in which something did not hold, and what was seen in it.
struct Stretch {
    Effect effect{};
    engine::SubscriptionIndex subscription = engine::no_subscription; // Hearing: of which
    LocalTime from, noticed, to;                                      // to: the epoch while it goes on
    bool began_live = true;                                           // false: it was never live before
    bool within = false; // RealTime: the socket went while the login was refused, when little is asked
    LocalTime answered;  // the first request answered after `from` that was sent then; the epoch: none yet
    LocalTime token_end; // Hearing: of the binding then in use; the epoch: not known
    Tally tally{};
    Unshown unshown{};                         // of a session that follows another client
    bool is_idle = false;                      // nothing came of it: it is no incident
    std::uint64_t polls_before = 0, polls = 0; // the session's searches in place of real time: until it, and with it

    LocalTime end(LocalTime now) const { return to == LocalTime{} ? now : to; }
};

enum class Fit : std::uint8_t {
    No,
    Maybe, // nothing speaks against it, and nothing decides
    Yes,
};

struct Judgement {
    Fit fit = Fit::No;
    std::string text{};        // the decisive observation; where it does not fit, what speaks against it
    LocalTime caused{};        // when the cause came, as far as that is known
    bool contradicted = false; // Fit::No, and `text` says by what
};
Judgement yes(const Tally::Count& seen); // by what was seen
Judgement yes(std::string text, LocalTime caused = {});
Judgement maybe(std::string text);
Judgement against(std::string text);

// Within the time in which a heartbeat or a check tells of what came with it.
bool is_near(const Tally::Count& one, const Tally::Count& other);
// What began while real time was down already does not explain why it went.
bool comes_later(const Stretch& stretch, const Tally::Count& seen);

struct Cause {
    CauseCode code{};
    Judgement (*judge)(const Stretch&);
    // Causes, among them those that are findings by themselves, that this one accounts for while it lasts and for a
    // while after it: they are consequences, no incidents of their own.
    bool (*explains)(CauseCode other);
};
// In the order of precedence: the first that fits is the cause.
std::span<const Cause> deciding_causes();
const Cause* deciding(CauseCode code); // null: none of them

Judgement judge_asked(const Stretch&);
Judgement judge_woken_late(const Stretch&);
Judgement judge_login_ended(const Stretch&);
Judgement judge_login_renewed(const Stretch&);
Judgement judge_login_revoked(const Stretch&);
Judgement judge_tls_refused(const Stretch&);
Judgement judge_upgrade_refused(const Stretch&);
Judgement judge_unreachable(const Stretch&);
Judgement judge_hanging(const Stretch&);
Judgement judge_half_open(const Stretch&);
Judgement judge_network_late(const Stretch&);
Judgement judge_socket_closed(const Stretch&);
Judgement judge_restarted(const Stretch&);
Judgement judge_feature_off(const Stretch&);
Judgement judge_quota(const Stretch&);
Judgement judge_not_permitted(const Stretch&);
Judgement judge_no_operation(const Stretch&);
Judgement judge_subscription_gone(const Stretch&);
Judgement judge_subscription_off(const Stretch&);
Judgement judge_binding_ended(const Stretch&);
Judgement judge_bind_ignored(const Stretch&);
Judgement judge_throttled(const Stretch&);
Judgement judge_server_errors(const Stretch&);
Judgement judge_odd_refusals(const Stretch&);
Judgement judge_other_answers(const Stretch&);
Judgement judge_answers_missing(const Stretch&);
Judgement judge_events_lost(const Stretch&);

} // namespace fhirscope::diagnosis
