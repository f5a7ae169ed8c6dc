#pragma once
// The project that the server serves: its clients, what each of them may see, its features and limits (PROTOCOL A7,
// A14).

#include "fhir/criteria.hpp"
#include "fhir/json_writer.hpp"
#include "fhir/resource.hpp"
#include "fhir/result.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// What a client may see, as an AccessPolicy of Medplum says it. Without entries: everything.
class AccessPolicy {
public:
    // One entry for a type: "Task", or "Patient?gender=female" for those resources of it; a type may have several.
    // A type that has none is refused, Subscription among them. Errors: Invalid (criteria that cannot be read).
    static Result<AccessPolicy> parse(const std::vector<std::string>& entries);

    bool has(std::string_view type) const;
    // Some resources of the type may be hidden. What such a policy hides, and what is deleted, looks the same to the
    // client: 404 (PROTOCOL A14).
    bool narrows(std::string_view type) const;
    bool sees(const fhir::Resource& resource, fhir::MatchMode mode) const;
    void write_entries(fhir::JsonWriter& json) const; // the elements of AccessPolicy.resource

private:
    std::vector<fhir::Criteria> entries_;
};

// A ClientApplication and its membership in the project.
struct ClientApplication {
    std::string id, secret, name;
    std::string membership; // id
    AccessPolicy policy;
    bool active = true; // false: the membership is there no more, and no login of it is worth anything

    std::string reference() const { return "ClientApplication/" + id; }
};

// Not thread-safe.
struct Project {
    std::string id;
    std::deque<ClientApplication>
        clients;                       // never empty; the first is the one that the options name. References stay good
    bool websocket_feature = true;     // Medplum's feature "websocket-subscriptions"
    std::size_t max_subscriptions = 0; // bound at once, of one client; 0: no limit

    const ClientApplication* find(std::string_view client_id) const;
    ClientApplication* find(std::string_view client_id);
};

} // namespace fhirscope::server
