#include "fhir/sequence.hpp"

#include <algorithm>
#include <cstdint>

namespace fhirscope::fhir {
namespace {

// lengths(i, j): of the longest common subsequence of what follows i in one and j in the other.
class Lengths {
public:
    Lengths(std::span<const std::size_t> base, std::span<const std::size_t> other)
        : width_(other.size() + 1), lengths_((base.size() + 1) * width_) {
        for (std::size_t i = base.size(); i-- > 0;)
            for (std::size_t j = other.size(); j-- > 0;)
                lengths_[i * width_ + j] = base[i] == other[j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                                               : std::max(at(i + 1, j), at(i, j + 1));
    }
    std::uint16_t at(std::size_t i, std::size_t j) const { return lengths_[i * width_ + j]; }

private:
    std::size_t width_;
    std::vector<std::uint16_t> lengths_;
};

} // namespace

std::optional<std::vector<Hunk>> hunks_between(std::span<const std::size_t> base, std::span<const std::size_t> other) {
    const std::size_t shorter = std::min(base.size(), other.size());
    std::size_t front = 0;
    while (front < shorter && base[front] == other[front]) ++front;
    std::size_t back = 0;
    while (back < shorter - front && base[base.size() - 1 - back] == other[other.size() - 1 - back]) ++back;
    base = base.subspan(front, base.size() - front - back);
    other = other.subspan(front, other.size() - front - back);
    if (base.size() > max_compared_elements || other.size() > max_compared_elements) return std::nullopt;

    const Lengths lengths(base, other);
    std::vector<Hunk> hunks;
    for (std::size_t i = 0, j = 0; i < base.size() || j < other.size();) {
        Hunk hunk{front + i, 0, front + j, 0};
        while ((i < base.size() || j < other.size()) && !(i < base.size() && j < other.size() && base[i] == other[j])) {
            if (j == other.size() || (i < base.size() && lengths.at(i + 1, j) >= lengths.at(i, j + 1)))
                ++i;
            else
                ++j;
        }
        hunk.base_end = front + i;
        hunk.end = front + j;
        hunks.push_back(hunk);
        while (i < base.size() && j < other.size() && base[i] == other[j]) {
            ++i;
            ++j;
        }
    }
    return hunks;
}

} // namespace fhirscope::fhir
