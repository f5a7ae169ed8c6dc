// Rules about the connection as a whole.

#include "diagnosis/rules.hpp"

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
        scene.s.connection.attempts.begin(), scene.s.connection.attempts.end(), [&](const engine::Attempt& attempt) {
            return attempt.began <= scene.now && scene.now - attempt.began <= window;
        }));
}

void reconnect_storm(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    const std::size_t attempts = attempts_within(scene, 60s);
    const bool stable = c.phase == Phase::Live && scene.now - c.live_since >= 30s;
    if (attempts <= 5 || stable) return;
    Finding& finding = report.hold("D9", "");
    for (const engine::Attempt& attempt : c.attempts) {
        if (attempt.began > scene.now || scene.now - attempt.began > 60s) continue;
        if (finding.since == LocalTime{}) finding.since = attempt.began;
        add_evidence(finding,
                     {attempt.began, attempt.result.empty() ? "under way" : attempt.result, {Link::Kind::Connection}});
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

// Never live so far, and an attempt has failed.
void never_reached(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (c.phase != Phase::BackingOff && c.phase != Phase::Opening) return;
    std::size_t failures = 0;
    Finding* finding = nullptr;
    for (const engine::Attempt& attempt : c.attempts) {
        if (attempt.ended == LocalTime{} || attempt.opened) continue;
        if (!finding) {
            finding = &report.hold("D30", "");
            finding->title = "The server cannot be reached";
            finding->since = attempt.ended;
        }
        ++failures;
        add_evidence(*finding, {attempt.ended, attempt.result, {Link::Kind::Connection}});
    }
    if (!finding) return;
    finding->count = failures;
    finding->confidence = 90;
    passed(finding->decisive, count_text(failures, "attempt has", "attempts have") + " failed, none was opened");
    finding->negative.answer = "no request was answered";
}

void down(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (c.observing) return;
    if (c.live_since == LocalTime{}) return never_reached(scene, report);
    const engine::Transition* lost = loss(scene);
    if (!lost) return;
    Finding& finding = report.hold("D37", "");
    finding.since = lost->at;
    if (c.phase == Phase::Live) finding.closed = c.live_since;
    add_evidence(finding, {lost->at, lost->reason, {Link::Kind::Connection}});
    for (const engine::Record* record : changed_lately(scene.s, 4))
        add_evidence(finding, {std::min(record->confirmed_at, lost->at),
                               record->reference + " was last confirmed then",
                               {Link::Kind::Resource, 0, record->reference}});
    finding.affects = shown_resources(scene.s);
    finding.confidence = 100;
    passed(finding.decisive, "it is " + std::string(to_string(c.phase)));
    failed(finding.negative, "it is not");

    if (!finding.open()) return;
    std::size_t failures = 0;
    for (const engine::Attempt& attempt : c.attempts)
        failures += attempt.began >= lost->at && attempt.ended != LocalTime{} && !attempt.opened;
    const Trace* errors = scene.facts.find(Sign::ServerError, "");
    const bool answers_5xx = errors && errors->last >= lost->at;
    if (failures == 0 && !answers_5xx) return;
    Finding& away = report.hold("D30", "");
    away.since = lost->at;
    add_evidence(away, {lost->at, lost->reason, {Link::Kind::Connection}});
    for (const engine::Attempt& attempt : c.attempts)
        if (attempt.began >= lost->at && attempt.ended != LocalTime{} && !attempt.opened)
            add_evidence(away, {attempt.ended, attempt.result, {Link::Kind::Connection}});
    if (answers_5xx) use(away, *errors);
    away.affects = finding.affects;
    away.confidence = failures >= 2 || answers_5xx ? 95 : 75;
    passed(away.decisive, count_text(failures, "attempt has", "attempts have") + " failed since");
    away.negative.answer = "no request was made that could tell";
}

void polling(const Scene& scene, Report& report) {
    const engine::ConnectionView& c = scene.s.connection;
    if (!c.polling) return;
    Finding& finding = report.hold("D24", "");
    finding.since = c.polling_since;
    add_evidence(finding, {c.since, c.reason, {Link::Kind::Connection}});
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
    if (count == 0 || scene.s.connection.phase != Phase::Live) return; // while it is down D37 has them
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
