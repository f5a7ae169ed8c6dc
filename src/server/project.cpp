#include "server/project.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::server {

Result<AccessPolicy> AccessPolicy::parse(const std::vector<std::string>& entries) {
    AccessPolicy policy;
    for (const auto& entry : entries) {
        auto criteria = fhir::Criteria::parse(entry);
        if (!criteria)
            return fail(ErrorCode::Invalid,
                        "\"" + entry + "\" is neither a resource type nor criteria: " + criteria.error().message);
        policy.entries_.push_back(std::move(*criteria));
    }
    return policy;
}

bool AccessPolicy::has(std::string_view type) const {
    return entries_.empty() ||
           std::any_of(
               entries_.begin(), entries_.end(), [&](const auto& entry) { return entry.type() == type; });
}

bool AccessPolicy::narrows(std::string_view type) const {
    return has(type) && !entries_.empty() &&
           std::none_of(
               entries_.begin(), entries_.end(),
               [&](const auto& entry) { return entry.type() == type && entry.parameters().empty(); });
}

bool AccessPolicy::sees(const fhir::Resource& resource, fhir::MatchMode mode) const {
    return entries_.empty() ||
           std::any_of(
               entries_.begin(), entries_.end(),
               [&](const auto& entry) {
                   return entry.type() == resource.type() && entry.matches(resource, mode) == fhir::Match::Yes;
               });
}

void AccessPolicy::write_entries(fhir::JsonWriter& json) const {
    if (entries_.empty()) json.object().member("resourceType", "*").end();
    for (const auto& entry : entries_) {
        json.object().member("resourceType", entry.type());
        if (!entry.parameters().empty()) json.member("criteria", entry.source());
        json.end();
    }
}

const ClientApplication* Project::find(std::string_view client_id) const {
    return const_cast<Project&>(*this).find(client_id);
}

ClientApplication* Project::find(std::string_view client_id) {
    const auto found = std::find_if(clients.begin(), clients.end(),
                                    [&](const ClientApplication& client) { return client.id == client_id; });
    return found == clients.end() ? nullptr : &*found;
}

} // namespace fhirscope::server
