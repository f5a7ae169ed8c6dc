#pragma once
// Which resources a condition is about, and whether one shows what it says. Private to this folder.

#include "checks/expectation.hpp"
#include "engine/snapshot.hpp"
#include "query/resource_fields.hpp"

#include <functional>
#include <string>

namespace fhirscope::checks {

class Selector {
public:
    explicit Selector(const Condition& condition) : condition_(condition) {}
    // The session's panels are known. What cannot be asked of them is a problem.
    void begin(const engine::Snapshot& snapshot);
    const std::string& problem() const { return problem_; } // "": none

    // By the server's newest version: an edit that is pending is not one. A deletion, and what was given up for room,
    // is not among them.
    bool selects(const engine::Record& record);
    // The field has one of the values.
    bool shows(const engine::Record& record) const;
    // "Task/8d0c with status = accepted"; of no field the version.
    std::string value(const engine::Record& record) const;
    // "Task/8d0c", "any Task with priority:urgent"
    std::string subject() const;
    std::string wanted() const; // "status = completed or failed"

    void each(const engine::Snapshot& snapshot, const std::function<void(const engine::Record&)>& call);

private:
    bool has_identifier(const fhir::Resource& resource) const;

    Condition condition_;
    query::ResourceFields fields_;
    query::Query filter_;
    std::string problem_;
};

} // namespace fhirscope::checks
