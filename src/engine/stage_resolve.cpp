// Stage 3: what is this version to what we hold? versionIds are compared for equality only; order is by lastUpdated; ties and
// repeated versions are settled by a read (PROTOCOL A8, A13).

#include "engine/mutation.hpp"
#include "engine/pipeline.hpp"

namespace fhirscope::engine {
namespace {

// Medplum builds create and update notifications within moments of the commit; an older content may be a delete, a resend or
// a ghost (PROTOCOL A8 c).
constexpr std::chrono::milliseconds old_content{3'000};

bool may_be_a_delete(const State& s, const Update& update) {
    return !tells_deletions(s.config) && update.channel == Channel::Socket && update.sent && update.resource->last_updated() &&
           *update.sent - *update.resource->last_updated() > old_content;
}

void resolve_deletion(Work& work, const Record* known) {
    if (!known || !known->resource()) { // shown as deleted already, or asked about once more
        work.outcome = Outcome::Duplicate;
        return;
    }
    const auto shown = known->current().last_updated;
    if (work.update.deleted_at && shown && *work.update.deleted_at < *shown) {
        work.outcome = Outcome::OutOfOrder; // deleted, and since then written again
        return;
    }
    work.becomes_current = true;
}

// A version that the history holds already.
void resolve_repeated(const State& s, Work& work, const Record& known, const Version& held) {
    const Update& update = work.update;
    const bool is_shown = &held == &known.current();
    if (update.channel == Channel::Read && !is_shown && known.current().last_updated == held.last_updated) {
        work.becomes_current = true; // a tie: the server says that this one is current
        return;
    }
    work.outcome = Outcome::Duplicate;
    if (update.channel != Channel::Socket || mutated(Mutation::RepeatIsDuplicate)) return;
    const bool again = held.delivered && held.subscription == update.subscription;
    if (again || may_be_a_delete(s, update)) {
        work.outcome = Outcome::Checking;
        work.probe = true;
    }
}

} // namespace

void resolve(State& s, Work& work) {
    const Update& update = work.update;
    const Record* known = work.position ? &s.stores.at(*work.position) : nullptr;
    if (update.deleted) return resolve_deletion(work, known);
    if (!known) {
        work.becomes_current = true;
        work.probe = may_be_a_delete(s, update);
        return;
    }
    const std::string_view id = update.resource->version_id();
    for (const VersionPtr& version : known->history)
        if (version->is(work.id_hash, id)) return resolve_repeated(s, work, *known, *version);

    const auto shown = known->current().last_updated;
    const auto arrived = update.resource->last_updated();
    if (mutated(Mutation::VersionIdsAsText) ? id < known->current().version_id() : shown && arrived < shown) {
        work.outcome = Outcome::OutOfOrder;
        work.goes_into_history = true;
        return;
    }
    if (shown && arrived == shown && update.channel != Channel::Read && !mutated(Mutation::LastOfTieWins)) {
        // Two versions of one millisecond: the last to arrive is often not the current one, so neither is believed.
        work.outcome = Outcome::Checking;
        work.goes_into_history = true;
        work.probe = true;
        return;
    }
    work.becomes_current = true;
    work.probe = may_be_a_delete(s, update);
}

} // namespace fhirscope::engine
