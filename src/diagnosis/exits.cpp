#include "diagnosis/exits.hpp"

namespace fhirscope::diagnosis {

const std::optional<fhir::Criteria>& Exits::criteria(const engine::Snapshot& snapshot, std::size_t subscription) {
    if (known_.size() <= subscription) known_.resize(subscription + 1);
    Known& known = known_[subscription];
    const std::string& source = snapshot.subscriptions[subscription].criteria;
    if (known.source != source) {
        known = {source, {}};
        if (auto parsed = fhir::Criteria::parse(source); parsed && !parsed->parameters().empty())
            known.criteria = std::move(*parsed);
    }
    return known.criteria;
}

std::vector<engine::SubscriptionIndex> Exits::of(const engine::Snapshot& snapshot, std::uint64_t number, bool medplum) {
    std::vector<engine::SubscriptionIndex> left;
    const engine::UpdateRow& row = snapshot.updates[number];
    if (row.type >= snapshot.stores.size() || row.record >= snapshot.stores[row.type].records.size()) return left;
    const engine::StoreView& store = snapshot.stores[row.type];
    const auto& history = store.records[row.record]->history;
    std::size_t place = history.size();
    while (place > 0 && history[place - 1]->update != number) --place;
    if (place < 2 || !history[place - 1]->resource || !history[place - 2]->resource) return left;
    const auto mode = medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    for (std::size_t i = 0; i < snapshot.subscriptions.size(); ++i) {
        const auto& criteria = this->criteria(snapshot, i);
        if (criteria && criteria->type() == store.type &&
            criteria->matches(*history[place - 1]->resource, mode) == fhir::Match::No &&
            criteria->matches(*history[place - 2]->resource, mode) == fhir::Match::Yes)
            left.push_back(static_cast<engine::SubscriptionIndex>(i));
    }
    return left;
}

} // namespace fhirscope::diagnosis
