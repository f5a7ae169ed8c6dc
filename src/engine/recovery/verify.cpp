// "Local = server": all stores against a full read of the server, subscription by subscription.

#include "engine/recovery/verify.hpp"

#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "fhir/criteria.hpp"
#include "fhir/reference.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t passes_allowed = 3; // data that changes while it is compared is compared again
constexpr std::size_t differences_listed = 100;

constexpr std::size_t repairs_at_once = 1'000;
constexpr std::size_t longest_cell = 200;        // bytes of a cell that is not shown yet
constexpr std::chrono::seconds resume_after{30}; // an interrupted reconciliation goes on at the page where it was

void ask(State& s, std::string url) {
    PendingRequest request;
    request.purpose = Purpose::Verify;
    request.sent.method = "GET";
    request.sent.url = std::move(url);
    // One that nobody waits for leaves the server room for those who do.
    const bool calm = s.verification->view.scheduled;
    send_request(s, std::move(request), calm ? s.config.reconcile_pause : std::chrono::milliseconds(0));
}

void ask_next_subscription(State& s) {
    Verification& v = *s.verification;
    const Subscription& subscription = s.subscriptions[v.next_subscription++];
    v.types.insert(subscription.type);
    // With what a panel shows, so that a cell that differs can say how.
    const RowMaker* maker = row_maker(s, subscription.type);
    const auto shown = maker ? maker->members() : std::vector<std::string>();
    ask(s, fhir_url(s, query(subscription) + listing_elements(s, subscription.type, shown) + paged(s, v.by_offset)));
}

void start_pass(State& s) {
    ++s.verification->passes;
    restart_pass(s);
}

// What no subscription asks for any more need not be listed: it was shown once and has left the criteria since. Of a
// key alone only criteria without a filter can be told.
bool is_wanted(const State& s, const Record& held) {
    const fhir::Resource& resource = *held.resource();
    const fhir::MatchMode mode = match_mode(s.config);
    return std::any_of(s.subscriptions.begin(), s.subscriptions.end(), [&](const Subscription& subscription) {
        const auto criteria = fhir::Criteria::parse(subscription.view.criteria);
        if (criteria && held.key_only() && !criteria->parameters().empty()) return false;
        return criteria && criteria->type() == resource.type() && criteria->matches(resource, mode) != fhir::Match::No;
    });
}

std::string shown_version(const Version& version) { return version_key(version.version_id(), version.last_updated); }

// None where nothing is known against this version.
Fact why_unusable(const State& s, const std::string& reference, const Listed& listed) {
    if (!listed.unreadable.empty()) return listed.unreadable;
    const auto unusable = s.recovery->unusable.find(reference);
    if (unusable == s.recovery->unusable.end() || unusable->second != version_key(listed.version_id, listed.changed))
        return {};
    for (std::uint64_t n = s.journal->rejections.end(); n > s.journal->rejections.first(); --n)
        if (s.journal->rejections[n - 1].reference == reference) return s.journal->rejections[n - 1].reason;
    return {.code = FactCode::RejectedBefore};
}

// Null where it is the shown version, or is not shown at all.
RowPtr row_listed(const State& s, const fhir::Resource& resource, const Listed& listed) {
    const Record* held = s.stores.get(resource.reference());
    const RowMaker* maker = row_maker(s, resource.type());
    if (!held || !held->resource() || !maker || is_listed_as(s, held->current(), listed)) return nullptr;
    std::uint64_t changed_cells = 0;
    Row row = *maker->make_row(resource, nullptr, {}, changed_cells);
    for (std::string& cell : row.cells) fhir::cut_utf8(cell, longest_cell);
    return std::make_shared<const Row>(std::move(row));
}

ServerSidePtr server_side(const State& s, const Listed* listed) {
    ServerSide side;
    side.since = s.now;
    if (listed) {
        side.version = version_key(listed->version_id, listed->changed);
        side.row = listed->row;
        if (s.connection.clock_known && listed->changed != ServerTime{})
            side.since = std::min(s.now, LocalTime(listed->changed.time_since_epoch() - s.connection.clock_offset));
    }
    return std::make_shared<const ServerSide>(std::move(side));
}

void compare(State& s) {
    Verification& v = *s.verification;
    v.view.differences.clear();
    v.view.difference_count = v.view.unusable = 0;
    v.view.compared = v.server.size();
    std::vector<std::string> to_read, unsure, out_of_view, lacked;
    std::set<std::string, std::less<>> unlisted;
    std::vector<Fact> drifts;
    // What changes while it is compared is no drift: its update is under way, or came in between.
    const auto is_settled = [&](const Record* held, ServerTime listed) {
        const auto server_time = v.pass_began + s.connection.clock_offset - s.config.missed_grace;
        return (!held || held->changed_at < v.pass_began) && listed.time_since_epoch() < server_time.time_since_epoch();
    };
    // Of a listing that ended early, what is new is not under way: nobody else would find it.
    std::set<std::string, std::less<>> partly_listed;
    for (const Subscription& subscription : s.subscriptions)
        if (!subscription.view.partial.empty() && !v.left_out.contains(subscription.type))
            partly_listed.insert(subscription.type);
    const auto differs = [&](const Record* held, ServerTime listed, Fact difference) {
        const std::string& reference = difference.about;
        if (v.view.scheduled && !is_settled(held, listed)) {
            const std::string_view type = fhir::type_part(reference);
            if (partly_listed.contains(type) && lacked.size() < repairs_at_once) lacked.push_back(reference);
            return;
        }
        ++v.view.difference_count;
        if (to_read.size() < repairs_at_once) to_read.push_back(reference);
        if (drifts.size() < differences_listed) drifts.push_back(difference);
        if (v.view.differences.size() < differences_listed) v.view.differences.push_back(std::move(difference));
    };
    // Reading it once more gives the same.
    const auto cannot_be_used = [&](const std::string& reference, const Fact& why) {
        ++v.view.difference_count;
        ++v.view.unusable;
        if (v.view.differences.size() < differences_listed)
            v.view.differences.push_back(Fact{.code = FactCode::Unusable, .about = reference}.because(why));
    };
    for (const auto& [reference, listed] : v.server) {
        const std::string version = version_key(listed.version_id, listed.changed);
        const auto position = s.stores.find(reference);
        const Record* held = position ? &s.stores.at(*position) : nullptr;
        if (const Fact why = why_unusable(s, reference, listed); !why.empty()) {
            cannot_be_used(reference, why);
        } else if (!held || !held->resource()) {
            differs(held, listed.changed,
                    {.code = held ? FactCode::HereDeleted : FactCode::HereUnknown,
                     .about = reference,
                     .words = version,
                     .from = listed.changed.time_since_epoch().count()});
        } else if (!is_listed_as(s, held->current(), listed)) {
            const std::string shown = shown_version(held->current());
            const bool is_newer = held->current().last_updated && *held->current().last_updated < listed.changed;
            differs(held, listed.changed,
                    {.code = version == shown ? FactCode::OtherContent
                             : is_newer       ? FactCode::HereOlder
                                              : FactCode::OtherVersion,
                     .about = reference,
                     .name = shown,
                     .words = version,
                     .from = listed.changed.time_since_epoch().count()});
        } else {
            s.stores.confirm(*position, s.now, Stores::Word::Answer);
        }
    }
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t) {
        if (!v.types.contains(s.stores.type_name(t)) || v.left_out.contains(s.stores.type_name(t))) continue;
        for (std::uint32_t i = 0; i < s.stores.size(t); ++i) {
            const Record& held = s.stores.at({t, i});
            if (!held.resource() || v.server.contains(held.reference)) continue;
            if (held.standing == Standing::OutOfView) { // no difference; but a refusal may have been for the moment
                if (out_of_view.size() < repairs_at_once) out_of_view.push_back(held.reference);
                continue;
            }
            unlisted.insert(held.reference);
            if (is_wanted(s, held)) {
                differs(&held, {},
                        {.code = FactCode::NotListed, .about = held.reference, .name = shown_version(held.current())});
            } else if (held.key_only() && unsure.size() < repairs_at_once) {
                unsure.push_back(held.reference); // a read tells
            }
        }
    }
    const bool moved = v.updates_at_start != s.counters.applied || s.queue.size() > 0 || !s.reads->wanted.empty();
    const std::size_t drifted = v.view.difference_count - v.view.unusable;
    if (!v.view.scheduled && drifted > 0 && moved && v.passes < passes_allowed) return start_pass(s);
    v.view.state = v.view.difference_count == 0 ? VerifyView::State::Equal : VerifyView::State::Different;
    v.view.at = s.now;
    const auto server = std::exchange(v.server, {});
    v.next = s.now + s.config.reconcile_period;
    if (v.view.scheduled || !moved) {
        // Drift is repaired by reading: the server's answer decides.
        s.counters.drifts += drifted;
        for (SubscriptionIndex i = 0; !drifts.empty() && i < s.subscriptions.size(); ++i)
            suspect(s, i, Fact{.code = FactCode::DriftFound}.because(drifts.front()));
        for (const Fact& drift : drifts) {
            log_event(s, Fact{.code = FactCode::DriftFound}.because(drift));
            note_drift(s, drift.about, s.stores.get(drift.about), drift);
        }
        v.repairing.clear();
        v.repairing.insert(to_read.begin(), to_read.end());
        v.repairing.insert(unsure.begin(), unsure.end());
        v.repairs = v.view.difference_count > 0 && to_read.size() >= v.view.difference_count;
        for (const std::string& reference : to_read) {
            if (const auto position = s.stores.find(reference)) {
                const auto listed = server.find(reference);
                s.stores.set_server_side(*position, server_side(s, listed == server.end() ? nullptr : &listed->second));
            }
            want_read(s, reference, {.unlisted = unlisted.contains(reference)});
        }
        for (const std::string& reference : unsure) {
            if (const auto position = s.stores.find(reference)) s.stores.set_standing(*position, Standing::Checking);
            want_read(s, reference, {.unlisted = true});
        }
        for (const std::string& reference : out_of_view) want_read(s, reference);
        for (const std::string& reference : lacked) want_read(s, reference);
        for (Subscription& subscription : s.subscriptions)
            if (partly_listed.contains(subscription.type)) subscription.view.partial = {}; // it is read now
        pump_reads(s);
    }
    log_event(s, {.code = v.view.difference_count ? FactCode::ComparedDifferent : FactCode::ComparedEqual,
                  .count = static_cast<std::int64_t>(v.view.compared),
                  .to = static_cast<std::int64_t>(v.view.difference_count)});
}

} // namespace

void note_repaired(State& s) {
    Verification& v = *s.verification;
    if (!v.repairs || !v.repairing.empty() || s.queue.size() > 0) return;
    v.repairs = false;
    v.view.repaired = s.now;
    log_event(s, {.code = FactCode::DriftRepaired, .count = static_cast<std::int64_t>(v.view.difference_count)});
}

void restart_pass(State& s) {
    Verification& v = *s.verification;
    v.server.clear();
    v.rows = 0;
    v.types.clear();
    v.left_out.clear();
    v.view.left_out.clear();
    v.next_subscription = 0;
    v.updates_at_start = s.counters.applied;
    v.pass_began = s.now;
    ask_next_subscription(s);
}

void begin_verify(State& s, bool scheduled) {
    Verification& v = *s.verification;
    if (v.view.state == VerifyView::State::Running && (scheduled || !v.view.scheduled)) return;
    forget_requests(s, Purpose::Verify, no_subscription); // of a scheduled one: a person does not wait for its pauses
    v.resume.clear();
    v.repairs = false;
    v.view = {};
    v.view.scheduled = scheduled;
    s.counters.reconciliations += scheduled;
    v.passes = 0;
    v.by_offset = false;
    v.view.state = VerifyView::State::Running;
    v.view.at = s.now;
    if (!s.live()) return fail_verify(s, {.code = FactCode::NothingToCompare});
    if (s.subscriptions.empty()) return fail_verify(s, {.code = FactCode::NothingSubscribed});
    start_pass(s);
}

LocalTime next_verify(const State& s) {
    return s.connection.phase == Phase::Live || s.connection.polling ? s.verification->next : never;
}

void tick_verify(State& s) {
    Verification& v = *s.verification;
    if (!s.live() || s.leaving || (s.connection.phase != Phase::Live && !s.connection.polling)) return;
    if (v.next == never) v.next = s.now + s.config.reconcile_period;
    if (v.next > s.now) return;
    v.next = s.now + s.config.reconcile_period;
    if (v.resume.empty()) return begin_verify(s, true);
    ask(s, std::exchange(v.resume, std::string()));
}

void fail_verify(State& s, Fact problem) {
    Verification& v = *s.verification;
    v.view.state = VerifyView::State::Failed;
    v.view.at = s.now;
    cut_texts(problem, longest_reason);
    v.view.problem = std::move(problem);
    v.server.clear();
    log_event(s, Fact{.code = FactCode::CompareFailed}.because(v.view.problem));
}

void on_verify(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Verification& v = *s.verification;
    if (v.view.state != VerifyView::State::Running) return;
    Fact problem;
    auto page = page_of(s, request, answer, problem);
    if (!page && v.view.scheduled && answer.status != 200 && !is_refusal(answer)) {
        v.resume = request.sent.url;
        v.next = s.now + resume_after;
        log_event(s, Fact{.code = FactCode::CompareInterrupted}.because(problem));
        return;
    }
    if (page && !page->elsewhere.empty()) {
        const SubscriptionIndex i = static_cast<SubscriptionIndex>(v.next_subscription - 1);
        problem = {.code = FactCode::ListingElsewhere, .about = page->elsewhere};
        if (s.subscriptions[i].view.partial.empty()) note_partial(s, i, problem);
        if (!v.view.scheduled) return fail_verify(s, problem_of(s.subscriptions[i].view, problem));
        page.reset();
    }
    const bool refused = is_refusal(answer) && answer.status != 401;
    if (!page && (v.view.scheduled || refused)) { // the others are compared without it
        const Subscription& without = s.subscriptions[v.next_subscription - 1];
        log_event(s, Fact{.code = FactCode::NotCompared, .about = without.view.criteria}.because(problem));
        v.left_out.insert(without.type);
        v.view.left_out.push_back(problem_of(without.view, problem));
        if (v.next_subscription < s.subscriptions.size()) return ask_next_subscription(s);
        if (v.view.left_out.size() == s.subscriptions.size()) return fail_verify(s, v.view.left_out.front());
        return compare(s);
    }
    if (!page) return fail_verify(s, problem);
    for (const fhir::BundleEntry& entry : page->entries)
        if (is_listed(entry)) {
            Listed listed = listed_as(s, *entry.resource);
            if (v.rows < repairs_at_once) listed.row = row_listed(s, *entry.resource, listed);
            v.rows += listed.row != nullptr;
            v.server[entry.resource->reference()] = std::move(listed);
        }
    for (const fhir::Unreadable& lost : page->unreadable) {
        if (lost.reference().empty()) {
            reject_unreadable(s, lost, Channel::Poll, no_subscription);
            continue;
        }
        Listed& listed = v.server[lost.reference()];
        listed.version_id = lost.version;
        listed.changed = lost.last_updated.value_or(ServerTime{});
        listed.unreadable = {.code = FactCode::TextUnreadable, .detail = lost.reason};
    }
    if (v.server.size() > s.config.store.max_resources) return fail_verify(s, {.code = FactCode::ListingTooLong});
    if (!page->next.empty())
        return next_page(s, request, page->next,
                         v.view.scheduled ? s.config.reconcile_pause : std::chrono::milliseconds(0));
    if (s.verification->next_subscription < s.subscriptions.size()) return ask_next_subscription(s);
    compare(s);
}

} // namespace fhirscope::engine
