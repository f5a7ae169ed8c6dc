#pragma once
// The words of every finding: one list, which docs/diagnosis.md follows. What decides whether one holds is in
// rules_*.cpp.

#include "diagnosis/finding.hpp"

#include <array>
#include <span>
#include <string_view>

namespace fhirscope::diagnosis {

struct CatalogAdvice {
    std::string_view text, effect;
    Remedy remedy = Remedy::None;
};

struct CatalogEntry {
    std::string_view id;
    std::string_view name; // of the kind: "Heartbeat missed"
    Severity severity;
    std::string_view title;              // of a finding, at most 45 characters
    std::string_view explanation;        // cause → consequence → until when
    std::string_view decisive, negative; // questions
    std::array<CatalogAdvice, 2> advice{};
};

std::span<const CatalogEntry> catalog();
// Null: there is no such finding.
const CatalogEntry* catalog_entry(std::string_view id);

} // namespace fhirscope::diagnosis
