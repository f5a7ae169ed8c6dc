#include "diagnosis/known_criteria.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

std::string normal_form(const fhir::Criteria& criteria) {
    std::vector<std::string> parts;
    for (const fhir::CriteriaParameter& parameter : criteria.parameters()) {
        std::vector<std::string> values = parameter.values;
        std::sort(values.begin(), values.end());
        std::string part = parameter.name + ':' + parameter.modifier + '=';
        for (const std::string& value : values) part += value + ',';
        parts.push_back(std::move(part));
    }
    std::sort(parts.begin(), parts.end());
    std::string text = criteria.type();
    for (const std::string& part : parts) text += '&' + part;
    return text;
}

} // namespace

void CriteriaBook::update(const engine::Snapshot& snapshot) {
    known_.resize(snapshot.subscriptions.size());
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const std::string& source = snapshot.subscriptions[i].criteria;
        if (known_[i].source == source) continue;
        known_[i] = {source, {}, {}, {}};
        if (auto parsed = fhir::Criteria::parse(source)) {
            known_[i].normal_form = normal_form(*parsed);
            known_[i].warnings = parsed->lint();
            known_[i].parsed = std::move(*parsed);
        }
    }
}

std::vector<engine::SubscriptionIndex> CriteriaBook::left_by(const engine::Snapshot& snapshot, std::uint64_t number,
                                                             bool medplum) const {
    std::vector<engine::SubscriptionIndex> left;
    const engine::UpdateRow& row = snapshot.updates[number];
    if (row.type >= snapshot.stores.size() || row.record >= snapshot.stores[row.type].records.size()) return left;
    const engine::StoreView& store = snapshot.stores[row.type];
    const auto& history = store.records[row.record]->history;
    std::size_t place = history.size();
    while (place > 0 && history[place - 1]->update != number) --place;
    if (place < 2 || !history[place - 1]->resource || !history[place - 2]->resource) return left;
    if (history[place - 1]->key_only) return left; // whether it does is not known any more
    const auto mode = medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const auto& criteria = known_[i].parsed;
        if (criteria && !criteria->parameters().empty() && criteria->type() == store.type &&
            criteria->matches(*history[place - 1]->resource, mode) == fhir::Match::No &&
            criteria->matches(*history[place - 2]->resource, mode) == fhir::Match::Yes)
            left.push_back(static_cast<engine::SubscriptionIndex>(i));
    }
    return left;
}

} // namespace fhirscope::diagnosis
