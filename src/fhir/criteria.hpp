#pragma once
// Search criteria, read and evaluated locally (PROTOCOL F).

#include "fhir/resource.hpp"
#include "fhir/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// Unknown: this cannot be decided from the resource alone (chained parameters, types outside our tables, modifiers that
// need a terminology); ask the server, and never take it for No.
enum class Match : std::uint8_t { No, Yes, Unknown };

// Whose rules: the specification's, or those that Medplum's matcher really follows (PROTOCOL F3, F4; version 5.2.13,
// which differs from 5.0.10 in one thing: it lets a bare id match where a reference can have one type only).
enum class MatchMode : std::uint8_t { Spec, Medplum };

struct CriteriaParameter {
    std::string name;                // "status"
    std::string modifier;            // "not", "missing", …; "" for none
    std::vector<std::string> values; // OR-ed, percent-decoded, unescaped, prefix still on
};

struct CriteriaWarning {
    std::string code;    // "unknown-parameter", "unsupported-type", "modifier", "reference-form", "date-comma",
                         // "date-prefix", "date-value", "token-system"
    std::string message; // what will happen, and what to write instead
};

struct CriteriaProgram;

class Criteria {
public:
    // Errors: Criteria, with the offset. "Task", "Task?status=requested,in-progress&owner=Practitioner/1"; a path
    // before the type is passed over, as Medplum does ("/Task?status=requested").
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
    std::shared_ptr<const CriteriaProgram> program_; // the parameters prepared for matching; shared by copies
};

} // namespace fhirscope::fhir
