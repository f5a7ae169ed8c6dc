#pragma once
// How sequences differ: the least that was replaced, by longest common subsequence, between two and among three
// (diff3).

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fhirscope::fhir {

// Elements are numbered so that equal ones have equal numbers.
using Numbers = std::span<const std::size_t>;

// The elements [begin, end) of a sequence.
struct Range {
    std::size_t begin = 0, end = 0;

    std::size_t size() const { return end - begin; }
    Numbers of(Numbers sequence) const { return sequence.subspan(begin, size()); }
};

// `base` was replaced by `other`. Between two hunks at least one element is the same in both.
struct Hunk {
    Range base, other;

    bool is_insertion() const { return base.size() == 0; }
};

// The table of lengths grows with the product of the sizes; this bounds each, after equal ends are cut off.
inline constexpr std::size_t max_compared_elements = 512;

// nullopt: more than max_compared_elements.
std::optional<std::vector<Hunk>> hunks_between(Numbers base, Numbers other);

// A place at which one side or both replaced something. What lies between two regions is the same in all three.
struct Region {
    Range base, local, server;

    std::size_t slots() const { return std::max({base.size(), local.size(), server.size()}); }
};

// What both sides did at different places is in different regions, in the order of the base; what one inserted at an
// end of what the other replaced is before or behind it. nullopt: more than max_compared_elements.
std::optional<std::vector<Region>> regions_among(Numbers base, Numbers local, Numbers server);

// Whether an element that one side moved was also moved, inserted, changed or removed by the other, so that taking both
// edits would give it twice, or bring it back.
bool has_contested_move(std::span<const Region> regions, Numbers base, Numbers local, Numbers server);

} // namespace fhirscope::fhir
