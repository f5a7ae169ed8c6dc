// Reads of single resources: what only a GET can settle (PROTOCOL A8, A13), and what did not fit into the queue.

#include "engine/recovery/reads.hpp"

#include "engine/connection/phases.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edits.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/ask.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/criteria.hpp"
#include "fhir/percent.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t reads_at_once = 8;
constexpr std::uint32_t read_tries = 5; // of one that the server itself fails at
constexpr std::chrono::seconds read_pause{5}, longest_read_pause{60};
constexpr std::size_t reads_kept = 100'000;

// Nobody has looked: the network, a proxy or the limit was in the way.
bool is_unanswered(const HttpAnswer& answer) {
    return answer.status == 0 || answer.status == 429 || (answer.status >= 502 && answer.status <= 504);
}

void catch_up_all(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (s.subscriptions[i].view.state == SubscriptionState::Live) catch_up(s, i);
    update_phase(s);
}

// What is shown stays, marked.
void cannot_read(State& s, const std::string& reference, const Fact& problem, const ReadCause& cause,
                 Standing standing) {
    if (cause.missed) ++s.counters.hidden;
    if (const auto position = s.stores.find(reference))
        s.stores.set_standing(*position, s.stores.at(*position).resource() ? standing : Standing::Deleted);
    edit_unreadable(s, reference, problem);
    content_known(s, reference);
}

// A 404 alone never means deleted: it may be hidden by an access policy. A 403 says so. A search that lists it again
// brings it back.
void not_found(State& s, const std::string& reference, const HttpAnswer& answer, const ReadCause& cause) {
    const Fact problem = fact_of(answer);
    const bool out_of_view = answer.status == 404 || answer.status == 403;
    const Record* held = s.stores.get(reference);
    if (!out_of_view || !held || held->standing != Standing::OutOfView) // else it was said
        log_event(s,
                  Fact{.code = out_of_view ? FactCode::ReadHidden : FactCode::ReadFailed, .about = reference}.because(
                      problem));
    cannot_read(s, reference, problem, cause, out_of_view ? Standing::OutOfView : Standing::Unconfirmed);
}

void take_deletion(State& s, const std::string& reference, LocalTime asked, const ReadCause& cause) {
    Update update;
    update.reference = reference;
    update.deleted = true;
    update.received = s.now;
    update.asked = asked;
    update.channel = Channel::Read;
    update.frame = cause.frame;
    if (cause.missed) ++s.counters.recovered;
    enqueue(s, std::move(update));
}

void take_read_answer(State& s, const std::string& reference, const HttpAnswer& answer, LocalTime asked,
                      const ReadCause& cause) {
    const bool gone = answer.status == 404 && cause.unlisted && !hides_by_404(s.config);
    if (answer.status == 410 || gone) return take_deletion(s, reference, asked, cause);
    const Record* held = s.stores.get(reference);
    // The server told of a change, and now it is not there: a deletion, where a server keeps no tombstones; a search
    // that does not list it tells it from a fault on the way. Where it keeps them, this login may not see it.
    if (answer.status == 404 && cause.told && !hides_by_404(s.config) && held && held->resource() && s.live()) {
        PendingRequest request;
        request.purpose = Purpose::ConfirmGone;
        request.reference = reference;
        request.cause = cause;
        request.sent.method = "GET";
        request.sent.url = fhir_url(s, std::string(fhir::type_part(reference)) + "?_id=" +
                                           fhir::percent_encode(fhir::id_part(reference), fhir::plain_in_search) +
                                           "&_elements=id,meta");
        send_request(s, std::move(request));
        return;
    }
    if (answer.status != 200 || !answer.body) return not_found(s, reference, answer, cause);
    auto resource = fhir::parse_resource(*answer.body, fhir::answer_limits(), {answer.etag, answer.last_modified});
    if (resource && (*resource)->reference() == reference) {
        Update update;
        update.reference = reference;
        update.resource = std::move(*resource);
        update.received = s.now;
        update.asked = asked;
        update.channel = Channel::Read;
        update.frame = cause.frame;
        if (cause.missed) ++s.counters.recovered;
        return enqueue(s, std::move(update));
    }
    fhir::Unreadable lost;
    lost.type = fhir::type_part(reference);
    lost.id = fhir::id_part(reference);
    lost.text = *answer.body;
    const Fact why = resource ? Fact{.code = FactCode::OtherInAnswer, .name = (*resource)->reference().substr(0, 80)}
                              : Fact{.code = FactCode::TextUnreadable, .detail = resource.error().message};
    reject_unreadable(s, lost, Channel::Read, no_subscription, cause.frame, why);
    cannot_read(s, reference, why, cause, Standing::Unconfirmed);
}

} // namespace

void want_read(State& s, const std::string& reference, const ReadCause& cause) {
    if (!fhir::is_reference(reference))
        return log_event(s, {.code = FactCode::NotReadable, .about = reference.substr(0, 80)});
    if (s.reads->wanted.size() >= reads_kept && !s.reads->wanted.contains(reference)) {
        if (!std::exchange(s.reads->left_out, true)) log_event(s, {.code = FactCode::ReadsLeftOut});
        return;
    }
    const auto [found, is_new] =
        s.reads->wanted.try_emplace(reference); // a second wish while one waits is the same wish
    WantedRead& read = found->second;
    read.again = read.request != 0;
    // One that need not be at once waits for what may follow; it keeps no other waiting.
    if (is_new || read.again || cause.not_before == never) read.cause.not_before = cause.not_before;
    read.cause.missed |= cause.missed;
    read.cause.told |= cause.told;
    read.cause.brought |= cause.brought;
    read.cause.unlisted |= cause.unlisted;
    if (cause.frame != UINT64_MAX) read.cause.frame = cause.frame;
    if (const LocalTime at = read.cause.not_before; at != never)
        s.reads->next_unhurried = s.reads->next_unhurried == never ? at : std::min(s.reads->next_unhurried, at);
}

LocalTime next_read(const State& s) {
    if (s.reads->wanted.empty() || !can_read(s)) return never;
    if (s.reads->after > s.now) return s.reads->after;
    return s.reads->next_unhurried > s.now ? s.reads->next_unhurried : never;
}

void pump_reads(State& s) {
    if (!can_read(s) || s.reads->after > s.now) return;
    if (s.reads->wanted.empty() && std::exchange(s.reads->left_out, false)) return catch_up_all(s);
    if (s.reads->wanted.empty()) return;
    auto under_way =
        static_cast<std::uint32_t>(std::count_if(s.requests.open.begin(), s.requests.open.end(), [](const auto& item) {
            return item.second.purpose == Purpose::Read;
        }));
    LocalTime unhurried = never;
    s.reads->next_unhurried = never; // where this ends early, the next answer comes here again
    for (auto& [reference, read] : s.reads->wanted) {
        // An answer that finds the queue full would only be asked for again: what is drained makes room, and comes back
        // here.
        if (under_way >= reads_at_once || s.queue.size() + under_way >= s.config.queue_max) return;
        if (read.request != 0 || read.due > s.now) continue;
        if (const LocalTime at = read.cause.not_before; at > s.now) {
            unhurried = unhurried == never ? at : std::min(unhurried, at);
            continue;
        }
        PendingRequest request;
        request.purpose = Purpose::Read;
        request.reference = reference;
        request.sent.method = "GET";
        request.sent.url = resource_url(s, reference);
        ++read.tries;
        read.request = send_request(s, std::move(request));
        ++under_way;
    }
    s.reads->next_unhurried = unhurried;
    if (under_way == 0 && unhurried == never) s.reads->after = s.now + read_pause; // all wait for their time
}

void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const auto read = s.reads->wanted.find(request.reference);
    if (read == s.reads->wanted.end()) return;
    // What a search listed a moment ago is not hidden: whoever says 404 is wrong, or the server is not up to date.
    const bool doubtful = answer.status >= 500 || (answer.status == 404 && read->second.cause.brought);
    if (is_unanswered(answer) || (doubtful && read->second.tries < read_tries)) {
        read->second.request = 0;
        // Those that are tried in vain again and again must not stand before the others.
        read->second.due = s.now + std::min(read_pause * read->second.tries, longest_read_pause);
        s.reads->after = s.now + read_pause;
    } else {
        s.reads->after = never;
        const ReadCause cause = read->second.cause;
        if (read->second.again) {
            read->second = {};
            read->second.cause.not_before = cause.not_before;
            read->second.cause.frame = cause.frame;
            read->second.cause.brought = cause.brought;
            if (cause.not_before > s.now)
                s.reads->next_unhurried = s.reads->next_unhurried == never
                                              ? cause.not_before
                                              : std::min(s.reads->next_unhurried, cause.not_before);
        } else {
            s.reads->wanted.erase(read);
        }
        s.verification->repairing.erase(request.reference);
        note_read(s, request.reference, answer);
        take_read_answer(s, request.reference, answer, request.sent_at, cause);
        note_repaired(s);
    }
    pump_reads(s);
}

void on_confirmed_gone(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Fact problem;
    const auto page = page_of(s, request, answer, problem);
    const bool is_gone = page && page->type == "searchset" && page->unreadable.empty() && page->next.empty() &&
                         std::ranges::none_of(page->entries, [&](const fhir::BundleEntry& entry) {
                             return entry.reference() == request.reference && !entry.is_deletion();
                         });
    if (is_gone) return take_deletion(s, request.reference, request.sent_at, request.cause);
    if (page && s.stores.get(request.reference)) { // it is there, or was a moment ago
        ReadCause again = request.cause;
        again.told = false;
        want_read(s, request.reference, again);
        return pump_reads(s);
    }
    HttpAnswer not_there;
    not_there.status = 404;
    not_found(s, request.reference, not_there, request.cause);
}

void observed_read(State& s, const std::string& reference, const HttpAnswer& answer, LocalTime asked) {
    ReadCause cause;
    if (const auto read = s.reads->wanted.find(reference); read != s.reads->wanted.end()) {
        cause = read->second.cause;
        s.reads->wanted.erase(read);
    } else if (answer.status != 200 && !s.stores.get(reference)) {
        return; // nothing is known of it, and nothing has to be
    }
    if (is_unanswered(answer) || answer.status >= 500 || answer.status == 401) return;
    take_read_answer(s, reference, answer, asked, cause);
}

} // namespace fhirscope::engine
