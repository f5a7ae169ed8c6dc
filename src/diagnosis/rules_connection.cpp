// Rules about the connection as a whole.

#include "diagnosis/rules.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::Phase;
using namespace std::chrono_literals;

// Signs of a connection that failed hold until it is live again.
void until_live(const Scene& scene, Report& report, std::string_view id, Sign sign, std::string_view refuted) {
    const Trace* trace = scene.facts.find(sign, "");
    const bool over = trace && live_again(scene, trace->last);
    if (!trace || (over && trace->last <= scene.before)) return;
    Finding& finding = report.hold(id, "");
    if (over) finding.closed = scene.s.connection.live_since;
    use(finding, *trace);
    finding.confidence = 100;
    passed(finding.decisive, trace->evidence.front().text);
    failed(finding.negative, std::string(refuted));
    finding.affects = over ? 0 : shown_resources(scene.s);
}

std::size_t attempts_within(const Scene& scene, std::chrono::seconds window) {
    return static_cast<std::size_t>(std::count_if(
        scene.s.connection.attempts.begin(), scene.s.connection.attempts.end(),
        [&](const engine::Attempt& attempt) {
            return !attempt.refused && attempt.began <= scene.now && scene.now - attempt.began <= window;
        }));
}

void reconnect_storm(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    const std::size_t attempts = attempts_within(scene, 60s);
    const bool stable = c.phase == Phase::Live && scene.now - c.live_since >= 30s;
    if (attempts <= 5 || stable) return;
    Finding& finding = report.hold("D9", "");
    for (const engine::Attempt& attempt : c.attempts) {
        if (attempt.refused || attempt.began > scene.now || scene.now - attempt.began > 60s) continue;
        if (finding.since == LocalTime{}) finding.since = attempt.began;
        add_evidence(finding, {attempt.began,
                               attempt.result.empty() ? "under way" : words::text(attempt.result),
                               {Link::Kind::Connection}});
    }
    finding.count = attempts;
    finding.confidence = 100;
    passed(finding.decisive, count_text(attempts, "attempt", "attempts") + " within a minute");
    failed(finding.negative, "it has not");
}

// The newest loss of real time, unless it is over and was so at the last look.
const engine::Transition* loss(const Scene& scene) {
    const engine::ConnectionView& c = scene.s.connection;
    const auto lost = std::find_if(c.transitions.rbegin(), c.transitions.rend(),
                                   [](const engine::Transition& t) { return t.from == Phase::Live; });
    if (lost == c.transitions.rend() || (c.phase == Phase::Live && lost->at <= scene.before)) return nullptr;
    return &*lost;
}

// The newest attempts since `after` that failed one after the other, the newest first. Where the server answers
// requests between them, it is not away; and one that refuses answers.
std::vector<const engine::Attempt*> failures_in_a_row(const Scene& scene, LocalTime after) {
    const engine::ConnectionView& c = scene.s.connection;
    std::vector<const engine::Attempt*> failed;
    for (auto attempt = c.attempts.rbegin(); attempt != c.attempts.rend(); ++attempt) {
        if (attempt->ended == LocalTime{}) continue;
        if (attempt->opened || attempt->refused || attempt->began < after) break;
        failed.push_back(&*attempt);
    }
    if (!failed.empty() && c.login_accepted > failed[std::min<std::size_t>(1, failed.size() - 1)]->ended)
        failed.clear();
    return failed;
}

// Never live so far, and an attempt has failed.
void never_reached(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (c.phase != Phase::BackingOff && c.phase != Phase::Opening) return;
    const auto failed_attempts = failures_in_a_row(scene, {});
    if (failed_attempts.empty()) return;
    Finding& finding = report.hold("D30", "");
    finding.title = "The server cannot be reached";
    finding.since = failed_attempts.back()->ended;
    for (const engine::Attempt* attempt : failed_attempts)
        add_evidence(finding, {attempt->ended, words::text(attempt->result), {Link::Kind::Connection}});
    finding.count = failed_attempts.size();
    finding.confidence = 90;
    passed(finding.decisive,
           count_text(failed_attempts.size(), "attempt has", "attempts have") + " failed, none was opened");
    finding.negative.answer = "no request was answered as it was meant";
}

void down(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (c.observing) return;
    if (c.phase == Phase::LoginEnded || all_refused(scene.s)) return; // which say it
    if (c.live_since == LocalTime{}) return never_reached(scene, report);
    const engine::Transition* lost = loss(scene);
    if (!lost) return;
    Finding& finding = report.hold("D37", "");
    finding.since = lost->at;
    if (c.phase == Phase::Live) finding.closed = c.live_since;
    add_evidence(finding, {lost->at, words::text(lost->reason), {Link::Kind::Connection}});
    for (const engine::Record* record : changed_lately(scene.s, 4))
        add_evidence(finding, {std::min(record->confirmed_at, lost->at),
                               record->reference + " was last confirmed then",
                               {Link::Kind::Resource, 0, record->reference}});
    finding.affects = shown_resources(scene.s);
    finding.confidence = 100;
    passed(finding.decisive, "it is " + std::string(to_string(c.phase)));
    failed(finding.negative, "it is not");

    if (!finding.open()) return;
    const auto failed_attempts = failures_in_a_row(scene, lost->at);
    const Trace* errors = scene.facts.find(Sign::ServerError, "");
    const bool answers_5xx = errors && errors->last >= lost->at;
    if (failed_attempts.empty() && !answers_5xx) return;
    Finding& away = report.hold("D30", "");
    away.since = lost->at;
    add_evidence(away, {lost->at, words::text(lost->reason), {Link::Kind::Connection}});
    for (const engine::Attempt* attempt : failed_attempts)
        add_evidence(away, {attempt->ended, words::text(attempt->result), {Link::Kind::Connection}});
    if (answers_5xx) use(away, *errors);
    away.affects = finding.affects;
    away.confidence = failed_attempts.size() >= 2 || answers_5xx ? 95 : 75;
    passed(away.decisive, count_text(failed_attempts.size(), "attempt has", "attempts have") + " failed since");
    away.negative.answer = "no request was made that could tell";
}

void login_ended(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (c.phase != Phase::LoginEnded) return;
    Finding& finding = report.hold("D39", "");
    finding.since = c.login_ended;
    add_evidence(finding, {c.login_ended, words::text(c.login_problem), {Link::Kind::Connection}});
    if (c.login_accepted != LocalTime{})
        add_evidence(finding, {c.login_accepted, "the last answer that accepted the login", {Link::Kind::Connection}});
    finding.count = std::max<std::uint64_t>(finding.count, c.login_refusals + 1U);
    finding.affects = shown_resources(scene.s);
    finding.confidence = 100;
    passed(finding.decisive, words::text(c.login_problem));
    failed(finding.negative, c.login_refusals == 0
                                 ? std::string("not since")
                                 : "no, " + count_text(c.login_refusals, "try", "tries") + " since then failed");
}

void polling(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    // Where the server refuses, the refusal says that searches stand in.
    const auto& all = scene.s.subscriptions;
    const auto is_refused = [](const engine::SubscriptionView& subscription) {
        return subscription.state == engine::SubscriptionState::Refused;
    };
    const bool explained =
        std::any_of(all.begin(), all.end(), is_refused) &&
        std::all_of(all.begin(), all.end(), [&](const auto& one) { return is_live(one) || is_refused(one); });
    if (!c.polling || explained) return;
    Finding& finding = report.hold("D24", "");
    finding.since = c.polling_since;
    add_evidence(finding, {c.since, words::text(c.reason), {Link::Kind::Connection}});
    for (std::size_t i = 0; i < scene.s.subscriptions.size(); ++i)
        if (!is_live(scene.s.subscriptions[i]))
            add_evidence(finding, {scene.s.subscriptions[i].since,
                                   scene.s.subscriptions[i].criteria + " is " +
                                       std::string(to_string(scene.s.subscriptions[i].state)),
                                   {Link::Kind::Subscription, i}});
    finding.affects = scene.s.connection.phase == Phase::Live ? 0 : shown_resources(scene.s);
    finding.confidence = 100;
    passed(finding.decisive, "every " + seconds_text(c.poll_interval));
    failed(finding.negative, "not all are");
}

void unconfirmed(const Scene& scene, Report& report) {
    const std::size_t count = scene.facts.standings().unconfirmed();
    // While something does not hear, what is said of that has them.
    const auto& all = scene.s.subscriptions;
    if (count == 0 || scene.s.connection.phase != Phase::Live || !std::all_of(all.begin(), all.end(), is_live)) return;
    Finding& finding = report.hold("D38", "");
    finding.affects = count;
    for (const std::string& reference : scene.facts.standings().examples(Finding::evidence_kept))
        add_evidence(finding, {scene.now, reference + " is not confirmed", {Link::Kind::Resource, 0, reference}});
    finding.count = count;
    finding.since = {};
    finding.confidence = 100;
    passed(finding.decisive, count_text(count, "resource", "resources"));
    failed(finding.negative, "not yet");
}

} // namespace

void rule_connection(const Scene& scene, Report& report) {
    until_live(scene, report, "D2", Sign::NoPong, "it was not");
    until_live(scene, report, "D27", Sign::UpgradeRefused, "none was");
    until_live(scene, report, "D28", Sign::TlsError, "none was");
    reconnect_storm(scene, report);
    login_ended(scene, report);
    down(scene, report);
    polling(scene, report);
    unconfirmed(scene, report);
}

void rule_heartbeats(const Scene& scene, Report& report) {
    until_live(scene, report, "D1", Sign::Silence, "none did");
    // One binding that is quiet while the others beat.
    const engine::ConnectionView& c = scene.s.connection;
    if (c.phase != Phase::Live) return;
    for (std::size_t i = 0; i < scene.s.subscriptions.size(); ++i) {
        const engine::SubscriptionView& subscription = scene.s.subscriptions[i];
        const auto& beats = subscription.heartbeats;
        if (!is_live(subscription) || beats.size() < 4) continue;
        std::vector<std::chrono::microseconds> periods;
        for (std::size_t b = 1; b < beats.size(); ++b) periods.push_back(beats[b] - beats[b - 1]);
        std::nth_element(periods.begin(), periods.begin() + static_cast<std::ptrdiff_t>(periods.size() / 2),
                         periods.end());
        const auto allowed = periods[periods.size() / 2] * 5 / 2;
        const LocalTime heard = std::max({subscription.last_heartbeat, subscription.last_event, subscription.bound});
        if (scene.now - heard <= allowed || scene.now - c.last_frame > allowed) continue;
        Finding& finding = report.hold("D1", subscription.criteria);
        finding.title = "A subscription's heartbeats stopped";
        finding.since = heard + allowed;
        add_evidence(finding, {heard, "last heartbeat or event", {Link::Kind::Subscription, i}});
        add_evidence(finding, {c.last_frame, "others are heard on the same socket", {Link::Kind::Connection}});
        finding.confidence = 90;
        passed(finding.decisive, "silent for " + seconds_text(scene.now - heard));
        failed(finding.negative, "none did");
    }
}

} // namespace fhirscope::diagnosis
