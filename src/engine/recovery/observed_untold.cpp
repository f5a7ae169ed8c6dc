// What the server has by its answers to another client's writes, until something has shown it to that client.

#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/observed_exchange.hpp"
#include "engine/recovery/reads.hpp"
#include "fhir/criteria.hpp"
#include "fhir/reference.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t untold_kept = 20'000;

bool is_shown(const State& s, const Untold& told) {
    const Record* held = s.stores.get(told.reference);
    if (!held) return false;
    if (told.deleted) return !held->resource();
    const auto has = [&](const VersionPtr& version) {
        return version->resource && !told.version.empty() && version->version_id() == told.version;
    };
    if (std::ranges::any_of(held->history, has)) return true;
    const auto changed = told.resource ? told.resource->last_updated() : std::nullopt;
    return changed && held->current().last_updated && *held->current().last_updated >= *changed && held->resource();
}

RowPtr row_of(const State& s, const Untold& told) {
    const RowMaker* maker = told.resource ? row_maker(s, told.resource->type()) : nullptr;
    std::uint64_t changed_cells = 0;
    return maker ? maker->make_row(*told.resource, nullptr, {}, changed_cells) : nullptr;
}

// What is shown is not what the server has.
void mark(State& s, Untold& told) {
    const auto position = s.stores.find(told.reference);
    told.held = position && s.stores.at(*position).resource();
    if (!told.held) return;
    ServerSide side;
    side.version = told.deleted ? std::string() : told.version;
    side.since = told.since;
    side.row = row_of(s, told);
    s.stores.set_server_side(*position, std::make_shared<const ServerSide>(std::move(side)));
}

void take_deletion_by_frame(State& s, const std::string& reference, const ReadCause& cause) {
    const Record* held = s.stores.get(reference);
    if (!held || !held->resource()) return;
    Update update;
    update.reference = reference;
    update.deleted = true;
    update.deleted_at = std::max(server_time(s, s.now), held->current().last_updated.value_or(ServerTime{}));
    update.received = s.now;
    update.channel = Channel::Socket;
    update.frame = cause.frame;
    update.subscription = held->current().subscription;
    enqueue(s, std::move(update));
}

// "W/"7"" → "7"; "…/Task/1/_history/7" → "7".
std::string version_in(const HttpAnswer& answer) {
    const auto first = answer.etag.find('"'), last = answer.etag.rfind('"');
    if (first != std::string::npos && last > first + 1) return answer.etag.substr(first + 1, last - first - 1);
    constexpr std::string_view mark = "/_history/";
    const auto at = answer.location.find(mark);
    return at == std::string::npos ? std::string() : answer.location.substr(at + mark.size());
}

} // namespace

void expect_told(State& s, Untold told, LocalTime asked) {
    Observation& observation = *s.observation;
    observation.shown = nullptr;
    observation.untold.erase(told.reference);
    if (is_shown(s, told)) return;
    if (observation.untold.size() >= untold_kept) {
        if (observation.left_out++ == 0)
            log_event(s, {.code = FactCode::UntoldLeftOut, .count = static_cast<std::int64_t>(untold_kept)});
        return;
    }
    mark(s, told);
    std::string reference = told.reference;
    const LocalTime due = s.now + s.config.missed_grace;
    observation.due = earlier(observation.due, due);
    observation.untold.emplace(std::move(reference), PendingTold{std::move(told), asked, due});
}

void take_deleted(State& s, const Exchange& e, const std::string& reference) {
    auto& deleted = s.observation->deleted;
    if (deleted.size() >= untold_kept) deleted.clear(); // those of long ago: their frames have come
    deleted[reference] = s.now;
    const auto wanted = s.reads->wanted.find(reference);
    if (wanted != s.reads->wanted.end() && wanted->second.cause.told) { // its frame came before the answer
        const ReadCause cause = wanted->second.cause;
        s.reads->wanted.erase(wanted);
        return take_deletion_by_frame(s, reference, cause);
    }
    const Record* held = s.stores.get(reference);
    if (!held || !held->resource()) return;
    Untold told;
    told.reference = reference;
    told.method = e.method;
    told.since = s.now;
    told.deleted = true;
    expect_told(s, std::move(told), e.asked);
}

void take_written(State& s, const Exchange& e, const Target& target) {
    fhir::ResourcePtr stored;
    if (e.answer.body) {
        auto parsed =
            fhir::parse_resource(*e.answer.body, fhir::answer_limits(), {e.answer.etag, e.answer.last_modified});
        if (parsed && (*parsed)->type() == target.type && fhir::is_usable_id((*parsed)->id()))
            stored = std::move(*parsed);
    }
    Untold told;
    told.reference = stored               ? stored->reference()
                     : !target.id.empty() ? target.reference()
                                          : std::string(fhir::local_reference(e.answer.location));
    if (!fhir::is_reference(told.reference)) return;
    told.version = stored ? std::string(stored->version_id()) : version_in(e.answer);
    told.method = e.method;
    told.since = s.now;
    if (const auto changed = stored && stored->time_is_exact() ? stored->last_updated() : std::nullopt) {
        if (e.method == "POST" && e.answer.status == 201) sample_clock(s, *changed, e.asked);
        if (s.connection.clock_known)
            told.since = std::min(s.now, LocalTime(changed->time_since_epoch()) - s.connection.clock_offset);
    }
    told.resource = std::move(stored);
    s.observation->deleted.erase(told.reference);
    expect_told(s, std::move(told), e.asked);
}

void note_told(State& s, const Work& work) {
    const Update& update = work.update;
    const auto found = s.observation->untold.find(update.reference);
    if (found == s.observation->untold.end()) return;
    Untold& told = found->second.told;
    bool is_told = told.deleted && update.deleted;
    if (!told.deleted && update.resource) {
        const auto changed = told.resource ? told.resource->last_updated() : std::nullopt;
        const auto now = update.resource->last_updated();
        is_told = (!told.version.empty() && update.resource->version_id() == told.version) ||
                  (changed && now && *now >= *changed) || update.channel == Channel::Read;
    } else if (update.channel == Channel::Read) {
        is_told = true;
    }
    s.observation->shown = nullptr;
    if (!is_told) return mark(s, told);
    s.observation->untold.erase(found);
    if (const auto position = s.stores.find(update.reference); position && s.stores.at(*position).server_side)
        s.stores.confirm(*position, s.now, Stores::Word::Message);
}

bool is_deletion_observed(const State& s, const std::string& reference) {
    return s.observation->deleted.contains(reference);
}

void note_deletion_observed(State& s, const Update& update) {
    ReadCause cause;
    cause.frame = update.frame;
    take_deletion_by_frame(s, update.reference, cause);
}

std::shared_ptr<const std::vector<Untold>> untold_of(State& s) {
    if (s.live() || s.observation->untold.empty()) return nullptr;
    if (!s.observation->shown) {
        auto all = std::make_shared<std::vector<Untold>>();
        for (const auto& [reference, pending] : s.observation->untold) all->push_back(pending.told);
        s.observation->shown = std::move(all);
    }
    return s.observation->shown;
}

// Who heard then, and whose criteria what was written matches, should have been told.
void tick_untold(State& s) {
    if (s.observation->due == never || s.observation->due > s.now) return;
    s.observation->due = never;
    for (auto& [reference, pending] : s.observation->untold) {
        if (pending.due > s.now) s.observation->due = earlier(s.observation->due, pending.due);
        if (pending.due == never || pending.due > s.now) continue;
        pending.due = never;
        Untold& told = pending.told;
        const Record* held = s.stores.get(reference);
        const fhir::Resource* content = told.resource ? told.resource.get() : held ? held->resource() : nullptr;
        if (!content || told.method == "GET") continue;
        for (SubscriptionIndex i = 0; i < s.subscriptions.size() && told.subscription == no_subscription; ++i) {
            const SubscriptionView& view = s.subscriptions[i].view;
            const bool heard =
                view.state == SubscriptionState::Live && view.bound != never && view.bound < pending.asked;
            if (!heard || s.subscriptions[i].type != content->type()) continue;
            const auto criteria = fhir::Criteria::parse(view.criteria);
            if (criteria && criteria->matches(*content, match_mode(s.config)) == fhir::Match::Yes)
                told.subscription = i;
        }
        if (told.subscription == no_subscription) continue;
        s.observation->shown = nullptr;
        ++s.counters.missed;
        log_event(s,
                  {.code = FactCode::NotTold,
                   .about = reference,
                   .name = told.version,
                   .status = static_cast<std::uint16_t>(told.deleted ? 410 : 0)},
                  told.subscription);
    }
}

LocalTime next_untold(const State& s) { return s.observation->due; }

} // namespace fhirscope::engine
