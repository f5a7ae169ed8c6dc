#include "checks/selector.hpp"

#include "fhir/reference.hpp"
#include "fhir/slice.hpp"

#include <algorithm>

namespace fhirscope::checks {

void Selector::begin(const engine::Snapshot& snapshot) {
    if (condition_.filter.empty()) return;
    const auto panel =
        std::find_if(snapshot.panels.begin(), snapshot.panels.end(),
                     [&](const engine::PanelDefinition& definition) { return definition.type == condition_.type; });
    fields_ = panel == snapshot.panels.end() ? query::ResourceFields() : query::ResourceFields(*panel);
    if (auto query = query::Query::parse(condition_.filter, fields_.fields()))
        filter_ = std::move(*query);
    else
        problem_ = "the filter \"" + condition_.filter +
                   "\" cannot be asked of this session's panels: " + query.error().message;
}

bool Selector::has_identifier(const fhir::Resource& resource) const {
    const auto fits = [&](fhir::Slice identifier) {
        return identifier.member("value").is_string(condition_.identifier) &&
               (condition_.system.empty() || identifier.member("system").is_string(condition_.system));
    };
    const auto member = resource.member("identifier");
    if (!member) return false;
    const fhir::Slice whole(*member);
    if (fits(whole)) return true; // one, where the type allows no more
    bool found = false;
    whole.each_element([&](fhir::Slice one) { return !(found = fits(one)); });
    return found;
}

bool Selector::selects(const engine::Record& record) {
    const fhir::Resource* resource = record.resource();
    if (resource == nullptr || record.key_only() || !problem_.empty()) return false;
    if (!condition_.reference.empty() && record.reference != condition_.reference) return false;
    if (!condition_.type.empty() && fhir::type_part(record.reference) != condition_.type) return false;
    if (!condition_.identifier.empty() && !has_identifier(*resource)) return false;
    return filter_.empty() || filter_.matches(query::ResourceFacts(fields_).at(record, record.row.get()));
}

bool Selector::shows(const engine::Record& record) const {
    const fhir::Resource* resource = record.resource();
    if (resource == nullptr || record.key_only() || !condition_.field) return false;
    for (const std::string& has : condition_.field->evaluate(*resource))
        if (std::find(condition_.values.begin(), condition_.values.end(), has) != condition_.values.end()) return true;
    return false;
}

std::string Selector::value(const engine::Record& record) const {
    if (record.resource() == nullptr) return record.reference + " deleted";
    if (record.key_only() || !condition_.field)
        return "version " + std::string(record.current().version_id()) + " of " + record.reference;
    const std::string text = condition_.field->text(*record.resource());
    return record.reference + " with " + condition_.field->source() + (text.empty() ? " absent" : " = " + text);
}

std::string Selector::subject() const {
    if (!condition_.reference.empty()) return condition_.reference;
    std::string text = condition_.type.empty() ? "any resource" : "any " + condition_.type;
    if (!condition_.identifier.empty()) {
        text += " with the identifier ";
        if (!condition_.system.empty()) text += condition_.system + "|";
        text += condition_.identifier;
    }
    if (!condition_.filter.empty()) text += " with " + condition_.filter;
    return text;
}

std::string Selector::wanted() const {
    if (!condition_.field) return "every change";
    std::string text = condition_.field->source() + " = ";
    for (const std::string& value : condition_.values)
        text += (&value == &condition_.values.front() ? "" : " or ") + value;
    return text;
}

void Selector::each(const engine::Snapshot& snapshot, const std::function<void(const engine::Record&)>& call) {
    const auto type =
        condition_.reference.empty() ? std::string_view(condition_.type) : fhir::type_part(condition_.reference);
    for (const engine::StoreView& store : snapshot.stores) {
        if (!type.empty() && store.type != type) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (const engine::RecordPtr& record = store.records[i]; record && selects(*record)) call(*record);
    }
}

} // namespace fhirscope::checks
