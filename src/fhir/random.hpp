#pragma once
// Seeded randomness. The same seed gives the same numbers on every platform and standard library, which the
// distributions of <random> do not promise.

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

namespace fhirscope {

__extension__ using Wide = unsigned __int128;

// splitmix64: one word of state, passes the usual tests, and a stream can be split off by name.
class Random {
public:
    explicit Random(std::uint64_t seed = 1) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

    // [0, 1)
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    // 0 … bound-1; 0 when bound is 0. The bias of the multiplication is below 2^-32 for every bound used here.
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
    }
    // low … high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    // True in `percent` of 100 cases.
    bool chance(unsigned percent) { return below(100) < percent; }

    template <class T, std::size_t N>
    const T& pick(const std::array<T, N>& items) {
        return items[below(N)];
    }
    template <class T>
    const T& pick(std::span<const T> items) {
        return items[below(items.size())];
    }

    // A generator of its own, so that what one part draws does not move what another draws.
    Random split(std::uint64_t name) { return Random(next() ^ (name * 0xd6e8feb86659fd93ULL)); }

    // A version 4 UUID, lower case.
    std::string uuid();

    template <class A>
    void archive(A& a) {
        a(state_);
    }

private:
    std::uint64_t state_;
};

} // namespace fhirscope
