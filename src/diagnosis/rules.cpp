#include "diagnosis/rules.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

constexpr Rule rules[] = {rule_connection, rule_heartbeats, rule_subscriptions, rule_criteria,
                          rule_delivery,   rule_load,       rule_server,        rule_data};

bool later(const Evidence& a, const Evidence& b) { return a.at > b.at; }

} // namespace

std::span<const Rule> all_rules() { return rules; }

Finding& Report::hold(std::string_view id, std::string_view subject) {
    Finding& finding = findings_.emplace_back();
    finding.id = id;
    finding.subject = subject;
    if (const CatalogEntry* entry = catalog_entry(id)) {
        finding.severity = entry->severity;
        finding.title = entry->title;
        finding.explanation = entry->explanation;
        finding.decisive.question = entry->decisive;
        finding.negative.question = entry->negative;
        for (const CatalogAdvice& advice : entry->advice)
            if (!advice.text.empty()) finding.advice.push_back({advice.text, advice.effect, advice.remedy});
    }
    return finding;
}

void use(Finding& finding, const Trace& trace) {
    finding.since = finding.since == LocalTime{} ? trace.first : std::min(finding.since, trace.first);
    finding.count += trace.count;
    if (finding.evidence.empty()) {
        finding.evidence.assign(trace.evidence.begin(), trace.evidence.end());
        if (!std::is_sorted(finding.evidence.begin(), finding.evidence.end(), later))
            std::stable_sort(finding.evidence.begin(), finding.evidence.end(), later);
        return;
    }
    for (const Evidence& evidence : trace.evidence) add_evidence(finding, evidence);
}

void add_evidence(Finding& finding, Evidence evidence) {
    const auto place = std::upper_bound(finding.evidence.begin(), finding.evidence.end(), evidence, later);
    finding.evidence.insert(place, std::move(evidence));
    if (finding.evidence.size() > Finding::evidence_kept) finding.evidence.pop_back();
    finding.count = std::max<std::uint64_t>(finding.count, finding.evidence.size());
}

void passed(Check& check, std::string answer) {
    check.verdict = Verdict::Passed;
    check.answer = std::move(answer);
}

void failed(Check& check, std::string answer) {
    check.verdict = Verdict::Failed;
    check.answer = std::move(answer);
}

bool live_again(const Scene& scene, LocalTime after) {
    const engine::ConnectionView& c = scene.s.connection;
    return c.phase == engine::Phase::Live && c.live_since > after;
}

bool is_live(const engine::SubscriptionView& subscription) {
    return subscription.state == engine::SubscriptionState::Live ||
           subscription.state == engine::SubscriptionState::Refreshing;
}

bool all_refused(const engine::Snapshot& snapshot) {
    const auto& all = snapshot.subscriptions;
    return !all.empty() && std::all_of(all.begin(), all.end(), [](const engine::SubscriptionView& subscription) {
        return subscription.state == engine::SubscriptionState::Refused;
    });
}

std::uint64_t shown_resources(const engine::Snapshot& snapshot) {
    std::uint64_t count = 0;
    for (const engine::StoreView& store : snapshot.stores) count += store.records.size() - store.deleted;
    return count;
}

std::vector<const engine::Record*> changed_lately(const engine::Snapshot& snapshot, std::size_t most) {
    constexpr std::uint64_t looked_at = 64;
    std::vector<const engine::Record*> found;
    const auto& updates = snapshot.updates;
    const std::uint64_t begin = updates.end() - std::min<std::uint64_t>(updates.size(), looked_at);
    for (std::uint64_t n = updates.end(); n > begin && found.size() < most; --n) {
        const engine::UpdateRow& row = updates[n - 1];
        if (row.type >= snapshot.stores.size() || row.record >= snapshot.stores[row.type].records.size()) continue;
        const engine::Record* record = snapshot.stores[row.type].records[row.record].get();
        if (record->resource() && std::find(found.begin(), found.end(), record) == found.end()) found.push_back(record);
    }
    return found;
}

std::string seconds_text(std::chrono::microseconds duration) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
    const auto whole = tenths < 0 ? -tenths : tenths;
    return std::string(tenths < 0 ? "−" : "") + std::to_string(whole / 10) + "." + std::to_string(whole % 10) + " s";
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

} // namespace fhirscope::diagnosis
