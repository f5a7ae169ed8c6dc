// Rules about what the criteria cover.

#include "diagnosis/rules.hpp"

#include <algorithm>
#include <map>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

void left_criteria(const Scene& scene, Report& report, std::string_view criteria) {
    const Trace* trace = scene.facts.find(Sign::LeftCriteria, criteria);
    if (!trace || scene.now - trace->last > 5min) return;
    Finding& finding = report.hold("D10", criteria);
    use(finding, *trace);
    finding.affects = trace->count;
    finding.confidence = 98;
    passed(finding.decisive, "both versions were evaluated here");
    failed(finding.negative, "it does not");
}

} // namespace

void rule_criteria(const Scene& scene, Report& report) {
    std::map<std::string_view, std::size_t> known;
    for (std::size_t i = 0; i < scene.s.subscriptions.size(); ++i) {
        const engine::SubscriptionView& subscription = scene.s.subscriptions[i];
        left_criteria(scene, report, subscription.criteria);
        const KnownCriteria& criteria = scene.facts.criteria().of(i);
        if (!criteria.parsed) continue;
        // Another client makes one in place of one that has ended.
        if (scene.s.connection.observing && !is_live(subscription)) continue;
        const auto [same, first] = known.emplace(criteria.normal_form, i);
        if (!first) {
            const engine::SubscriptionView& other = scene.s.subscriptions[same->second];
            Finding& finding = report.hold("D19", subscription.criteria);
            finding.since = std::max(subscription.created, other.created);
            add_evidence(finding,
                         {other.created, other.name + ": " + other.criteria, {Link::Kind::Subscription, same->second}});
            add_evidence(finding, {subscription.created,
                                   subscription.name + ": " + subscription.criteria,
                                   {Link::Kind::Subscription, i}});
            finding.confidence = 100;
            passed(finding.decisive, "they are");
            failed(finding.negative, "in none");
        }
        if (!scene.facts.medplum() || !is_live(subscription) || subscription.events > 0) continue;
        const auto& warnings = criteria.warnings;
        if (warnings.empty()) continue;
        Finding& finding = report.hold("D11", subscription.criteria);
        for (const fhir::CriteriaWarning& warning : warnings)
            add_evidence(finding, {subscription.created, warning.message, {Link::Kind::Subscription, i}});
        finding.since = subscription.created;
        finding.confidence = 70;
        passed(finding.decisive, warnings.front().message);
        failed(finding.negative, "none so far");
    }
}

} // namespace fhirscope::diagnosis
