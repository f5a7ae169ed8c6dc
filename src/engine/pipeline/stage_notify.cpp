// Stage 5: those who observe the resource, its type or its fields are told; watermarks move; reads are asked for.

#include "engine/core/state.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/reads.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// More of a race may come: one read settles all of it.
constexpr std::chrono::milliseconds race_settles{500};

} // namespace

void notify(State& s, Work& work, const RecordPtr& before) {
    const Update& update = work.update;
    if (!update.deleted && update.subscription < s.subscriptions.size()) {
        // An event that comes before the catch-up is done says nothing about the gap behind it. (Where the next search
        // begins is another matter: see SubscriptionView::audited.)
        Subscription& subscription = s.subscriptions[update.subscription];
        const bool caught_up = subscription.view.state == SubscriptionState::Live ||
                               subscription.view.state == SubscriptionState::Refreshing;
        const auto changed = update.resource->last_updated();
        if (changed && caught_up && update.resource->time_is_exact())
            subscription.view.watermark = std::max(subscription.view.watermark, *changed);
    }
    if (work.becomes_current && work.position && s.stores.observed()) {
        const RecordPtr after = s.stores.pointer(*work.position);
        s.stores.notify({before.get(), after.get(), work.changed});
    }
    if (!work.probe && !work.racing) return;
    const bool repeats = work.outcome == Outcome::Checking && !work.tied && update.channel == Channel::Socket;
    if (!s.live() && repeats && is_deletion_observed(s, update.reference)) return note_deletion_observed(s, update);
    ReadCause cause;
    cause.frame = update.frame;
    // A version that came before: a deletion looks like that, and where no tombstone is shown it is read as a 404.
    cause.told = work.probe && update.channel == Channel::Socket && work.outcome != Outcome::Applied && !work.tied;
    if (!work.probe) cause.not_before = s.now + race_settles;
    want_read(s, update.reference, cause);
}

} // namespace fhirscope::engine
