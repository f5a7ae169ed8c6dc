#pragma once
// The Task and the Patient that the test vectors of PROTOCOL F5 are about.

#include "fhir/criteria.hpp"
#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fhirscope::fhir::samples {

// 2222… and 3333… in the vectors.
inline const std::string patient_id = "22222222-2222-4222-8222-222222222222";
inline const std::string practitioner_id = "33333333-3333-4333-8333-333333333333";

inline ResourcePtr vector_task() {
    return resource(
        R"({"resourceType":"Task","id":"8d0c7a52-5b1e-4e0c-9a53-3f0f6f0d1a11","meta":{"versionId":"f7b6",)"
        R"("lastUpdated":"2026-02-10T10:30:15.123Z","tag":[{"system":"http://x.example/tags","code":"ICU"}]},)"
        R"("status":"in-progress","intent":"order","priority":"stat","code":{"coding":[{"system":"http://x.example/codes",)"
        R"("code":"draw-blood","display":"Draw Blood"}],"text":"Blood draw please"},"for":{"reference":"Patient/)" +
        patient_id + R"("},"owner":{"reference":"Practitioner/)" + practitioner_id +
        R"("},"authoredOn":"2026-02-10T09:00:00Z","lastModified":"2026-02-10T10:30:15.123Z",)"
        R"("executionPeriod":{"start":"2026-02-10T10:00:00Z"},"restriction":{"period":{"end":"2026-02-28"}},)"
        R"("identifier":[{"system":"http://x.example/ids","value":"T-1","type":{"text":"Local Id"}}],)"
        R"("basedOn":[{"reference":"ServiceRequest/aaa"}]})");
}

// The Patient of the vectors; `birth_date` and `active` as JSON members with their comma, so that a vector can change
// or leave them out.
inline ResourcePtr vector_patient(const std::string& birth_date = R"("birthDate":"1980-02-29",)",
                                  const std::string& active = R"("active":true,)") {
    return resource(
        R"({"resourceType":"Patient","id":"p1",)" + active + birth_date +
        R"("name":[{"family":"O'Neil-Smith","given":["Ana María","J"]}],"gender":"female",)"
        R"("telecom":[{"system":"phone","value":"+1 555 0100"},{"system":"email","value":"Ana@X.example"}],)"
        R"("identifier":[{"value":"AbC-1"}],"managingOrganization":{"reference":"Organization/o1"},)"
        R"("deceasedBoolean":false,"meta":{"versionId":"1","lastUpdated":"2026-02-10T10:30:15.123Z"}})");
}

inline Match match(MatchMode mode, const std::string& criteria, const Resource& resource) {
    const auto parsed = Criteria::parse(criteria);
    INFO(criteria);
    REQUIRE(parsed.has_value());
    return parsed->matches(resource, mode);
}

using MatchVectors = std::vector<std::pair<std::string, Match>>;

inline void check_matches(MatchMode mode, const MatchVectors& vectors, const ResourcePtr& resource) {
    for (const auto& [criteria, expected] : vectors) {
        INFO(criteria);
        CHECK(match(mode, criteria, *resource) == expected);
    }
}

} // namespace fhirscope::fhir::samples
