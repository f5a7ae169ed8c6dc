// A Task's status that is further along its way wins (PROTOCOL E1): work that was done is not undone by a late edit.
// Other fields, and two states of which none leads to the other, are a person's to decide.

#include "engine/strategy.hpp"
#include "fhir/slice.hpp"
#include "fhir/task.hpp"

#include <set>

namespace fhirscope::engine {
namespace {

bool leads_to(const std::string& from, std::string_view to, std::set<std::string>& seen) {
    for (const std::string_view next : fhir::usual_next(from)) {
        if (next == to) return true;
        if (seen.emplace(next).second && leads_to(std::string(next), to, seen)) return true;
    }
    return false;
}

bool leads_to(const std::string& from, const std::string& to) {
    std::set<std::string> seen{from};
    return leads_to(from, to, seen);
}

class Furthest final : public Strategy {
public:
    std::string_view name() const override { return "furthest"; }
    std::string_view title() const override { return "furthest wins"; }
    std::optional<fhir::Side> decide(const Overlap& overlap) const override {
        if (overlap.type != "Task" || overlap.field.path != "status") return std::nullopt;
        const std::string local = fhir::Slice(overlap.field.local).string();
        const std::string server = fhir::Slice(overlap.field.server).string();
        const bool local_is_later = leads_to(server, local), server_is_later = leads_to(local, server);
        if (local_is_later == server_is_later) return std::nullopt; // in-progress and on-hold lead to each other
        return local_is_later ? fhir::Side::Local : fhir::Side::Server;
    }
};

} // namespace

std::unique_ptr<Strategy> make_furthest_strategy() { return std::make_unique<Furthest>(); }

} // namespace fhirscope::engine
