#include "fhir/sequence.hpp"

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace fhirscope::fhir {
namespace {

// at(i, j): of the longest common subsequence of what follows i in one and j in the other.
class Lengths {
public:
    Lengths(Numbers base, Numbers other) : width_(other.size() + 1), lengths_((base.size() + 1) * width_) {
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

// One side's hunks in their order.
class HunkReader {
public:
    explicit HunkReader(std::span<const Hunk> hunks) : left_(hunks) {}

    bool at_end() const { return left_.empty(); }
    const Hunk& next() const { return left_.front(); }

    // Where a place of the base between the hunks before and the next is on this side.
    std::size_t place(std::size_t base) const { return base - done_.base.end + done_.other.end; }

    // Takes the next hunk into the range if they have a place in common. Two insertions at one place have; one at an
    // end of the range has not, for it is before or behind it.
    bool take_into(Range& base) {
        if (at_end()) return false;
        const Range& own = next().base;
        const bool is_same_insertion = own.size() == 0 && base.size() == 0 && own.begin == base.begin;
        if (!is_same_insertion && !(own.begin < base.end && base.begin < own.end)) return false;
        base.end = std::max(base.end, own.end);
        done_ = next();
        left_ = left_.subspan(1);
        return true;
    }

private:
    std::span<const Hunk> left_;
    Hunk done_;
};

// In which regions one side inserted an element, and whether it removed it.
struct Fate {
    std::unordered_set<std::size_t> inserted;
    bool is_removed = false;
};

std::unordered_map<std::size_t, Fate> fates(std::span<const Region> regions, Range Region::*side, Numbers base,
                                            Numbers own) {
    std::unordered_map<std::size_t, Fate> found;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const Numbers before = regions[i].base.of(base);
        const Numbers after = (regions[i].*side).of(own);
        const std::unordered_set<std::size_t> was(before.begin(), before.end());
        const std::unordered_set<std::size_t> is(after.begin(), after.end());
        for (const std::size_t number : is)
            if (!was.contains(number)) found[number].inserted.insert(i);
        for (const std::size_t number : was)
            if (!is.contains(number)) found[number].is_removed = true;
    }
    return found;
}

} // namespace

std::optional<std::vector<Hunk>> hunks_between(Numbers base, Numbers other) {
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
    std::size_t i = 0;
    std::size_t j = 0;
    const auto is_same = [&] { return i < base.size() && j < other.size() && base[i] == other[j]; };
    while (i < base.size() || j < other.size()) {
        Hunk hunk{{front + i, 0}, {front + j, 0}};
        while ((i < base.size() || j < other.size()) && !is_same())
            if (j == other.size() || (i < base.size() && lengths.at(i + 1, j) >= lengths.at(i, j + 1)))
                ++i;
            else
                ++j;
        hunk.base.end = front + i;
        hunk.other.end = front + j;
        hunks.push_back(hunk);
        while (is_same()) {
            ++i;
            ++j;
        }
    }
    return hunks;
}

std::optional<std::vector<Region>> regions_among(Numbers base, Numbers local, Numbers server) {
    const auto local_hunks = hunks_between(base, local);
    const auto server_hunks = hunks_between(base, server);
    if (!local_hunks || !server_hunks) return std::nullopt;
    HunkReader of_local(*local_hunks);
    HunkReader of_server(*server_hunks);
    // An insertion comes before what was replaced behind it.
    const auto is_before = [](const Range& a, const Range& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    };
    std::vector<Region> regions;
    while (!of_local.at_end() || !of_server.at_end()) {
        const bool is_local_next =
            of_server.at_end() || (!of_local.at_end() && is_before(of_local.next().base, of_server.next().base));
        Region region;
        region.base = is_local_next ? of_local.next().base : of_server.next().base;
        region.local.begin = of_local.place(region.base.begin);
        region.server.begin = of_server.place(region.base.begin);
        while (of_local.take_into(region.base) || of_server.take_into(region.base)) {
        }
        region.local.end = of_local.place(region.base.end);
        region.server.end = of_server.place(region.base.end);
        regions.push_back(region);
    }
    return regions;
}

bool has_contested_move(std::span<const Region> regions, Numbers base, Numbers local, Numbers server) {
    const auto by_local = fates(regions, &Region::local, base, local);
    const auto by_server = fates(regions, &Region::server, base, server);
    return std::ranges::any_of(by_local, [&](const auto& entry) {
        const auto other = by_server.find(entry.first);
        if (other == by_server.end()) return false;
        const Fate& mine = entry.second;
        const Fate& theirs = other->second;
        const bool are_both_removed = mine.is_removed && theirs.is_removed;
        const bool are_both_inserted = !mine.inserted.empty() && !theirs.inserted.empty();
        return mine.inserted != theirs.inserted && (are_both_removed || are_both_inserted);
    });
}

} // namespace fhirscope::fhir
