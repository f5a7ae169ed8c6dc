#pragma once
// Search criteria, read and evaluated locally (PROTOCOL F).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/resource.hpp"
#include "fhir/result.hpp"

namespace fhirscope::fhir {

enum class Match : std::uint8_t { No, Yes, Unknown };

// Whose rules: the specification's, or those that Medplum's matcher really follows (PROTOCOL F3, F4).
enum class MatchMode : std::uint8_t { Spec, Medplum };

struct CriteriaParameter {
    std::string name;                // "status"
    std::string modifier;            // "not", "missing", …; "" for none
    std::vector<std::string> values; // OR-ed, percent-decoded, unescaped, prefix still on
};

struct CriteriaWarning {
    std::string code;    // "unknown-parameter", "unsupported-type", "modifier", "reference-form", "date-comma", "date-prefix"
    std::string message; // what will happen, and what to write instead
};

class Criteria {
public:
    // Errors: "criteria", with the offset. "Task", "Task?status=requested,in-progress&owner=Practitioner/1".
    static Result<Criteria> parse(std::string_view text);

    const std::string& type() const { return type_; }
    const std::vector<CriteriaParameter>& parameters() const { return parameters_; }
    const std::string& source() const { return source_; }

    Match matches(const Resource& resource, MatchMode mode) const;
    // Why a Medplum server would silently never fire for these criteria, before they are sent (PROTOCOL F3, H1).
    std::vector<CriteriaWarning> lint() const;

private:
    std::string source_, type_;
    std::vector<CriteriaParameter> parameters_;
};

// "a%20b+c" → "a b c".
std::string percent_decode(std::string_view text);
// For one value in a query string: everything but unreserved characters and "/,:|$-" is escaped.
std::string percent_encode(std::string_view text);

} // namespace fhirscope::fhir
