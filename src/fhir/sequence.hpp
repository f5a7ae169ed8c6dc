#pragma once
// How one sequence differs from another: the least that was replaced, by longest common subsequence.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fhirscope::fhir {

// [base_begin, base_end) of the base stands as [begin, end) in the other. Between two hunks at least one element is the
// same in both.
struct Hunk {
    std::size_t base_begin = 0, base_end = 0;
    std::size_t begin = 0, end = 0;

    bool is_insertion() const { return base_begin == base_end; }
};

// The table of lengths grows with the product of the sizes; this bounds each, after equal ends are cut off.
inline constexpr std::size_t max_compared_elements = 512;

// Elements are numbered so that equal ones have equal numbers. nullopt: more than max_compared_elements.
std::optional<std::vector<Hunk>> hunks_between(std::span<const std::size_t> base, std::span<const std::size_t> other);

} // namespace fhirscope::fhir
