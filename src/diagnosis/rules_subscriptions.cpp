// Rules about the life of a Subscription: bound, listed, active, accepted.

#include "diagnosis/rules.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::SubscriptionState;
using engine::SubscriptionView;
using namespace std::chrono_literals;

bool bound_since(const SubscriptionView& subscription, LocalTime at) { return subscription.bound > at; }

// By what the server says: no status tells it from other refusals.
bool is_quota(const engine::Fact& problem) {
    const auto says = [](const engine::Fact& fact) {
        for (const std::string_view part : {"exceeded", "too many subscriptions", "maximum number", "quota"})
            if (fact.words.find(part) != std::string::npos) return true;
        return false;
    };
    return problem.find(says) != nullptr;
}

// One that holds until the subscription is bound again.
Finding* until_bound(const Scene& scene, Report& report, std::string_view id, Sign sign, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    const Trace* trace = scene.facts.find(sign, subscription.criteria);
    const bool over = trace && bound_since(subscription, trace->last);
    if (!trace || (over && trace->last <= scene.before)) return nullptr;
    Finding& finding = report.hold(id, subscription.criteria);
    if (over) finding.closed = subscription.bound;
    use(finding, *trace);
    finding.confidence = 100;
    passed(finding.decisive, trace->evidence.front().text);
    failed(finding.negative, "not since");
    return &finding;
}

void bind_ignored(const Scene& scene, Report& report, std::size_t i) {
    const Trace* trace = scene.facts.find(Sign::BindUnanswered, scene.s.subscriptions[i].criteria);
    if (!trace) return;
    // With an error frame it was not ignored: that frame is the reason.
    for (const auto& [subject, errors] : scene.facts.all(Sign::SocketError))
        if (errors->last + 15s >= trace->last && errors->last <= trace->last) return;
    until_bound(scene, report, "D3", Sign::BindUnanswered, i);
}

void token_expired(const Scene& scene, Report& report, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    const LocalTime end = subscription.token_expires;
    const bool over =
        end != LocalTime{} && scene.now >= end && is_live(subscription) && !bound_since(subscription, end);
    const Trace* said = scene.facts.find(Sign::TokenExpired, subscription.criteria);
    if (!said) said = scene.facts.find(Sign::TokenExpired, "");
    const bool told = said && !bound_since(subscription, said->last) && !live_again(scene, said->last);
    if (!over && !told) return;
    Finding& finding = report.hold("D4", subscription.criteria);
    if (told) use(finding, *said);
    if (over) {
        finding.since = told ? std::min(finding.since, end) : end;
        add_evidence(finding, {end, "the token ends", {Link::Kind::Subscription, i}});
    }
    finding.confidence = 100;
    passed(finding.decisive, over ? "it ended " + seconds_text(scene.now - end) + " ago" : "the server says so");
    failed(finding.negative, "none was");
}

void off(const Scene& scene, Report& report, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    if (Finding* gone = until_bound(scene, report, "D6", Sign::ServerDropped, i)) {
        gone->title = "The server no longer has the Subscription";
        gone->explanation =
            "Asked after, the Subscription is not there any more: somebody deleted it, its 24 hours were over, or the "
            "server forgot it. Heartbeats may go on listing it; nothing arrives for it until it is made anew.";
        gone->advice = {{"Let it be made anew", "Happens by itself; one POST, one GET, one search."},
                        {"Look at who deletes Subscriptions on the server", "Where it repeats, the cause is there."}};
    }
    const Trace* status = scene.facts.find(Sign::StatusBad, subscription.criteria);
    if (!status || subscription.last_event > status->last) return;
    if (Finding* finding = until_bound(scene, report, "D6", Sign::StatusBad, i))
        finding->title = "The server reports the subscription in error";
}

void stuck(const Scene& scene, Report& report, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    const bool waits = subscription.state == SubscriptionState::Creating ||
                       subscription.state == SubscriptionState::AwaitingToken ||
                       subscription.state == SubscriptionState::Binding;
    const engine::Phase phase = scene.s.connection.phase;
    const bool connected =
        phase != engine::Phase::Idle && phase != engine::Phase::BackingOff && phase != engine::Phase::Closed;
    if (!waits || !connected || scene.now - subscription.since <= 30s) return;
    Finding& finding = report.hold("D7", subscription.criteria);
    finding.since = subscription.since;
    add_evidence(finding, {subscription.since,
                           "it is " + std::string(to_string(subscription.state)) +
                               (subscription.problem.empty() ? "" : ": " + words::text(subscription.problem)),
                           {Link::Kind::Subscription, i}});
    finding.confidence = 85;
    passed(finding.decisive, "for " + seconds_text(scene.now - subscription.since));
    failed(finding.negative, "it is " + std::string(to_string(phase)));
}

void rebind_loop(const Scene& scene, Report& report, std::size_t i) {
    // A server that refuses does not drop anything.
    if (scene.s.subscriptions[i].state == SubscriptionState::Refused) return;
    const Trace* trace = scene.facts.find(Sign::TokenRefused, scene.s.subscriptions[i].criteria);
    if (!trace || trace->within(scene.now, 5min) < 2) return;
    until_bound(scene, report, "D8", Sign::TokenRefused, i);
}

void refused(const Scene& scene, Report& report, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    if (subscription.state != SubscriptionState::Refused) return;
    const bool is_one_of_all = scene.s.subscriptions.size() > 1 && all_refused(scene.s); // one cause is one finding
    const bool lacks_operation = subscription.problem.has(engine::FactCode::NoTokenOperation);
    const std::string_view id = is_quota(subscription.problem) ? "D31" : lacks_operation ? "D53" : "D13";
    const std::string problem = words::text(subscription.problem);
    const std::string_view subject = is_one_of_all ? std::string_view() : std::string_view(subscription.criteria);
    auto& held = report.findings();
    const auto same =
        std::find_if(held.begin(), held.end(), [&](const Finding& f) { return f.id == id && f.subject == subject; });
    if (same != held.end())
        return add_evidence(
            *same, {subscription.since, subscription.criteria + ": " + problem, {Link::Kind::Subscription, i}});
    Finding& finding = report.hold(id, subject);
    finding.since = {};
    add_evidence(finding, {subscription.since,
                           (is_one_of_all ? subscription.criteria + ": " : "") + problem,
                           {Link::Kind::Subscription, i}});
    finding.confidence = 100;
    passed(finding.decisive, problem);
    failed(finding.negative, "it was not");
}

void partial(const Scene& scene, Report& report, std::size_t i) {
    const SubscriptionView& subscription = scene.s.subscriptions[i];
    if (subscription.partial.empty()) return;
    Finding& finding = report.hold("D44", subscription.criteria);
    finding.since = {};
    add_evidence(finding, {scene.now, words::text(subscription.partial), {Link::Kind::Subscription, i}});
    finding.affects = 1;
    finding.confidence = 100;
    passed(finding.decisive, words::text(subscription.partial));
    failed(finding.negative, "none has");
}

} // namespace

void rule_subscriptions(const Scene& scene, Report& report) {
    for (std::size_t i = 0; i < scene.s.subscriptions.size(); ++i) {
        bind_ignored(scene, report, i);
        token_expired(scene, report, i);
        const SubscriptionView& subscription = scene.s.subscriptions[i];
        const Trace* unlisted = scene.facts.find(Sign::Unlisted, subscription.criteria);
        if (unlisted && subscription.last_heartbeat <= unlisted->last)
            until_bound(scene, report, "D5", Sign::Unlisted, i);
        off(scene, report, i);
        stuck(scene, report, i);
        rebind_loop(scene, report, i);
        refused(scene, report, i);
        partial(scene, report, i);
    }
}

} // namespace fhirscope::diagnosis
