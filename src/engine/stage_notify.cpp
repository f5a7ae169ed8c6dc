// Stage 5: those who observe the resource, its type or its fields are told; watermarks move; reads are asked for.

#include "engine/pipeline.hpp"

#include <algorithm>

namespace fhirscope::engine {

void notify(State& s, Work& work, const RecordPtr& before) {
    const Update& update = work.update;
    if (!update.deleted && update.subscription < s.subscriptions.size()) {
        // An event that comes before the catch-up is done says nothing about the gap behind it. (Where the next search
        // begins is another matter: see SubscriptionView::audited.)
        Subscription& subscription = s.subscriptions[update.subscription];
        const bool caught_up = subscription.view.state == SubscriptionState::Live ||
                               subscription.view.state == SubscriptionState::Refreshing;
        const auto changed = update.resource->last_updated();
        if (changed && caught_up) subscription.view.watermark = std::max(subscription.view.watermark, *changed);
    }
    if (work.becomes_current && work.position && s.stores.observed()) {
        const RecordPtr after = s.stores.pointer(*work.position);
        s.stores.notify({before.get(), after.get(), work.changed});
    }
    if (work.probe) want_read(s, update.reference);
}

} // namespace fhirscope::engine
