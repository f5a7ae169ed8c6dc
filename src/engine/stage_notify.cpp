// Stage 5: those who observe the resource, its type or its fields are told; watermarks move; reads are asked for.

#include "engine/pipeline.hpp"

namespace fhirscope::engine {

void notify(State& s, Work& work, const RecordPtr& before) {
    const Update& update = work.update;
    if (!update.deleted && update.subscription < s.subscriptions.size()) {
        ServerTime& watermark = s.subscriptions[update.subscription].watermark;
        if (const auto changed = update.resource->last_updated(); changed && *changed > watermark) watermark = *changed;
    }
    if (work.becomes_current && work.position && s.stores.observed()) {
        const RecordPtr after = s.stores.pointer(*work.position);
        s.stores.notify({before.get(), after.get(), work.changed});
    }
    if (work.probe) want_read(s, update.reference);
}

} // namespace fhirscope::engine
