// Stage 3: what is this version to what we hold? versionIds are compared for equality only; order is by lastUpdated.
// Ties, repeated versions (PROTOCOL A8, A13) and whatever else times cannot tell are settled by a read, whose answer
// stands if what is shown was there before the question.

#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/mutation.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/recovery.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Medplum builds create and update notifications within moments of the commit; an older content may be a delete, a
// resend or a ghost (PROTOCOL A8 c).
constexpr std::chrono::milliseconds old_content{3'000};

bool may_be_a_delete(const State& s, const Update& update) {
    return !tells_deletions(s.config) && update.channel == Channel::Socket && update.sent &&
           update.resource->last_updated() &&
           std::chrono::abs(*update.sent - *update.resource->last_updated()) >
               old_content; // later: the clock was set back
}

// The server was asked when what is shown was shown already: whatever it answers is newer, or the same.
bool knows_better(const Update& update, const Record& known) {
    return update.asked != never && known.changed_at <= update.asked;
}

// It may have been on its way, or have waited in a queue of the server, when the deletion became known. Times do not
// tell: a 410 does not say when, and the server's clock may have been set since. A resource that comes back is rare, so
// it is read; where nothing can be asked, times have to do.
bool may_be_from_before(const State& s, const Update& update, const Record& deleted) {
    if (update.asked != never) return !knows_better(update, deleted);
    if (s.live()) return true;
    if (!update.sent || !s.connection.clock_known) return false;
    const auto learned = deleted.changed_at + s.connection.clock_offset + s.connection.clock_uncertainty;
    const auto written = std::min(*update.sent, update.resource->last_updated().value_or(*update.sent));
    return written.time_since_epoch() <= learned.time_since_epoch();
}

void check_by_reading(Work& work) {
    work.outcome = Outcome::Checking;
    work.probe = true;
}

// An answer to what was asked before the other one was shown knows no more than a frame.
bool races(const Update& update, const Record& known) {
    if (knows_better(update, known) || mutated(Mutation::NewestOfRaceWins)) return false;
    return update.raced ||
           (known.resource() && are_moments_apart(known.current().last_updated, update.resource->last_updated()));
}

// By its time it is older than what is shown.
void resolve_older(const State& s, Work& work, const Record& known) {
    work.goes_into_history = true;
    if (knows_better(work.update, known)) {
        if (work.update.channel != Channel::Read) return check_by_reading(work);
        work.goes_into_history = false;
        work.becomes_current = true;
    } else if (is_ahead(s, known.current().last_updated)) {
        check_by_reading(work);
    } else {
        work.outcome = Outcome::OutOfOrder;
        work.racing = races(work.update, known);
    }
}

// Nothing tells which of the two is newer.
void resolve_unordered(const State& s, Work& work, const Record& known) {
    if (!s.live()) { // nobody will be asked: what came last has to do
        work.becomes_current = work.probe = true;
        return;
    }
    if (knows_better(work.update, known) &&
        (work.update.channel == Channel::Read || work.update.channel == Channel::Local)) {
        work.becomes_current = true;
        return;
    }
    work.goes_into_history = true;
    check_by_reading(work);
}

void resolve_deletion(const State& s, Work& work, const Record* known) {
    if (!known || !known->resource()) { // shown as deleted already, or asked about once more
        work.outcome = Outcome::Duplicate;
        return;
    }
    const auto shown = known->current().last_updated;
    const auto& deleted_at = work.update.deleted_at;
    if (knows_better(work.update, *known) || (deleted_at && !(*deleted_at < shown)))
        work.becomes_current = true;
    else if (!deleted_at || is_ahead(s, shown))
        check_by_reading(work); // a 410 does not say when, and it may have been written again since
    else
        work.outcome = Outcome::OutOfOrder; // deleted, and since then written again
}

// Another client's sockets get a copy each of what one Subscription tells.
bool is_copy(const State& s, const Update& update) {
    return !s.live() && update.subscription != no_subscription && is_bound_twice(s, update.subscription);
}

// A version that the history holds already.
void resolve_repeated(const State& s, Work& work, const Record& known, const Version& held) {
    const Update& update = work.update;
    const bool is_shown = &held == &known.current();
    if (!is_shown && knows_better(update, known)) {
        if (update.channel != Channel::Read) return check_by_reading(work);
        work.becomes_current = true; // a tie, or one that was rolled back: the server says that this one is current
        return;
    }
    work.outcome = Outcome::Duplicate;
    if (mutated(Mutation::RepeatIsDuplicate)) return;
    // What a frame brought while a read was on its way may have been the deletion, and the read was answered before it.
    work.racing = is_shown && update.channel == Channel::Read && held.delivered && held.received > update.asked &&
                  !tells_deletions(s.config);
    if (update.channel != Channel::Socket) return;
    // Delivered to another subscription it is news to this one; found by a search, it may be late, or a delete just
    // after.
    const bool again = held.delivered ? held.subscription == update.subscription && !is_copy(s, update) : s.live();
    if (again || may_be_a_delete(s, update)) check_by_reading(work);
}

} // namespace

static void resolve_update(State& s, Work& work);

void resolve(State& s, Work& work) {
    resolve_update(s, work);
    if (!s.live()) work.racing = false; // nobody reads for us: the times have to do
}

static void resolve_update(State& s, Work& work) {
    const Update& update = work.update;
    const Record* known = work.position ? &s.stores.at(*work.position) : nullptr;
    if (update.deleted) return resolve_deletion(s, work, known);
    work.racing = update.raced && (!known || races(update, *known));
    if (!known) {
        work.becomes_current = true;
        const bool late = update.channel == Channel::Socket && s.recovery->deleted_unseen.erase(update.reference) > 0;
        work.probe = late || may_be_a_delete(s, update);
        return;
    }
    const std::string_view id = update.resource->version_id();
    const Version* other = nullptr; // of the same versionId
    for (const VersionPtr& version : known->history) {
        if (is_same(s, *version, *update.resource)) return resolve_repeated(s, work, *known, *version);
        if (!id.empty() && version->is(work.id_hash, id)) other = version.get();
    }
    if (other) note_repeated_version(s, *other, *update.resource);

    const Age age = mutated(Mutation::VersionIdsAsText) ? (id < known->current().version_id() ? Age::Older : Age::Newer)
                                                        : age_of(*update.resource, known->current());
    if (age == Age::Older) return resolve_older(s, work, *known);
    if (!known->resource() && may_be_from_before(s, update, *known)) return check_by_reading(work);
    if (age == Age::Unknown && known->resource()) return resolve_unordered(s, work, *known);
    const bool settles = update.channel == Channel::Read && knows_better(update, *known);
    if (age == Age::Tied && !settles && !mutated(Mutation::LastOfTieWins)) {
        // Two versions of one millisecond: the last to arrive is often not the current one, so neither is believed.
        work.goes_into_history = true;
        work.tied = true;
        return check_by_reading(work);
    }
    work.becomes_current = true;
    work.probe = may_be_a_delete(s, update);
    work.racing = races(update, *known) && !(age == Age::Tied && mutated(Mutation::LastOfTieWins));
}

} // namespace fhirscope::engine
