// The targets that are pure functions of FHIR values.
#include "fhir/bundle.hpp"
#include "fhir/criteria.hpp"
#include "fhir/diff.hpp"
#include "fhir/json.hpp"
#include "fhir/path.hpp"
#include "fhir/percent.hpp"
#include "fhir/validate.hpp"
#include "targets.hpp"

#include <cstdlib>
#include <utility>

namespace fhirscope::fuzz {

namespace {

// What must hold, in every build.
void require(bool condition) {
    if (!condition) std::abort();
}

std::pair<std::string_view, std::string_view> first_line(std::string_view bytes) {
    const auto end = bytes.find('\n');
    if (end == bytes.npos) return {bytes, {}};
    return {bytes.substr(0, end), bytes.substr(end + 1)};
}

} // namespace

void validation(std::string_view bytes) {
    static const auto other =
        fhir::parse_resource(R"({"resourceType":"Task","id":"a","meta":{"versionId":"1"},"status":"requested"})");
    if (const auto resource = fhir::parse_resource(bytes)) {
        bool repeats_names = false; // then it is refused, and nothing compares it
        for (const auto& problem : fhir::validate(**resource)) {
            require(!problem.code.empty());
            repeats_names |= problem.code == "duplicate-key";
        }
        for (const auto& field : (*resource)->fields())
            require((*resource)->member((*resource)->name_of(field)).has_value());
        require((*resource)->memory_bytes() >= (*resource)->text().size());
        require(repeats_names || fhir::diff(**resource, **resource).empty());
        static_cast<void>(fhir::diff(**other, **resource));
        static_cast<void>(fhir::changed_members(**resource, **other));
        // What was read as a resource is JSON, and is so for the other parser as well, which makes doubles of numbers.
        const auto json = fhir::parse_json((*resource)->text());
        require(json || json.error().message.find("too big") != std::string::npos);
    }
    static_cast<void>(fhir::parse_bundle(bytes));
    static_cast<void>(fhir::parse_outcome(bytes));
    static_cast<void>(fhir::pretty(bytes));
}

void criteria(std::string_view bytes) {
    const auto [text, json] = first_line(bytes);
    const auto parsed = fhir::Criteria::parse(text);
    static_cast<void>(fhir::percent_encode(fhir::percent_decode(text)));
    if (!parsed) return;
    static_cast<void>(parsed->lint());
    const auto resource = fhir::parse_resource(json);
    if (!resource) return;
    for (const auto mode : {fhir::MatchMode::Spec, fhir::MatchMode::Medplum})
        require(parsed->matches(**resource, mode) == parsed->matches(**resource, mode));
}

void fhirpath(std::string_view bytes) {
    const auto [text, json] = first_line(bytes);
    const auto path = fhir::Path::parse(text);
    if (!path) return;
    for (const std::string& member : path->members()) require(path->reads(member));
    const auto resource = fhir::parse_resource(json);
    if (!resource) return;
    const auto values = path->evaluate(**resource);
    require(values.empty() ? path->text(**resource).empty() : true);
}

} // namespace fhirscope::fuzz
