#include "diagnosis/explain.hpp"

#include "diagnosis/explain_case.hpp"
#include "fhir/percent.hpp"

namespace fhirscope::diagnosis {

std::string_view to_string(Reached reached) {
    switch (reached) {
        case Reached::Happened:
            return "happened";
        case Reached::DidNot:
            return "did not";
        case Reached::NotKnown:
            return "not known";
        case Reached::NotReached:
            return "not reached";
    }
    return "?";
}

std::string_view to_string(StationName name) {
    constexpr std::string_view names[] = {"Server",   "Criteria",  "Subscription", "Notification",
                                          "Received", "Validated", "Applied",      "Shown"};
    static_assert(std::size(names) == station_count);
    return names[static_cast<std::size_t>(name)];
}

std::string failing_clause(const fhir::Criteria& criteria, const fhir::Resource& resource, fhir::MatchMode mode) {
    for (const fhir::CriteriaParameter& parameter : criteria.parameters()) {
        std::string clause = parameter.name + (parameter.modifier.empty() ? "" : ":" + parameter.modifier) + "=";
        for (std::size_t i = 0; i < parameter.values.size(); ++i)
            clause += (i ? "," : "") + fhir::percent_encode(parameter.values[i], fhir::plain_in_search);
        const auto alone = fhir::Criteria::parse(criteria.type() + "?" + clause);
        if (alone && alone->matches(resource, mode) == fhir::Match::No) return clause;
    }
    return {};
}

Explanation explain(const engine::Snapshot& snapshot, std::string_view reference, fhir::MatchMode mode) {
    Explanation out;
    out.reference = reference;
    Case c{snapshot, reference, mode, out};
    gather(c);
    fill_stations(c);
    conclude(c);
    if (c.observing()) out.advice.clear(); // nothing can be asked in another client's name
    return out;
}

} // namespace fhirscope::diagnosis
