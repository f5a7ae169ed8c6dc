// One update after another through the stages, a batch to a Drain.

#include "engine/pipeline.hpp"

#include "engine/digest.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t least_batch = 16;
constexpr std::size_t longest_unusable = 1'024; // bytes of reference and version

// A version that a catch-up brought first is missed by the socket, unless the socket brings it after all.
void account_for_search(State& s, const Work& work, const Record* before) {
    const Update& update = work.update;
    const bool searched = update.channel == Channel::CatchUp || update.channel == Channel::Poll;
    // Between the version shown before and this one there may have been others that no search can show.
    if ((searched || update.channel == Channel::Read) && work.outcome == Outcome::Applied && before &&
        before->resource() && before->current().last_updated && !update.deleted && update.resource->last_updated())
        note_gap(s, {update.reference, *before->current().last_updated, *update.resource->last_updated()});
    if (update.channel == Channel::CatchUp && work.outcome == Outcome::Applied) {
        s.maybe_missed.push_back({update.reference,
                                  update.deleted ? "" : std::string(update.resource->version_id()),
                                  s.now + s.config.missed_grace,
                                  true,
                                  {},
                                  update.asked,
                                  update.subscription});
        return;
    }
    if (update.channel != Channel::Socket || s.maybe_missed.empty() || update.deleted) return;
    const auto found = std::find_if(s.maybe_missed.begin(), s.maybe_missed.end(), [&](const MaybeMissed& m) {
        return m.reference == update.reference && m.version_id == update.resource->version_id();
    });
    if (found != s.maybe_missed.end()) s.maybe_missed.erase(found);
}

// A search lists it as well, and it is not missing for that.
void remember_unusable(State& s, const fhir::Resource& resource) {
    if (resource.reference().size() + resource.version_id().size() > longest_unusable) return;
    if (s.unusable.size() >= s.config.rejection_rows) s.unusable.clear(); // then each is tried once more
    s.unusable[resource.reference()] = resource.version_id();
}

void run(State& s, Update update) {
    Work work;
    work.update = std::move(update);
    UpdateRow row;
    row.received = work.update.received;
    row.dequeued = s.now;
    row.frame = work.update.frame;
    row.subscription = work.update.subscription;
    row.channel = work.update.channel;
    row.deleted = work.update.deleted;
    if (work.update.sent) row.sent = *work.update.sent;
    if (work.update.resource) {
        const fhir::Resource& resource = *work.update.resource;
        row.size = static_cast<std::uint32_t>(resource.text().size());
        work.id_hash = hash_bytes(resource.version_id());
        if (resource.last_updated()) row.changed = *resource.last_updated();
        resource.version_id().substr(0, row.version.size()).copy(row.version.data(), row.version.size());
    } else if (work.update.deleted_at) {
        row.changed = *work.update.deleted_at;
    }

    StageTimes times;
    std::uint64_t last = s.clock ? s.clock() : 0;
    const auto lap = [&](std::size_t stage) {
        if (!s.clock) return;
        const std::uint64_t now = s.clock();
        times.nanos[stage] = static_cast<std::uint32_t>(std::min<std::uint64_t>(now - last, UINT32_MAX));
        last = now;
    };
    const char* refused_by = nullptr;
    RecordPtr before;
    validate(s, work);
    lap(0);
    if (work.reason.empty()) {
        transform(s, work);
        lap(1);
        if (work.position) before = s.stores.pointer(*work.position);
        resolve(s, work);
        lap(2);
        apply(s, work);
        lap(3);
        notify(s, work, before);
        lap(4);
        account_for_search(s, work, before.get());
    } else {
        refused_by = "validate";
        if (work.update.resource) remember_unusable(s, *work.update.resource);
        work.outcome = Outcome::Rejected;
        work.position = s.stores.find(work.update.reference);
    }
    row.outcome = work.outcome;
    if (work.position) {
        row.type = work.position->type;
        row.record = work.position->index;
    }
    const std::uint64_t number = log_update(s, row, times);
    if (refused_by) {
        log_event(s, EventKind::Frame, Severity::Error, "rejected " + work.update.reference + ": " + work.reason,
                  row.subscription);
        log_rejection(s, {number, work.update.reference, refused_by, work.reason,
                          work.update.resource ? make_text(std::string(work.update.resource->text())) : nullptr});
    }
    count_update(s, row);
    note_conflicts(s, work, before.get(), number);
    if (!s.edits.empty()) review_edit(s, work.update.reference, &work.update);
    if (s.edits_awaiting.empty()) return;
    if (const Record* record = s.stores.get(work.update.reference); record && !record->key_only())
        content_known(s, work.update.reference);
}

} // namespace

void drain(State& s) {
    // A part of what waits: a batch grows with the load, and with little of it nothing else waits long behind a Drain.
    const auto least = std::min(least_batch, s.config.batch);
    const auto batch = std::clamp(static_cast<std::uint32_t>(s.queue.size() / 4), least, s.config.batch);
    for (std::uint32_t i = 0; i < batch; ++i) {
        auto update = s.queue.take();
        if (!update) break;
        run(s, std::move(*update));
    }
    note_contents(s);
    pump_reads(s);
    pump_gaps(s);
    note_repaired(s);
    update_phase(s);
}

} // namespace fhirscope::engine
