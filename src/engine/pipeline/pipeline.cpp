// One update after another through the stages, a batch to a Drain.

#include "engine/pipeline/pipeline.hpp"

#include "engine/connection/phases.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/digest.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edit_conflicts.hpp"
#include "engine/edits/edits.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/history.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "fhir/assert.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t least_batch = 16;
constexpr std::size_t longest_unusable = 1'024; // bytes of reference and version

bool is_brought(const MaybeMissed& missed, const fhir::Resource& by) {
    const Listed& listed = missed.listed;
    const bool timed = listed.changed != ServerTime{} && by.last_updated();
    return !missed.deleted && listed.version_id == by.version_id() && (!timed || listed.changed == *by.last_updated());
}

// A version that a catch-up brought first is missed by the socket, unless the socket brings it after all.
void account_for_search(State& s, const Work& work, const Record* before) {
    const Update& update = work.update;
    const bool searched = update.channel == Channel::CatchUp || update.channel == Channel::Poll;
    // Between the version shown before and this one there may have been others that no search can show.
    if ((searched || update.channel == Channel::Read) && work.outcome == Outcome::Applied && before &&
        before->resource() && before->current().last_updated && !update.deleted && update.resource->last_updated())
        note_gap(s, {update.reference, *before->current().last_updated, *update.resource->last_updated()});
    const bool written = update.channel == Channel::Local && !update.deleted && s.live(); // and not told of before
    if ((update.channel == Channel::CatchUp || written) && work.outcome == Outcome::Applied) {
        s.recovery->maybe_missed.push_back(
            {update.reference, update.deleted ? Listed{} : listed_as(s, *update.resource),
             s.now + s.config.missed_grace, true, update.asked, update.subscription, update.deleted, written});
        return;
    }
    if (update.channel != Channel::Socket || s.recovery->maybe_missed.empty() || update.deleted) return;
    const auto found = std::find_if(
        s.recovery->maybe_missed.begin(), s.recovery->maybe_missed.end(),
        [&](const MaybeMissed& m) { return m.reference == update.reference && is_brought(m, *update.resource); });
    if (found != s.recovery->maybe_missed.end()) s.recovery->maybe_missed.erase(found);
}

// A search lists it as well, and it is not missing for that. False: it was known.
bool remember_unusable(State& s, const std::string& reference, std::string_view version_id,
                       std::optional<ServerTime> changed) {
    const std::string version = version_key(version_id, changed);
    if (reference.size() + version.size() > longest_unusable) return true;
    if (s.recovery->unusable.size() >= s.config.rejection_rows)
        s.recovery->unusable.clear(); // then each is tried once more
    const auto [known, added] = s.recovery->unusable.try_emplace(reference, version);
    if (!added && known->second == version) return false;
    known->second = version;
    return true;
}

void run(State& s, Update update) {
    Work work;
    work.update = std::move(update);
    FHIRSCOPE_ASSERT(work.update.resource || work.update.deleted);
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
        if (resource.last_updated() && resource.time_is_exact()) row.changed = *resource.last_updated();
        resource.version_id().substr(0, row.version.size()).copy(row.version.data(), row.version.size());
    } else if (work.update.deleted_at) {
        row.changed = *work.update.deleted_at;
    }

    StageTimes times;
    std::uint64_t last = s.metrics->clock ? s.metrics->clock() : 0;
    const auto lap = [&](std::size_t stage) {
        if (!s.metrics->clock) return;
        const std::uint64_t now = s.metrics->clock();
        times.nanos[stage] = static_cast<std::uint32_t>(std::min<std::uint64_t>(now - last, UINT32_MAX));
        last = now;
    };
    const char* refused_by = nullptr;
    bool is_first = false; // to be refused so
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
        if (!work.flaws.empty()) note_flaws(s, *work.update.resource, std::move(work.flaws));
        if (!s.recovery->unusable.empty()) s.recovery->unusable.erase(work.update.reference);
        account_for_search(s, work, before.get());
        if (!s.live()) note_told(s, work);
    } else {
        refused_by = "validate";
        is_first = remember_unusable(s, work.update.reference, work.update.resource->version_id(),
                                     work.update.resource->last_updated());
        work.outcome = Outcome::Rejected;
        work.position = s.stores.find(work.update.reference);
    }
    row.outcome = work.outcome;
    FHIRSCOPE_ASSERT(!(work.becomes_current && work.goes_into_history)); // one place for each version
    FHIRSCOPE_ASSERT(work.outcome != Outcome::Applied || work.position); // what is applied is somewhere
    if (work.position) {
        FHIRSCOPE_ASSERT(s.stores.at(*work.position).reference == work.update.reference);
        row.type = work.position->type;
        row.record = work.position->index;
    }
    const std::uint64_t number = log_update(s, row, times);
    if (refused_by) {
        // One that was announced may be readable where it stands.
        if (work.update.channel == Channel::Socket && is_first && !work.no_room)
            want_read(s, work.update.reference, {.frame = row.frame});
        log_event(s, Fact{.code = FactCode::UpdateRejected, .about = work.update.reference}.because(work.reason),
                  row.subscription);
        log_rejection(s, {number, work.update.reference, refused_by, work.reason,
                          work.update.resource ? make_text(std::string(work.update.resource->text())) : nullptr});
    }
    count_update(s, row);
    note_conflicts(s, work, before.get(), number);
    if (!s.edits->pending.empty()) review_edit(s, work.update.reference, &work.update);
    if (s.contents->edits_awaiting.empty()) return;
    if (const Record* record = s.stores.get(work.update.reference); record && !record->key_only())
        content_known(s, work.update.reference);
}

} // namespace

bool reject_unreadable(State& s, const fhir::Unreadable& lost, Channel channel, SubscriptionIndex subscription,
                       std::uint64_t frame, const Fact& why) {
    const std::string reference = lost.reference();
    const std::string key = reference.empty() ? '#' + hash_text(hash_bytes(lost.text)) : reference;
    const bool is_first = remember_unusable(s, key, lost.version, lost.last_updated);
    if (!is_first && channel == Channel::Poll) return false; // it is listed again and again
    UpdateRow row;
    row.received = row.dequeued = s.now;
    row.frame = frame;
    row.size = static_cast<std::uint32_t>(lost.text.size());
    row.subscription = subscription;
    row.channel = channel;
    row.outcome = Outcome::Rejected;
    lost.version.copy(row.version.data(), row.version.size());
    if (const auto position = s.stores.find(reference)) {
        row.type = position->type;
        row.record = position->index;
        // The server has something newer, or the same; nobody can tell.
        if (s.stores.at(*position).resource()) s.stores.set_standing(*position, Standing::Unconfirmed);
    }
    ++s.counters.received;
    const std::uint64_t number = log_update(s, row, {});
    const Fact rejected{.code = FactCode::ResourceUnreadable,
                        .about = reference.empty() ? lost.type : reference,
                        .name = lost.place,
                        .detail = lost.reason};
    const Fact unreadable{.code = FactCode::Unreadable, .name = lost.place, .detail = lost.reason};
    log_event(s, rejected.because(why), subscription);
    log_rejection(s, {number, reference, "read", unreadable.because(why), make_text(lost.text)});
    count_update(s, row);
    return is_first;
}

void drain(State& s) {
    // A part of what waits: a batch grows with the load, and with little of it nothing else waits long behind a Drain.
    const auto least = std::min(least_batch, s.config.batch);
    const auto batch = std::clamp(static_cast<std::uint32_t>(s.queue.size() / 4), least, s.config.batch);
    for (std::uint32_t i = 0; i < batch; ++i) {
        auto update = s.queue.take();
        if (!update) break;
        run(s, std::move(*update));
    }
    const Counters& c = s.counters;
    FHIRSCOPE_ASSERT(c.received == c.applied + c.duplicates + c.superseded + c.out_of_order + c.rejected + c.checking +
                                       c.overflowed + s.queue.size()); // none is lost without a word
    note_contents(s);
    pump_reads(s);
    pump_gaps(s);
    note_repaired(s);
    update_phase(s);
}

} // namespace fhirscope::engine
