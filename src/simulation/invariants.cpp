#include "simulation/invariants.hpp"

#include "fhir/reference.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::simulation {

namespace {

using engine::Phase;
using engine::VerifyView;

struct Named {
    std::string_view name;
    Check check;
};
constexpr std::array always{
    Named{"updates-are-accounted", updates_are_accounted},
    Named{"frames-are-accounted", frames_are_accounted},
    Named{"bounds-hold", bounds_hold},
    Named{"live-means-accepted", live_means_accepted},
};

std::string number(std::uint64_t n) { return std::to_string(n); }

} // namespace

std::vector<std::string_view> invariant_names() {
    std::vector<std::string_view> names{"shown-never-goes-back", "shown-is-the-servers", "duplicates-change-nothing"};
    for (const Named& named : always) names.push_back(named.name);
    for (const auto name : {"live-means-caught-up", "equal-means-equal", "effects-are-legal", "no-storm", "settles",
                            "leaves-nothing-behind", "replays-alike", "nothing-impossible"})
        names.push_back(name);
    return names;
}

// Applied, superseded, rejected, known already, older, being checked, waiting, or read anew because it did not fit:
// nothing else can become of an update.
std::optional<std::string> updates_are_accounted(const Observation& o) {
    const auto& c = o.snapshot.metrics.counters;
    const std::uint64_t fates = c.applied + c.duplicates + c.superseded + c.out_of_order + c.rejected + c.checking +
                                c.overflowed + o.snapshot.queue_size;
    if (c.received == fates) return std::nullopt;
    return number(c.received) + " updates were received, but the fates of " + number(fates) + " are known";
}

std::optional<std::string> frames_are_accounted(const Observation& o) {
    const auto counted = o.snapshot.metrics.counters.frames_in;
    if (counted == o.frames_delivered) return std::nullopt;
    return number(o.frames_delivered) + " frames were delivered, " + number(counted) + " were counted";
}

std::optional<std::string> bounds_hold(const Observation& o) {
    const engine::Snapshot& s = o.snapshot;
    const engine::Config& c = o.config;
    struct Bound {
        std::string_view what;
        std::size_t is, most;
    };
    // Logs drop whole chunks, so they may exceed their bound by less than one.
    const std::array bounds{
        Bound{"updates in the queue", s.queue_size, c.queue_max},
        Bound{"bytes in the queue", s.queue_bytes, c.queue_max_bytes},
        Bound{"rows of updates", s.updates.size(), c.update_rows + 2048},
        Bound{"rows of frames", s.frames.size(), c.frame_rows + 512},
        Bound{"rows of events", s.events.size(), c.event_rows + 512},
        Bound{"rejections", s.rejections.size(), c.rejection_rows + 128},
        Bound{"bytes of history", s.memory_history, c.store.max_history_bytes},
        // What is edited is kept beyond it, and keys alone may be too much by an eighth.
        Bound{"bytes of what is shown", s.memory_resources,
              c.store.max_resource_bytes + c.store.max_resource_bytes / 4},
        Bound{"transitions", s.connection.transitions.size(), 256},
        Bound{"attempts", s.connection.attempts.size(), 65},
        Bound{"differences", s.verify.differences.size(), 100},
        // Every resource at most once, a few for each subscription, and one comparison.
        Bound{"requests", s.requests_open, o.ledger.resources().size() + 64},
    };
    for (const Bound& bound : bounds)
        if (bound.is > bound.most)
            return number(bound.is) + " " + std::string(bound.what) + ", allowed are " + number(bound.most);
    return std::nullopt;
}

// Live is not claimed while every request is refused: what was refused first may be about one request, which the next
// answer decides, within the time that it is given.
std::optional<std::string> live_means_accepted(const Observation& o) {
    constexpr std::chrono::seconds one_answer{1};
    const auto given = o.config.login_check_timeout + one_answer;
    if (o.snapshot.connection.phase != Phase::Live || !o.refused_since || o.snapshot.at < *o.refused_since + given)
        return std::nullopt;
    return "live, though every answer of the last " +
           number(static_cast<std::uint64_t>((o.snapshot.at - *o.refused_since) / std::chrono::seconds(1))) +
           " s refused the login";
}

// Live says: all that was committed while nobody listened has been found. What got lost without a sign while a binding
// stood is not asked here: only a comparison can find that.
std::optional<std::string> live_means_caught_up(const Observation& o, const std::vector<VirtualTime>& bound) {
    const auto bound_for = [&](std::string_view type) {
        for (std::size_t i = 0; i < bound.size(); ++i)
            if (o.snapshot.subscriptions[i].criteria.starts_with(type)) return bound[i];
        return o.now;
    };
    for (const auto& [reference, resource] : o.ledger.resources()) {
        const VirtualTime listens_since = bound_for(fhir::type_part(reference));
        for (std::size_t i = resource.commits.size(); i > resource.shown; --i) {
            const auto& commit = resource.commits[i - 1];
            if (resource.shows_at_least(i)) break; // and so all before it
            if (commit.backdated) break;           // it hides those before it from searches, too
            if (!commit.owed || commit.at > listens_since) continue;
            // Back before it was asked what was deleted: no search shows that, and the event of its return is told.
            const bool came_back = commit.deleted && i < resource.commits.size();
            if (came_back && resource.commits[i].at > listens_since) continue;
            const engine::RecordPtr record = o.snapshot.find(reference);
            if (record && record->standing == engine::Standing::Checking) break; // known to be unsure
            // What did not fit into the queue is being read, which is said by the open requests.
            if (o.snapshot.metrics.counters.overflowed > 0 && o.snapshot.requests_open > 0) break;
            return "live, but commit " + number(i) + (commit.deleted ? " (a deletion)" : "") + " of " + reference +
                   ", made at " + number(static_cast<std::uint64_t>(commit.at.count() / 1000)) +
                   " ms while nobody listened, is not shown (commit " + number(resource.shown) + " is)";
        }
    }
    return std::nullopt;
}

// The comparison says "equal": then every resource must show a state that was current at some moment of the comparison.
std::optional<std::string> equal_means_equal(const Observation& o) {
    if (o.ledger.hidden()) return std::nullopt; // equal, as far as the client may see
    for (const auto& [reference, resource] : o.ledger.resources()) {
        const std::size_t current = resource.before(o.verify_begun);
        // A row that says that it is deleted or hidden, one of which it is, claims nothing else.
        const bool is_gone = current > 0 && resource.commits[current - 1].deleted;
        const engine::RecordPtr held = is_gone ? o.snapshot.find(reference) : nullptr;
        if (held && held->standing == engine::Standing::OutOfView) continue;
        if (!resource.shows_at_least(current))
            return "compared as equal, but " + reference + " shows commit " + number(resource.shown) + ", and commit " +
                   number(current) + " was current when the comparison began";
    }
    return std::nullopt;
}

std::optional<Violation> SnapshotChecks::check(const Observation& o) {
    for (const Named& named : always)
        if (auto wrong = named.check(o)) return Violation{std::string(named.name), std::move(*wrong), {}, {}, {}};
    // What a refused Subscription is about is polled for, and does not count as live.
    const auto& subscriptions = o.snapshot.subscriptions;
    const bool live =
        o.snapshot.connection.phase == Phase::Live &&
        std::all_of(subscriptions.begin(), subscriptions.end(), [](const engine::SubscriptionView& view) {
            return view.state == engine::SubscriptionState::Live || view.state == engine::SubscriptionState::Refreshing;
        });
    handshakes_.resize(subscriptions.size());
    bound_.resize(subscriptions.size());
    for (std::size_t i = 0; i < subscriptions.size(); ++i)
        if (std::exchange(handshakes_[i], subscriptions[i].bound) != subscriptions[i].bound) bound_[i] = o.now;
    const bool before = std::exchange(live_, live);
    if (live && !before)
        if (auto wrong = live_means_caught_up(o, bound_))
            return Violation{"live-means-caught-up", std::move(*wrong), {}, {}, {}};
    const auto verify_before = std::exchange(verify_, o.snapshot.verify.state);
    // A scheduled one leaves out what changes while it runs, and says so.
    const bool strict = !o.snapshot.verify.scheduled;
    if (strict && verify_ == VerifyView::State::Equal && verify_before != VerifyView::State::Equal)
        if (auto wrong = equal_means_equal(o)) return Violation{"equal-means-equal", std::move(*wrong), {}, {}, {}};
    return std::nullopt;
}

} // namespace fhirscope::simulation
